import { MUST_RECEIVE, type Context, type EventType } from '@tieout/contracts';
import type { Instant } from '@tieout/model';

const BUCKET_MS = 60_000;

/** Minute since the epoch. */
export const bucketOf = (instant: Instant): number => Math.floor(Date.parse(instant) / BUCKET_MS);

/** The newest bucket whose every row is older than `settleMs`: younger events may still be on their way. */
export const lastSettledBucket = (nowMs: number, settleMs: number): number => Math.floor((nowMs - settleMs) / BUCKET_MS) - 1;

export interface BucketSum {
  readonly bucket: number;
  readonly count: number;
  /** Sum mod 2^64 over the first 16 hex digits of md5(event id), as decimal text. */
  readonly hash: string;
}

/** What the producer expects a consumer to have, against what it says it has. A bucket it does not mention is empty there. */
export function compareSums(
  expected: readonly BucketSum[],
  answered: readonly BucketSum[],
): { same: BucketSum[]; differing: BucketSum[] } {
  const there = new Map(answered.map((sum) => [sum.bucket, sum]));
  const isSame = ({ bucket, count, hash }: BucketSum): boolean =>
    there.get(bucket)?.count === count && there.get(bucket)?.hash === hash;
  return { same: expected.filter(isSame), differing: expected.filter((sum) => !isSame(sum)) };
}

/** Of the expected ids, those the consumer has and those it lacks. That it has more is fine: rows that all have matched are gone here. */
export function compareIds(expected: readonly string[], answered: ReadonlySet<string>): { present: string[]; missing: string[] } {
  return { present: expected.filter((id) => answered.has(id)), missing: expected.filter((id) => !answered.has(id)) };
}

/** Doubling the wait stops here: an event that was lost again is tried again within the hour. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * A consumer that dead-letters an event never has it, and each further emission only makes one more dead letter. With the usual ten
 * seconds to settle, the eighth comes three quarters of an hour after the first: by then a lost stream is made up for.
 */
export const MAX_RE_EMISSIONS = 8;

/**
 * What to do about an event that a consumer lacks. With a long queue it lacks much that is on its way to it, so each further emission
 * waits twice as long as the one before; otherwise the sweep itself would fill the queue.
 */
export const decideMissing = (
  row: { readonly emission: number; readonly publishedAtMs: number },
  nowMs: number,
  settleMs: number,
): 'wait' | 'emit again' | 'give up' => {
  if (nowMs - row.publishedAtMs < Math.min(settleMs * 2 ** (row.emission - 1), LONGEST_WAIT_MS)) return 'wait';
  return row.emission > MAX_RE_EMISSIONS ? 'give up' : 'emit again';
};

const ALL_TYPES = Object.keys(MUST_RECEIVE) as EventType[];

/** The types that a consumer must receive. */
export const typesFor = (consumer: Context): EventType[] => ALL_TYPES.filter((type) => MUST_RECEIVE[type].includes(consumer));

/** Everyone who must receive something. */
export const MUST_RECEIVE_CONSUMERS: readonly Context[] = [...new Set(ALL_TYPES.flatMap((type) => MUST_RECEIVE[type]))];
