import { describe, expect, it } from 'vitest';
import { clockOffBy, ManualClock } from './index.js';

describe('a wrong clock', () => {
  it.each([
    [300_000, '2026-11-23T00:04:00.000Z'],
    [-300_000, '2026-11-22T23:54:00.000Z'],
  ])('is off by %i ms and moves with the right one', (ms, now) => {
    const right = new ManualClock('2026-11-22T23:58:00.000Z');
    const wrong = clockOffBy(ms, right);
    right.advance(60_000);
    expect(wrong.now()).toBe(now);
    expect(wrong.epochMs() - right.epochMs()).toBe(ms);
  });
});
