export { PostgresBudgetStore } from './budget.store.js';
export { DELIVERY_MIGRATIONS } from './migrations/index.js';
export { postgresLedger, SYSTEM_TIMERS, type PostgresLedger } from './postgres-ledger.js';
export { PostingStatus, type EntryPostings, type PostingView } from './posting-status.js';
export { LINE_STATE } from './posting.table.js';
