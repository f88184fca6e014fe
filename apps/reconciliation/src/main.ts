import { bootService } from '@tieout/service-kit';
import { RECONCILIATION_MIGRATIONS } from './adapters/postgres/migrations/index.js';
import { appModule } from './app.module.js';

await bootService({
  name: 'reconciliation',
  context: 'reconciliation',
  module: appModule,
  migrations: RECONCILIATION_MIGRATIONS,
});
