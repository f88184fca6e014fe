import { describe, expect, it } from 'vitest';
import { measure, mostAtOnce } from './measure.js';
import type { WriteRequest } from './recorder.js';

const MOMENTS = { struckAt: 10_000, healedAt: 20_000, loadEndedAt: 25_000 };

const request = (key: string, at: number, status?: number): WriteRequest => ({
  identity: `POST /journals ${key}`,
  lines: 5,
  at,
  endedAt: at + 100,
  ...(status !== undefined && { status }),
});

describe('measures of a run', () => {
  it.each([
    ['no answer', undefined, 5],
    ['a yes', 201, 5],
    ['an error that proves nothing', 500, 5],
    ['a refusal', 422, 0],
    ['an overload', 429, 0],
    ['being away', 503, 0],
  ])('lines sent again after %s count %i times', (_what, status, resent) => {
    const { resentLines } = measure([request('a', 9_000, status), request('a', 21_000, 201)], MOMENTS);
    expect(resentLines).toBe(resent);
  });

  it('the first new post is of a document that was never sent before the end of the fault', () => {
    const writes = [
      request('old', 9_000),
      request('old', 20_500, 201),
      request('new', 22_000, 500),
      request('newer', 23_000, 201),
    ];
    expect(measure(writes, MOMENTS).firstNewPostSeconds).toBe(3.1);
    expect(measure(writes.slice(0, 2), MOMENTS).firstNewPostSeconds).toBeUndefined();
  });

  it('draining counts from the end of the load, and of the fault if that came later', () => {
    const writes = [request('a', 9_000, 201), request('b', 29_900, 201), request('b', 40_000, 201)];
    expect(measure(writes, MOMENTS).drainSeconds).toBe(5);
    expect(measure(writes, { ...MOMENTS, healedAt: 28_000 }).drainSeconds).toBe(2);
    expect(measure([], MOMENTS).drainSeconds).toBe(0);
  });

  it('requests without lines book nothing', () => {
    const posts = [1, 2].map((at) => ({ identity: 'POST /journals/7/post ', lines: 0, at, status: 500 }));
    expect(measure(posts, MOMENTS)).toMatchObject({ resentRequests: 0, resentLines: 0 });
  });

  it('at once are requests that overlap; one that was given up ended a little before we saw it', () => {
    expect(mostAtOnce([request('a', 0, 201), request('b', 100, 201), request('c', 150, 201)])).toBe(2);
    const givenUp = { ...request('a', 0), endedAt: 3_010 };
    expect(mostAtOnce([givenUp, request('b', 3_000, 201)])).toBe(1);
    expect(mostAtOnce([givenUp, request('b', 1_000, 201)])).toBe(2);
  });
});
