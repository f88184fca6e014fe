import type { NewAuditRow, NewEvent, Tx } from '@tieout/persistence';
import type { Ledger } from './ports.js';

/** Wake-ups between the steps; each step also polls. */
export const CHANNELS = { plan: 'posting_plan', freeze: 'posting_freeze', send: 'posting_send' } as const;

export type AuditNote = Omit<NewAuditRow, 'actor' | 'policyDigest'> & { readonly actor?: string };

/** Audit and outbox rows, in the transaction of the change that they tell. */
export const tell = async (
  tx: Tx,
  ledger: Pick<Ledger, 'notices' | 'clock' | 'policy' | 'rules'>,
  news: { readonly audit: readonly AuditNote[]; readonly events: readonly NewEvent[] },
): Promise<void> => {
  const { notices, clock, policy, rules } = ledger;
  const now = clock.now();
  const policyDigest = policy.current().digest;
  if (news.audit.length > 0)
    await notices.audit(
      tx,
      news.audit.map((row) => ({ actor: rules.actor, policyDigest, ...row })),
      now,
    );
  if (news.events.length > 0) await notices.outbox(tx, rules.context, news.events, now);
};
