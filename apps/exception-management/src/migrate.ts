import { runMigrationCommand } from '@tieout/persistence';
import { EXCEPTION_MANAGEMENT_MIGRATIONS } from './adapters/postgres/migrations/index.js';

await runMigrationCommand(EXCEPTION_MANAGEMENT_MIGRATIONS);
