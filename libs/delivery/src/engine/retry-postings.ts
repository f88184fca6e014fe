import type { NewEvent } from '@tieout/persistence';
import { sizeOf, ungated, type Gate } from './gate.js';
import { CHANNELS, tell } from './ledger.js';
import { lineCleared } from './ledger-events.js';
import type { Ledger } from './ports.js';
import type { PostingRow } from './rows.js';

export interface RetryAnswer {
  readonly retried: number;
  readonly refused: readonly { readonly postingKey: string; readonly why: string }[];
}

/** A person says that the cause is mended: rejected lines are owed again, blocked ones are looked at again. */
export class RetryPostings {
  constructor(private readonly ledger: Ledger) {}

  async retry(postingKeys: readonly string[], actor: string, gate: Gate = ungated): Promise<RetryAnswer> {
    const { database, postings, clock, rules, notices } = this.ledger;
    return database.transaction(async (tx) => {
      const now = clock.now();
      const rows = await postings.lockByKeys(tx, postingKeys);
      const rejected = rows.filter((row) => row.state === 'rejected');
      const blocked = rows.filter((row) => row.state === 'pending' && row.blockedReason !== null);
      const retried = [...rejected, ...blocked];
      await gate(tx, sizeOf(retried.map(({ content }) => content)));
      await postings.move(tx, 'retry', rejected, now);
      await postings.forgetRefusal(tx, retried);
      await tell(tx, this.ledger, {
        audit: retried.map((row) => ({
          actor,
          action: 'posting.retried',
          subjectKind: 'posting',
          subjectId: row.postingKey,
          legalEntityId: row.legalEntityId,
          before: { state: row.state, blocked: row.blockedReason },
          after: { state: 'pending' },
        })),
        events: rejected.map((row): NewEvent => lineCleared(rules, row, now)),
      });
      await notices.wake(tx, CHANNELS.freeze);
      return { retried: retried.length, refused: refusals(postingKeys, rows, new Set(retried)) };
    });
  }
}

const refusals = (keys: readonly string[], rows: readonly PostingRow[], retried: ReadonlySet<PostingRow>) => {
  const byKey = new Map(rows.map((row) => [row.postingKey, row]));
  return keys.flatMap((postingKey) => {
    const row = byKey.get(postingKey);
    if (row === undefined) return [{ postingKey, why: 'there is no such posting' }];
    return retried.has(row) ? [] : [{ postingKey, why: `it is ${row.state}; only rejected and blocked lines can be retried` }];
  });
};
