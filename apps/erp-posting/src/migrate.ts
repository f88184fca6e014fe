import { runMigrationCommand } from '@tieout/persistence';
import { DELIVERY_MIGRATIONS } from '@tieout/delivery/postgres';

await runMigrationCommand(DELIVERY_MIGRATIONS);
