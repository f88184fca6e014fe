import { DELIVERY_MIGRATIONS } from '@tieout/delivery/postgres';
import type { MigrationClass } from '@tieout/persistence';
import { Warehouses1763942000000 } from './1763942000000-warehouses.js';

/** The delivery engine's tables, and what only a warehouse needs. */
export const MIGRATIONS: MigrationClass[] = [...DELIVERY_MIGRATIONS, Warehouses1763942000000];
