import { runMigrationCommand } from '@tieout/persistence';
import { RECONCILIATION_MIGRATIONS } from './adapters/postgres/migrations/index.js';

await runMigrationCommand(RECONCILIATION_MIGRATIONS);
