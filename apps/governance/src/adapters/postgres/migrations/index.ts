import type { MigrationClass } from '@tieout/persistence';

export const GOVERNANCE_MIGRATIONS: readonly MigrationClass[] = [];
