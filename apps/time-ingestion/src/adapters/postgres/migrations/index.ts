import { TimeEntries1763856000000 } from './1763856000000-time-entries.js';

export const TIME_INGESTION_MIGRATIONS = [TimeEntries1763856000000];
