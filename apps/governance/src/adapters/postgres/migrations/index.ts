import type { MigrationClass } from '@tieout/persistence';
import { PolicyLifeCycle1764028800000 } from './1764028800000-policy-life-cycle.js';
import { AuditCheckpoints1764028800100 } from './1764028800100-audit-checkpoints.js';
import { Onboardings1764090000000 } from './1764090000000-onboardings.js';
import { BundlePlans1764028800200 } from './1764028800200-bundle-plans.js';

export const GOVERNANCE_MIGRATIONS: readonly MigrationClass[] = [
  PolicyLifeCycle1764028800000,
  AuditCheckpoints1764028800100,
  BundlePlans1764028800200,
  Onboardings1764090000000,
];
