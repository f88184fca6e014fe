import type { MigrationClass } from '@tieout/persistence';
import { PostingLedger1763856100000 } from './1763856100000-posting-ledger.js';
import { DeliveryEngine1763938000000 } from './1763938000000-delivery-engine.js';
import { RateBudget1763940000000 } from './1763940000000-rate-budget.js';
import { WaitingPostings1763942000000 } from './1763942000000-waiting-postings.js';
import { DocumentContent1763948000000 } from './1763948000000-document-content.js';
import { LedgerImport1763946000000 } from './1763946000000-ledger-import.js';

/** The ledger's tables. Every feed has them in a database of its own. */
export const DELIVERY_MIGRATIONS: MigrationClass[] = [
  PostingLedger1763856100000,
  DeliveryEngine1763938000000,
  RateBudget1763940000000,
  WaitingPostings1763942000000,
  LedgerImport1763946000000,
  DocumentContent1763948000000,
];
