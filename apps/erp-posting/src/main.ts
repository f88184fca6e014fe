import { CONNECTORS } from '@tieout/connectors';
import { bootService } from '@tieout/service-kit';
import { POSTING_MIGRATIONS } from './adapters/postgres/migrations/index.js';
import { appModule } from './app.module.js';

await bootService({
  name: 'erp-posting',
  context: 'posting',
  module: (runtime) => appModule(runtime, CONNECTORS),
  migrations: POSTING_MIGRATIONS,
});
