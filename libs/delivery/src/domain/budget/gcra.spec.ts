import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emissionMs, reserve, SLACK_MS, type RateBook } from './gcra.js';

/** Bookings of any replicas at any times: the store takes them one after the other, so its clock is all that orders them. */
const bookings = fc.array(
  fc.record({ pauseMs: fc.double({ min: 0, max: 700, noNaN: true }), count: fc.integer({ min: 0, max: 12 }) }),
  { maxLength: 60 },
);
const rates = fc.record({ perSecond: fc.double({ min: 0.5, max: 500, noNaN: true }), burst: fc.integer({ min: 1, max: 5 }) });

const book = (steps: readonly { pauseMs: number; count: number }[], rate: { perSecond: number; burst: number }): number[] => {
  let nowMs = 1_000;
  let state: RateBook | undefined;
  return steps.flatMap(({ pauseMs, count }) => {
    nowMs += pauseMs;
    const reservation = reserve(state, nowMs, rate, { count, aheadMs: 500 });
    state = reservation;
    for (const at of reservation.instants) {
      expect(at).toBeGreaterThanOrEqual(nowMs);
      expect(at).toBeLessThanOrEqual(nowMs + 500);
    }
    return [...reservation.instants];
  });
};

describe('reserving instants', () => {
  it('never exceeds the rate in any window, whoever books when', () => {
    fc.assert(
      fc.property(bookings, rates, fc.double({ min: 1, max: 3_000, noNaN: true }), (steps, rate, windowMs) => {
        const instants = book(steps, rate);
        const most = rate.burst + windowMs / emissionMs(rate);
        for (const from of instants) {
          const inside = instants.filter((at) => at >= from && at < from + windowMs).length;
          expect(inside).toBeLessThanOrEqual(most + 1e-6);
        }
      }),
    );
  });

  it('stays within the rate of a second even when each instant is used late by the slack', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.double({ min: 0, max: SLACK_MS, noNaN: true }), { minLength: 2 }),
        (perSecond, late) => {
          const { instants } = reserve(undefined, 0, { perSecond }, { count: late.length, aheadMs: 1e9 });
          const used = instants.map((at, n) => at + late[n]!);
          for (const from of used)
            expect(used.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(perSecond);
        },
      ),
    );
  });

  it('gives at least 98.9 % of the rate to those who always ask', () => {
    let state: RateBook | undefined;
    let count = 0;
    for (let nowMs = 0; nowMs < 60_000; nowMs += 100) {
      const reservation = reserve(state, nowMs, { perSecond: 20 }, { count: 4, aheadMs: 200 });
      state = reservation;
      count += reservation.instants.length;
    }
    expect(count / (20 * 60)).toBeGreaterThan(0.989);
  });

  it('does not save up what was not used, moves on after late use, and does not stop when the clock is set back', () => {
    const rate = { perSecond: 10 };
    const booked = { freeAtMs: 60_000, shiftedMs: 7 };
    expect(reserve({ ...booked, freeAtMs: 0 }, 60_000, rate, { count: 2, aheadMs: 500 }).instants).toEqual([60_000, 60_101]);
    const moved = reserve(booked, 60_000, rate, { count: 1, aheadMs: 500, shiftToMs: 47 });
    expect(moved).toMatchObject({ instants: [60_040], shiftedMs: 47 });
    // Somebody else was late at the same time.
    expect(reserve(moved, 60_000, rate, { count: 1, aheadMs: 500, shiftToMs: 45 }).instants).toEqual([60_141]);
    const { freeAtMs } = reserve(booked, 1_000, rate, { count: 1, aheadMs: 500 });
    expect(freeAtMs - 1_000).toBeLessThan(2_000);
  });
});
