import { MUST_RECEIVE, type EventType } from '@tieout/contracts';
import type { Instant } from '@tieout/model';
import type { Tx } from './database.js';

export interface ClaimedRow {
  readonly id: number;
  readonly event_id: string;
  readonly emission: number;
  readonly type: EventType;
  readonly subject: string;
  readonly revision: number | null;
  readonly body: unknown;
  readonly traceparent: string | null;
  readonly created_at: Instant;
  readonly bucket: number;
}

/**
 * Takes rows for `leaseMs`; nobody else gets them meanwhile, and no transaction stays open while they are published. Goes by what is
 * unpublished, never by `id > last`: ids are given out before their transactions commit, so a lower one may appear later.
 */
export const claim = (db: Tx, limit: number, leaseMs: number): Promise<ClaimedRow[]> =>
  db.query<ClaimedRow>(
    `select id, event_id, emission, type, subject, revision, body, traceparent, created_at, bucket from outbox_claim($1, $2)`,
    [limit, leaseMs],
  );

// A row that was re-emitted meanwhile has lost its claim: then this publication was an older emission's.
const STILL_OURS = 'published_at is null and claimed_until is not null';

export async function markPublished(db: Tx, ids: readonly number[], now: Instant): Promise<void> {
  if (ids.length === 0) return;
  await db.query(`update outbox set published_at = $2, claimed_until = null where id = any($1::bigint[]) and ${STILL_OURS}`, [
    ids,
    now,
  ]);
}

/** A newer revision stands on the stream, so nobody can receive this one any more: it counts as matched. */
export async function markSuperseded(db: Tx, ids: readonly number[], type: EventType, now: Instant): Promise<void> {
  if (ids.length === 0) return;
  await db.query(
    `update outbox set published_at = $2, claimed_until = null, matched_by = $3::text[] where id = any($1::bigint[]) and ${STILL_OURS}`,
    [ids, now, MUST_RECEIVE[type]],
  );
}

/** Gives rows back, to be claimed again after `delayMs`. */
export async function release(db: Tx, ids: readonly number[], delayMs: number): Promise<void> {
  if (ids.length === 0) return;
  await db.query(
    `update outbox set claimed_until = clock_timestamp() + $2::float8 * interval '1 ms' where id = any($1::bigint[]) and published_at is null`,
    [ids, delayMs],
  );
}
