import { runMigrationCommand } from '@tieout/persistence';
import { POSTING_MIGRATIONS } from './adapters/postgres/migrations/index.js';

await runMigrationCommand(POSTING_MIGRATIONS);
