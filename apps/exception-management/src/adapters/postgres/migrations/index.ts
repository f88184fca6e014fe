import { Cases1763856000000 } from './1763856000000-cases.js';
import { ClearedSignals1763942400000 } from './1763942400000-cleared-signals.js';
import { Suggestions1763985700000 } from './1763985700000-suggestions.js';

export const EXCEPTION_MANAGEMENT_MIGRATIONS = [Cases1763856000000, ClearedSignals1763942400000, Suggestions1763985700000];
