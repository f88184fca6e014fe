import { bootService } from '@tieout/service-kit';
import { EXCEPTION_MANAGEMENT_MIGRATIONS } from './adapters/postgres/migrations/index.js';
import { appModule } from './app.module.js';

await bootService({
  name: 'exception-management',
  context: 'exception',
  module: appModule,
  migrations: EXCEPTION_MANAGEMENT_MIGRATIONS,
});
