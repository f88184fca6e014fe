import type { Clock } from '@tieout/clock';
import type { Context } from '@tieout/contracts';
import {
  appendAudit,
  appendOutbox,
  type Database,
  type MasterReadModel,
  type NewAuditRow,
  type NewEvent,
  type Tx,
} from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import type { ConnectionStore } from '../adapters/postgres/connection.store.js';
import type { DocumentStore } from '../adapters/postgres/document.store.js';
import type { PostingStore } from '../adapters/postgres/posting.store.js';
import type { TargetStore } from '../adapters/postgres/target.store.js';

export const POSTING: Context = 'posting';
export const SERVICE_ACTOR = 'service:erp-posting';

/** Wake-ups between the steps; each step also polls. */
export const CHANNELS = { plan: 'posting_plan', freeze: 'posting_freeze', send: 'posting_send' } as const;

/** What every step of posting needs: the tables, the clock and the rules in force. */
export interface Ledger {
  readonly database: Database;
  readonly targets: TargetStore;
  readonly postings: PostingStore;
  readonly documents: DocumentStore;
  readonly connections: ConnectionStore;
  readonly master: MasterReadModel;
  readonly clock: Clock;
  readonly policy: { current(): Pick<CompiledPolicy, 'digest' | 'calendar' | 'account'> };
  /** Which process wrote an attempt. */
  readonly instance: string;
}

export type AuditNote = Omit<NewAuditRow, 'actor' | 'policyDigest'> & { readonly actor?: string };

/** Audit and outbox rows, in the transaction of the change that they tell. */
export const tell = async (
  tx: Tx,
  ledger: Ledger,
  notes: { readonly audit: readonly AuditNote[]; readonly events: readonly NewEvent[] },
): Promise<void> => {
  const now = ledger.clock.now();
  const policyDigest = ledger.policy.current().digest;
  await appendAudit(
    tx,
    notes.audit.map((row) => ({ actor: SERVICE_ACTOR, policyDigest, ...row })),
    now,
  );
  await appendOutbox(tx, POSTING, notes.events, now);
};
