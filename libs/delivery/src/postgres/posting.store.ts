import type { Tx } from '@tieout/persistence';
import { lineHash, type Target } from '../domain/ledger.js';
import { postingMove, type PostingEvent } from '../domain/posting-states.js';
import type { Block, LinePlace, Placement, PlannedLine, Postings } from '../engine/ports.js';
import type { PostingRow } from '../engine/rows.js';
import { LINE_STATE, OUT, POSTING_COLUMNS, UNPLACED } from './posting.table.js';

/** The ledger: content is written once, state follows the transition table, everything in sets. */
export class PostingStore implements Postings {
  /**
   * Locks every line of these entries in these destinations; a few more where they have several. Lock their documents first. No join:
   * PostgreSQL (18.4) leaves rows out of a nested loop over partitions, sorted and locked, when they were changed while it waited for
   * their lock.
   */
  async lockOf(tx: Tx, targets: readonly Target[]): Promise<PostingRow[]> {
    return tx.query<PostingRow>(
      `select ${POSTING_COLUMNS} from posting p where p.entry_id = any($1::uuid[]) and p.destination = any($2::text[])
       order by p.entry_id, p.seq for update`,
      [[...new Set(targets.map((t) => t.entryId))], [...new Set(targets.map((t) => t.destination))]],
    );
  }

  async placesOf(tx: Tx, targets: readonly Target[]): Promise<LinePlace[]> {
    return tx.query<LinePlace>(
      `select p.entry_id as "entryId", p.destination, p.document_key as "documentKey" from posting p
       where p.entry_id = any($1::uuid[]) and p.destination = any($2::text[])`,
      [[...new Set(targets.map((t) => t.entryId))], [...new Set(targets.map((t) => t.destination))]],
    );
  }

  async insert(tx: Tx, lines: readonly PlannedLine[], now: string): Promise<void> {
    if (lines.length === 0) return;
    await tx.query(
      `insert into posting (entry_id, posting_key, destination, legal_entity_id, release_no, leg, kind, reverses, origin, content, content_hash,
         state, anchor_period, traceparent, lane, rank, created_at, updated_at)
       select "entryId", "postingKey", destination, content ->> 'legalEntityId', "releaseNo", leg, kind, reverses, origin, content, hash,
         'pending', "anchorPeriod", traceparent, lane, rank, $2, $2
       from jsonb_to_recordset($1::jsonb) as r("entryId" uuid, "postingKey" uuid, destination text, "releaseNo" int, leg text, kind text, reverses uuid,
         origin text, content jsonb, hash uuid, "anchorPeriod" text, traceparent text, lane text, rank bigint)`,
      [JSON.stringify(lines.map((line) => ({ ...line, hash: lineHash(line.content) }))), now],
    );
  }

  /** Moves single lines. */
  async move(
    tx: Tx,
    event: PostingEvent,
    lines: readonly { postingKey: string; entryId: string; message?: string | null }[],
    now: string,
  ): Promise<void> {
    if (lines.length === 0) return;
    const { from, to } = postingMove(event);
    await tx.query(
      `update posting p set state = $4, message = u.message, updated_at = $6, document_key = case when $7 then null else p.document_key end,
         blocked_reason = null, blocked_detail = null, recheck = false
       from unnest($1::uuid[], $2::uuid[], $3::text[]) as u(entry_id, posting_key, message)
       where p.entry_id = u.entry_id and p.posting_key = u.posting_key and ${LINE_STATE} = any($5::text[])`,
      [
        lines.map((l) => l.entryId),
        lines.map((l) => l.postingKey),
        lines.map((l) => l.message ?? null),
        to,
        from,
        now,
        // Owed no longer or owed anew: not a member of the document that failed.
        event === 'cancel' || event === 'retry',
      ],
    );
  }

  /** Lines of a document that leave it: they freeze anew. */
  async release(
    tx: Tx,
    lines: readonly { postingKey: string; entryId: string }[],
    refused: { period: string; revision: number } | undefined,
  ): Promise<void> {
    if (lines.length === 0) return;
    await tx.query(
      `update posting p set ${UNPLACED}, refused_periods = p.refused_periods || $3::jsonb
       from unnest($1::uuid[], $2::uuid[]) as u(entry_id, posting_key)
       where p.entry_id = u.entry_id and p.posting_key = u.posting_key and p.state not in ${OUT}`,
      [
        lines.map((l) => l.entryId),
        lines.map((l) => l.postingKey),
        JSON.stringify(refused === undefined ? {} : { [refused.period]: refused.revision }),
      ],
    );
  }

  async releaseDocuments(tx: Tx, documentKeys: readonly string[]): Promise<void> {
    await tx.query(`update posting set ${UNPLACED} where document_key = any($1::uuid[]) and state not in ${OUT}`, [documentKeys]);
  }

  /** Locks pending lines that no document holds and that may have a period now, oldest first. */
  async lockFreezable(tx: Tx, destination: string, limit: number): Promise<PostingRow[]> {
    return tx.query<PostingRow>(
      `select ${POSTING_COLUMNS} from posting p
       where p.destination = $1 and p.waiting and (p.blocked_reason is null or p.recheck)
         and (p.not_before is null or p.not_before <= clock_timestamp())
       order by p.rank, p.seq limit $2 for update skip locked`,
      [destination, limit],
    );
  }

  /** The accounts that the reversed lines were booked to, by the reversal's key: policy may say otherwise by now. */
  async accountsReversed(
    tx: Tx,
    rows: readonly PostingRow[],
  ): Promise<Map<string, { account: string; balancingAccount: string }>> {
    const reversals = rows.filter((row) => row.reverses !== null);
    if (reversals.length === 0) return new Map();
    const found = await tx.query<{ key: string; account: string; balancingAccount: string }>(
      `select u.key, p.account, p.balancing_account as "balancingAccount" from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as u(key, entry_id, reverses)
       join posting p on p.entry_id = u.entry_id and p.posting_key = u.reverses where p.account is not null and p.balancing_account is not null`,
      [reversals.map((row) => row.postingKey), reversals.map((row) => row.entryId), reversals.map((row) => row.reverses)],
    );
    return new Map(found.map(({ key, ...accounts }) => [key, accounts]));
  }

  async place(tx: Tx, placements: readonly Placement[], now: string): Promise<void> {
    if (placements.length === 0) return;
    await tx.query(
      `update posting p set state = 'pending', document_key = r."documentKey", account = r.account, balancing_account = r."balancingAccount",
         posting_period = d.posting_period, posting_date = d.posting_date, blocked_reason = null, blocked_detail = null, recheck = false, updated_at = $2
       from jsonb_to_recordset($1::jsonb) as r("documentKey" uuid, "postingKey" uuid, "entryId" uuid, account text, "balancingAccount" text)
       join document d on d.document_key = r."documentKey"
       where p.entry_id = r."entryId" and p.posting_key = r."postingKey" and p.state not in ${OUT}`,
      [JSON.stringify(placements), now],
    );
  }

  async block(tx: Tx, blocks: readonly Block[], now: string): Promise<void> {
    if (blocks.length === 0) return;
    await tx.query(
      `update posting p set blocked_reason = r.reason, blocked_detail = r.detail, recheck = false, updated_at = $2
       from jsonb_to_recordset($1::jsonb) as r("postingKey" uuid, "entryId" uuid, reason text, detail text)
       where p.entry_id = r."entryId" and p.posting_key = r."postingKey"`,
      [JSON.stringify(blocks), now],
    );
  }

  async defer(tx: Tx, lines: readonly { postingKey: string; entryId: string }[], forMs: number): Promise<void> {
    if (lines.length === 0) return;
    await tx.query(
      `update posting p set not_before = clock_timestamp() + $3 * interval '1 millisecond', blocked_reason = null, blocked_detail = null, recheck = false
       from unnest($1::uuid[], $2::uuid[]) as u(entry_id, posting_key)
       where p.entry_id = u.entry_id and p.posting_key = u.posting_key`,
      [lines.map((l) => l.entryId), lines.map((l) => l.postingKey), forMs],
    );
  }

  /** Blocked and early lines of these legal entities (of all, when none are given) are looked at again. */
  async recheckBlocked(tx: Tx, legalEntityIds?: readonly string[]): Promise<void> {
    await tx.query(
      `update posting set recheck = blocked_reason is not null, not_before = null
       where (blocked_reason is not null or (waiting and not_before is not null)) and ($1::text[] is null or legal_entity_id = any($1))`,
      [legalEntityIds ?? null],
    );
  }

  /** A person says: try that period again. */
  async forgetRefusal(tx: Tx, lines: readonly { postingKey: string; entryId: string }[]): Promise<void> {
    if (lines.length === 0) return;
    await tx.query(
      `update posting p set refused_periods = '{}', recheck = true from unnest($1::uuid[], $2::uuid[]) as u(entry_id, posting_key)
       where p.entry_id = u.entry_id and p.posting_key = u.posting_key`,
      [lines.map((l) => l.entryId), lines.map((l) => l.postingKey)],
    );
  }

  async lockByKeys(tx: Tx, postingKeys: readonly string[]): Promise<PostingRow[]> {
    return tx.query<PostingRow>(
      `select ${POSTING_COLUMNS} from posting p where p.posting_key = any($1::uuid[]) order by p.entry_id, p.seq for update`,
      [postingKeys],
    );
  }

  async ofDocuments(tx: Tx, documentKeys: readonly string[]): Promise<PostingRow[]> {
    return tx.query<PostingRow>(
      `select ${POSTING_COLUMNS} from posting p where p.document_key = any($1::uuid[]) order by p.posting_key`,
      [documentKeys],
    );
  }

  async ofEntry(tx: Tx, entryId: string): Promise<PostingRow[]> {
    return tx.query<PostingRow>(`select ${POSTING_COLUMNS} from posting p where p.entry_id = $1 order by p.seq`, [entryId]);
  }
}
