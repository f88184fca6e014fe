import { PostingLedger1763856100000 } from './1763856100000-posting-ledger.js';

export const POSTING_MIGRATIONS = [PostingLedger1763856100000];
