import { bootService } from '@tieout/service-kit';
import { GOVERNANCE_MIGRATIONS } from './adapters/postgres/migrations/index.js';
import { appModule } from './app.module.js';

await bootService({
  name: 'governance',
  context: 'governance',
  module: appModule,
  migrations: GOVERNANCE_MIGRATIONS,
});
