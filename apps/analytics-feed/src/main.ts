import { CONNECTORS } from '@tieout/connectors';
import { bootService } from '@tieout/service-kit';
import { MIGRATIONS } from './adapters/postgres/migrations/index.js';
import { appModule } from './app.module.js';

await bootService({
  name: 'analytics-feed',
  context: 'analytics',
  module: (runtime) => appModule(runtime, CONNECTORS),
  migrations: MIGRATIONS,
  byKey: true,
});
