import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowed, answered, throttled, unrestricted, type Concurrency } from './concurrency.js';

const answer = (state: Concurrency, nowMs: number, tookMs = 20) => answered(state, { tookMs, nowMs, granted: 16 });
const refuse = (state: Concurrency, nowMs: number, startedMs = nowMs) =>
  throttled(state, { startedMs, nowMs, granted: 16, restMs: 0 });

describe('adaptive concurrency', () => {
  it('halves once per round, and comes back step by step within 10 quiet seconds', () => {
    let state = refuse(unrestricted, 1_000);
    for (let n = 0; n < 15; n++) state = refuse(state, 1_010, 990);
    expect(allowed(state, 16)).toBe(8);
    for (const at of [2_100, 2_200, 2_300]) state = refuse(state, at);
    expect(allowed(state, 16)).toBe(1);
    const levels: number[] = [];
    for (let nowMs = 2_300; nowMs <= 12_300; nowMs += 100) levels.push(allowed((state = answer(state, nowMs)), 16));
    expect(levels[0]).toBe(1);
    expect(levels.at(-1)).toBe(16);
    expect(Math.max(...levels.map((level, n) => level - (levels[n - 1] ?? level)))).toBeLessThanOrEqual(3);
  });

  it('gives way, though never below half, when answers take far longer than usual', () => {
    let state = unrestricted;
    for (let n = 0; n < 100; n++) state = answer(state, n * 10);
    for (let n = 0; n < 30; n++) state = answer(state, 1_000 + n * 300, 3_000);
    expect(allowed(state, 16)).toBeGreaterThanOrEqual(8);
    expect(allowed(state, 16)).toBeLessThan(16);
    let larger = unrestricted;
    for (let n = 0; n < 100; n++) larger = answer(larger, n * 10);
    for (let n = 0; n < 100; n++) larger = answer(larger, 1_000 + n * 300, 220);
    expect(allowed(larger, 16)).toBe(16);
  });

  it('is never above the grant and never below 1', () => {
    const events = fc.array(
      fc.record({ refused: fc.boolean(), afterMs: fc.integer({ min: 0, max: 3_000 }), granted: fc.integer({ min: 1, max: 30 }), tookMs: fc.integer({ min: 0, max: 20_000 }) }),
    ); // prettier-ignore
    fc.assert(
      fc.property(events, (steps) => {
        let [state, nowMs] = [unrestricted, 0];
        for (const { refused, afterMs, granted, tookMs } of steps) {
          nowMs += afterMs;
          state = refused
            ? throttled(state, { startedMs: nowMs - tookMs, nowMs, granted, restMs: 0 })
            : answered(state, { tookMs, nowMs, granted });
          expect(allowed(state, granted)).toBeGreaterThanOrEqual(1);
          expect(allowed(state, granted)).toBeLessThanOrEqual(granted);
        }
      }),
    );
  });
});
