import { runMigrationCommand } from '@tieout/persistence';
import { MIGRATIONS } from './adapters/postgres/migrations/index.js';

await runMigrationCommand(MIGRATIONS);
