import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { EVENT_TYPES } from '@tieout/contracts';
import { describe, expect, it } from 'vitest';
import {
  bucketOf,
  compareIds,
  compareSums,
  decideMissing,
  lastSettledBucket,
  MAX_RE_EMISSIONS,
  MUST_RECEIVE_CONSUMERS,
  typesFor,
} from './sweep-decisions.js';

const MINUTE = 60_000;
const sum = (bucket: number, ...ids: string[]) => ({
  bucket,
  count: ids.length,
  hash: ids
    .reduce((total, id) => (total + BigInt(`0x${createHash('md5').update(id).digest('hex').slice(0, 16)}`)) % 2n ** 64n, 0n)
    .toString(),
});

describe('the buckets to sweep', () => {
  it('are minutes since the epoch', () => {
    expect(bucketOf('1970-01-01T00:00:59.999Z')).toBe(0);
    expect(bucketOf('1970-01-01T00:01:00.000Z')).toBe(1);
  });

  it('are settled only when their youngest possible row is older than the settle time', () => {
    const settleMs = 90_000;
    const end = 11 * MINUTE;
    expect(lastSettledBucket(end + settleMs - 1, settleMs)).toBe(9);
    expect(lastSettledBucket(end + settleMs, settleMs)).toBe(10);
  });
});

describe('comparing sums', () => {
  it('finds what is the same, and takes a bucket that is not mentioned for empty', () => {
    const expected = [sum(1, 'a', 'b'), sum(2, 'c'), sum(3, 'd')];
    const { same, differing } = compareSums(expected, [sum(1, 'b', 'a'), sum(2, 'x')]);
    expect(same.map(({ bucket }) => bucket)).toEqual([1]);
    expect(differing.map(({ bucket }) => bucket)).toEqual([2, 3]);
  });

  it('sees the same number of other events as different, and more events as well', () => {
    expect(compareSums([sum(1, 'a')], [sum(1, 'a', 'b')]).same).toEqual([]);
    expect(compareSums([sum(1, 'a')], [{ ...sum(1, 'a'), count: 2 }]).same).toEqual([]);
  });
});

it('a consumer that has more than we still hold lacks nothing', () => {
  expect(compareIds(['a', 'b'], new Set(['a', 'b', 'gone long ago']))).toEqual({ present: ['a', 'b'], missing: [] });
  expect(compareIds(['a', 'b'], new Set(['b']))).toEqual({ present: ['b'], missing: ['a'] });
});

describe('emitting again', () => {
  const settleMs = 60_000;
  const after = (emission: number, ageMs: number) => decideMissing({ emission, publishedAtMs: 0 }, ageMs, settleMs);

  it('waits the settle time, then twice as long each time', () => {
    expect([after(1, settleMs - 1), after(1, settleMs)]).toEqual(['wait', 'emit again']);
    expect([after(3, 4 * settleMs - 1), after(3, 4 * settleMs)]).toEqual(['wait', 'emit again']);
  });

  it('never waits longer than an hour', () => {
    expect([after(8, 3_599_999), after(8, 3_600_000)]).toEqual(['wait', 'emit again']);
  });

  it('ends, after the last emission had its time as well', () => {
    const last = MAX_RE_EMISSIONS + 1;
    expect([after(last, 3_599_999), after(last, 3_600_000)]).toEqual(['wait', 'give up']);
  });
});

it('asks each consumer for the types it must receive', () => {
  expect([...MUST_RECEIVE_CONSUMERS].sort()).toEqual(['analytics', 'exception', 'payroll', 'posting', 'reconciliation', 'time']);
  expect(typesFor('posting').sort()).toEqual(
    [EVENT_TYPES.masterChanged, EVENT_TYPES.entryReleased, EVENT_TYPES.entryWithdrawn].sort(),
  );
  expect(typesFor('master')).toEqual([]);
});
