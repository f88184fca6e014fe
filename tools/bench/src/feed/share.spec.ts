import { describe, expect, it } from 'vitest';
import { backAfterSeconds, rateShare, slotShare, type Sample } from './share.js';

/** A sample every 100 ms, with so many requests per second from `fromMs` on. */
const samples = (seconds: number, perSecond: number, fromMs = 0): Sample[] =>
  Array.from({ length: seconds * 10 + 1 }, (_, n) => ({
    atMs: n * 100,
    requests: Math.max(0, ((n * 100 - fromMs) / 1_000) * perSecond),
    limited: 0,
    running: n * 100 >= fromMs ? 15 : 0,
  }));

describe('the share of the allowance', () => {
  it('of a rate: requests taken, not those refused', () => {
    expect(rateShare(20)(samples(10, 19))).toBeCloseTo(0.95);
    const refused = samples(10, 20).map((sample) => ({ ...sample, limited: sample.requests / 4 }));
    expect(rateShare(20)(refused)).toBeCloseTo(0.75);
    expect(() => rateShare(20)(samples(0, 1))).toThrow(RangeError);
  });
  it('of slots: in use on average', () => {
    expect(slotShare(15)(samples(10, 1))).toBe(1);
    expect(slotShare(15)(samples(10, 1, 5_050))).toBeCloseTo(0.5, 1);
  });
});

describe('the way back after an outage', () => {
  it('counts until a stretch at the aim begins', () => {
    expect(backAfterSeconds(samples(30, 20, 4_000), rateShare(20), 0.98)).toBeCloseTo(3.9, 1);
    expect(backAfterSeconds(samples(30, 20, 4_000), slotShare(15), 0.98)).toBeCloseTo(3.9, 1);
    expect(backAfterSeconds(samples(30, 20), rateShare(20), 0.98)).toBe(0);
  });
  it('is not found where there is none', () => {
    expect(backAfterSeconds(samples(30, 15), rateShare(20), 0.98)).toBeUndefined();
    expect(backAfterSeconds(samples(4, 20), rateShare(20), 0.98)).toBeUndefined();
    expect(backAfterSeconds([], rateShare(20), 0.98)).toBeUndefined();
  });
});
