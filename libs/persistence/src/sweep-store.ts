import { MUST_RECEIVE, type Context, type EventType } from '@tieout/contracts';
import type { Tx } from './database.js';
import { OUTBOX_CHANNEL } from './outbox.js';
import { hashOf } from './receipts.js';
import type { BucketSum } from './sweep-decisions.js';

/** What a consumer still has to confirm: $1 the consumer, $2 its event types, $3 the newest bucket to look at. */
const OPEN = `o.published_at is not null and o.type = any($2::text[]) and o.bucket <= $3 and not o.matched_by @> array[$1::text]`;
const SUMS = `select o.bucket, count(*) as count, ${hashOf('o.event_id')} as hash from outbox o where ${OPEN} group by o.bucket`;
/** Type and who must have it, as rows. */
const NEEDS = `jsonb_to_recordset($4::jsonb) as n(type text, consumers text[])`;
const NEEDS_PARAM = JSON.stringify(Object.entries(MUST_RECEIVE).map(([type, consumers]) => ({ type, consumers })));

export interface Confirming {
  readonly consumer: Context;
  readonly types: readonly EventType[];
  readonly lastBucket: number;
}

const params = ({ consumer, types, lastBucket }: Confirming): unknown[] => [consumer, types, lastBucket];

export const openSums = (db: Tx, who: Confirming): Promise<BucketSum[]> =>
  db.query<BucketSum>(`${SUMS} order by bucket`, params(who));

export interface OpenRow {
  readonly event_id: string;
  readonly emission: number;
  readonly publishedAtMs: number;
}

export const openRows = (db: Tx, who: Confirming, bucket: number): Promise<OpenRow[]> =>
  db.query<OpenRow>(
    `select o.event_id, o.emission, floor(extract(epoch from o.published_at) * 1000)::bigint as "publishedAtMs"
     from outbox o where ${OPEN} and o.bucket = $4`,
    [...params(who), bucket],
  );

/** Rows chosen by `target` are the consumer's now; whoever was the last to confirm a row, it goes. @returns how many went. */
const confirm = async (db: Tx, target: string, values: unknown[]): Promise<number> => {
  const [row] = await db.query<{ gone: number }>(
    `with target as materialized (
       select o.id, (o.matched_by || $1::text) @> n.consumers as complete from outbox o join ${NEEDS} on n.type = o.type ${target}
     ), gone as (
       delete from outbox o using target t where o.id = t.id and t.complete returning 1
     ), marked as (
       update outbox o set matched_by = o.matched_by || $1::text from target t where o.id = t.id and not t.complete
     )
     select count(*) as gone from gone`,
    values,
  );
  return row?.gone ?? 0;
};

/**
 * Confirms whole buckets. The sums are taken again in the statement that marks, in one snapshot: a row that was committed since the
 * consumer was asked makes its bucket differ, and the bucket waits for the next sweep.
 */
export const confirmBuckets = (db: Tx, who: Confirming, sums: readonly BucketSum[]): Promise<number> =>
  sums.length === 0
    ? Promise.resolve(0)
    : confirm(
        db,
        `join (${SUMS}) s on s.bucket = o.bucket
         join unnest($5::bigint[], $6::bigint[], $7::text[]) as a(bucket, count, hash) on (a.bucket, a.count, a.hash) = (s.bucket, s.count, s.hash)
         where ${OPEN}`,
        [
          ...params(who),
          NEEDS_PARAM,
          sums.map(({ bucket }) => bucket),
          sums.map(({ count }) => count),
          sums.map(({ hash }) => hash),
        ],
      );

export const confirmIds = (db: Tx, who: Confirming, bucket: number, ids: readonly string[]): Promise<number> =>
  ids.length === 0
    ? Promise.resolve(0)
    : confirm(db, `where ${OPEN} and o.bucket = $5 and o.event_id = any($6::uuid[])`, [...params(who), NEEDS_PARAM, bucket, ids]);

/** @returns how many rows will go out again. */
export async function emitAgain(db: Tx, eventIds: readonly string[]): Promise<number> {
  if (eventIds.length === 0) return 0;
  const rows = await db.query(
    `with again as (
       update outbox set emission = emission + 1, published_at = null, claimed_until = null
       where event_id = any($1::uuid[]) and published_at is not null returning 1
     ), woken as (select pg_notify('${OUTBOX_CHANNEL}', ''))
     select 1 from again, woken`,
    [eventIds],
  );
  return rows.length;
}

/** Rows that nobody has to confirm (any more): a newer revision of the object is in the outbox, or all who must receive it have. */
export async function dropFinished(db: Tx, lastBucket: number): Promise<number> {
  const superseded = await db.query(
    `delete from outbox o using (select subject, max(revision) as newest from outbox where revision is not null group by subject) s
     where o.subject = s.subject and o.revision < s.newest and o.published_at is not null returning 1`,
  );
  const complete = await db.query(
    `delete from outbox o using jsonb_to_recordset($2::jsonb) as n(type text, consumers text[])
     where n.type = o.type and o.published_at is not null and o.bucket <= $1 and o.matched_by @> n.consumers returning 1`,
    [lastBucket, NEEDS_PARAM],
  );
  return superseded.length + complete.length;
}
