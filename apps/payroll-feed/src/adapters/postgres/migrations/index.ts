import { DELIVERY_MIGRATIONS } from '@tieout/delivery/postgres';
import type { MigrationClass } from '@tieout/persistence';
import { PayRuns1763950000000 } from './1763950000000-pay-runs.js';

export const MIGRATIONS: MigrationClass[] = [...DELIVERY_MIGRATIONS, PayRuns1763950000000];
