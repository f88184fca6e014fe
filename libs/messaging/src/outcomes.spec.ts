import { Fault, FAULT_KINDS } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { backOffMs, Pause } from './back-off.js';
import { decide, endingOf, OUTCOMES } from './outcomes.js';

const noLess = (): number => 0;

describe('the table of outcomes', () => {
  it('has a row for every ending', () => {
    expect(Object.keys(OUTCOMES).sort()).toEqual(['bug', 'done', ...FAULT_KINDS].sort());
  });

  it.each(['Unavailable', 'RateLimited', 'CredentialsRejected'] as const)(
    '%s is tried again for ever, and the consumer rests',
    (kind) => {
      for (const failures of [1, 5, 1_000])
        expect(decide(new Fault(kind, 'away'), failures)).toMatchObject({ action: 'retry', blames: 'world' });
    },
  );

  it.each(['ContractBroken', 'OutcomeUnknown'] as const)('%s is dead-lettered at once', (kind) => {
    expect(decide(new Fault(kind, 'no'), 1)).toEqual({ action: 'dead-letter' });
  });

  it('a bug is tried five times, for that message alone', () => {
    for (const failures of [1, 2, 3, 4])
      expect(decide(new TypeError('x'), failures)).toMatchObject({ action: 'retry', blames: 'message' });
    expect(decide(new TypeError('x'), 5)).toEqual({ action: 'dead-letter' });
    expect(endingOf('thrown text')).toBe('bug');
  });

  it('waits longer each time, up to a limit, and as long as the system asked', () => {
    const delays = [1, 2, 3, 20].map((failures) => decide(new Fault('Unavailable', 'away'), failures, noLess));
    expect(delays).toMatchObject([{ delayMs: 200 }, { delayMs: 400 }, { delayMs: 800 }, { delayMs: 10_000 }]);
    expect(decide(new Fault('RateLimited', 'slow', { retryAfterMs: 90_000 }), 1, noLess)).toMatchObject({ delayMs: 90_000 });
  });
});

describe('back-off', () => {
  it('spreads by up to a quarter', () => {
    expect(backOffMs(0, { firstMs: 100, maxMs: 1_000 }, () => 1)).toBe(75);
    expect(backOffMs(2_000, { firstMs: 100, maxMs: 1_000 }, noLess)).toBe(1_000);
  });

  it('a pause can be cut short, and then none is made', async () => {
    const pause = new Pause();
    const waiting = pause.wait(60_000);
    pause.end();
    await waiting;
    await pause.wait(60_000);
  });
});
