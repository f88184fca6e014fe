import { TimeEntries1763856000000 } from './1763856000000-time-entries.js';
import { PlansAndOverrides1764000000000 } from './1764000000000-plans-and-overrides.js';
import { ErasedSourceRecords1764090000200 } from './1764090000200-erased-source-records.js';

export const TIME_INGESTION_MIGRATIONS = [
  TimeEntries1763856000000,
  PlansAndOverrides1764000000000,
  ErasedSourceRecords1764090000200,
];
