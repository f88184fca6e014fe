import { runMigrationCommand } from '@tieout/persistence';
import { GOVERNANCE_MIGRATIONS } from './adapters/postgres/migrations/index.js';

await runMigrationCommand(GOVERNANCE_MIGRATIONS);
