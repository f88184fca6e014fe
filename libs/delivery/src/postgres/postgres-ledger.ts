import type { Clock } from '@tieout/clock';
import { appendAudit, appendOutbox, MasterReadModel, notify, recordReceipts, type Database } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import { v7 } from 'uuid';
import type { FeedRules, Ledger, Notices, Timers } from '../engine/ports.js';
import { RestoreGuard, type Witness } from '../engine/restore-guard.js';
import { ConnectionStore } from './connection.store.js';
import { DocumentStore } from './document.store.js';
import { PostingStore } from './posting.store.js';
import { TargetStore } from './target.store.js';

const NOTICES: Notices = { audit: appendAudit, outbox: appendOutbox, receipts: recordReceipts, wake: notify };

export const SYSTEM_TIMERS: Timers = {
  monotonicMs: () => performance.now(),
  // Not the promised setTimeout of Node: it makes an error, with its stack, for each sleep that is cut short, and nearly all are.
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      signal?.addEventListener('abort', () => clearTimeout(timer), { once: true });
    }),
};

/** The ledger of a feed in PostgreSQL, with the stores' whole width for reading. */
export const postgresLedger = (o: {
  readonly database: Database;
  readonly clock: Clock;
  readonly policy: { current(): Pick<CompiledPolicy, 'digest'> };
  readonly instance: string;
  readonly rules: FeedRules;
  readonly witness?: Witness | undefined;
}) =>
  ({
    ...o,
    targets: new TargetStore(),
    postings: new PostingStore(),
    documents: new DocumentStore(),
    connections: new ConnectionStore(),
    notices: NOTICES,
    master: new MasterReadModel(),
    timers: SYSTEM_TIMERS,
    newKey: v7,
    guard: new RestoreGuard(o.witness),
  }) satisfies Ledger;

export type PostgresLedger = ReturnType<typeof postgresLedger>;
