import { bootService } from '@tieout/service-kit';
import { TIME_INGESTION_MIGRATIONS } from './adapters/postgres/migrations/index.js';
import { appModule } from './app.module.js';

await bootService({ name: 'time-ingestion', context: 'time', module: appModule, migrations: TIME_INGESTION_MIGRATIONS });
