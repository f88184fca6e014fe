import { CONNECTORS } from '@tieout/connectors';
import { bootService } from '@tieout/service-kit';
import { DELIVERY_MIGRATIONS } from '@tieout/delivery/postgres';
import { appModule } from './app.module.js';

await bootService({
  name: 'erp-posting',
  context: 'posting',
  module: (runtime) => appModule(runtime, CONNECTORS),
  migrations: DELIVERY_MIGRATIONS,
  byKey: true,
});
