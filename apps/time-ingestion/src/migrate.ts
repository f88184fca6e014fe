import { runMigrationCommand } from '@tieout/persistence';
import { TIME_INGESTION_MIGRATIONS } from './adapters/postgres/migrations/index.js';

await runMigrationCommand(TIME_INGESTION_MIGRATIONS);
