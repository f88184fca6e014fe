import type { MigrationClass } from '@tieout/persistence';
import { PolicyLifeCycle1764028800000 } from './1764028800000-policy-life-cycle.js';

export const GOVERNANCE_MIGRATIONS: readonly MigrationClass[] = [PolicyLifeCycle1764028800000];
