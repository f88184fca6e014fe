import type { ReceiptsAnswerV1, ReceiptsV1 } from '@tieout/contracts';
import type { ReceivedEvent } from '@tieout/messaging';
import type { Tx } from './database.js';

/** Ids come in pages: a busy minute's would not fit a NATS message. 10 000 of them take 400 kB; the server's limit is 1 MB. */
export const RECEIPT_PAGE = 10_000;

/** Sum mod 2^64 over the first 16 hex digits of md5(id): both ends compute it with this text. */
export const hashOf = (idColumn: string): string =>
  `mod(mod(sum(('x' || substr(md5(${idColumn}::text), 1, 16))::bit(64)::bigint), 18446744073709551616) + 18446744073709551616, 18446744073709551616)::text`;

/**
 * Notes that these events came, in the transaction that processes them. @returns the ids that are new. The others were processed
 * before; an event that stands twice in the batch is new once, so go by id.
 */
export async function recordReceipts(tx: Tx, events: readonly ReceivedEvent[]): Promise<ReadonlySet<string>> {
  if (events.length === 0) return new Set();
  const rows = await tx.query<{ event_id: string }>(
    // Ordered, so that two batches with common events lock them in the same order.
    `insert into receipt (producer, bucket, event_id)
     select * from unnest($1::text[], $2::bigint[], $3::uuid[]) as r(producer, bucket, event_id) order by 1, 2, 3
     on conflict do nothing returning event_id`,
    [events.map(({ producer }) => producer), events.map(({ bucket }) => bucket), events.map(({ eventId }) => eventId)],
  );
  return new Set(rows.map(({ event_id }) => event_id));
}

/** Answers the producer's completeness sweep. With `detail: 'ids'` at most {@link RECEIPT_PAGE} ids per bucket, ascending. */
export async function answerReceipts(db: Tx, question: ReceiptsV1): Promise<ReceiptsAnswerV1> {
  const sums = await db.query<{ bucket: number; count: number; hash: string }>(
    `select bucket, count(*), ${hashOf('event_id')} as hash from receipt
     where producer = $1 and bucket = any($2::bigint[]) group by bucket order by bucket`,
    [question.producer, question.buckets],
  );
  if (question.detail !== 'ids') return { buckets: sums };
  const lists = await db.query<{ bucket: number; ids: string[] }>(
    `select b.bucket, array(select r.event_id::text from receipt r
       where r.producer = $1 and r.bucket = b.bucket and ($3::uuid is null or r.event_id > $3::uuid)
       order by r.event_id limit ${RECEIPT_PAGE}) as ids
     from unnest($2::bigint[]) as b(bucket)`,
    [question.producer, question.buckets, question.after ?? null],
  );
  const idsOf = new Map(lists.map(({ bucket, ids }) => [bucket, ids]));
  return { buckets: sums.map((sum) => ({ ...sum, ids: idsOf.get(sum.bucket) ?? [] })) };
}
