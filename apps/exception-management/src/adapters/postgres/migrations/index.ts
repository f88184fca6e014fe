import { Cases1763856000000 } from './1763856000000-cases.js';
import { ClearedSignals1763942400000 } from './1763942400000-cleared-signals.js';

export const EXCEPTION_MANAGEMENT_MIGRATIONS = [Cases1763856000000, ClearedSignals1763942400000];
