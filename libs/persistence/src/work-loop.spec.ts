import { ManualClock } from '@tieout/clock';
import { Fault } from '@tieout/model';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WorkLoop, type WorkLoopOptions } from './work-loop.js';

const FOREVER = 3_600_000;
const errors: string[] = [];
const logger = { info: () => undefined, warn: () => undefined, error: (_: object, message: string) => void errors.push(message) };
const clock = new ManualClock('2026-11-23T09:00:00.000Z');
const loopOf = (run: WorkLoopOptions['run'], more: Partial<WorkLoopOptions> = {}) =>
  new WorkLoop({ name: 'test loop', run, pollMs: FOREVER, clock, logger, ...more });
/** Lets everything that waits for no timer happen. */
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  errors.length = 0;
});
afterEach(() => vi.useRealTimers());

describe('WorkLoop', () => {
  it('runs until idle, then waits for the poll', async () => {
    const answers: ('more' | 'idle')[] = ['more', 'more', 'idle', 'idle'];
    let runs = 0;
    const loop = loopOf(async () => answers[runs++] ?? 'idle');
    loop.start();
    await settle();
    expect([runs, loop.idle]).toEqual([3, true]);
    await vi.advanceTimersByTimeAsync(FOREVER);
    expect(runs).toBe(4);
    await loop.stop();
  });

  it('runs once more when it was woken during a run: what was announced may have come too late for it', async () => {
    let runs = 0;
    const loop = loopOf(async () => {
      runs += 1;
      if (runs === 1) loop.wake();
      return 'idle';
    });
    loop.start();
    await settle();
    expect(runs).toBe(2);
    loop.wake();
    expect(loop.idle).toBe(false);
    await settle();
    expect(runs).toBe(3);
    await loop.stop();
  });

  it('wakes on its channel, and no longer after stop', async () => {
    const handlers = new Set<() => void>();
    const listener = {
      on: (_: string, fn: () => void) => void handlers.add(fn),
      off: (_: string, fn: () => void) => void handlers.delete(fn),
    };
    let runs = 0;
    const loop = loopOf(async () => (runs++, 'idle'), { wakeOn: 'channel', listener });
    loop.start();
    await settle();
    for (const handler of handlers) handler();
    await settle();
    expect(runs).toBe(2);
    await loop.stop();
    expect(handlers.size).toBe(0);
  });

  it('survives errors, backs off from 0.2 s to 10 s, and tells each kind once', async () => {
    let runs = 0;
    const loop = loopOf(async () => {
      runs += 1;
      throw new Fault('Unavailable', `attempt ${runs}`);
    });
    loop.start();
    await settle();
    expect(runs).toBe(1);
    loop.wake();
    await vi.advanceTimersByTimeAsync(199);
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(runs).toBe(2);
    await vi.advanceTimersByTimeAsync(400 + 800 + 1_600 + 3_200 + 6_400);
    expect(runs).toBe(7);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(runs).toBe(10);
    expect(errors).toEqual(['test loop: attempt 1; trying again']);
    await loop.stop();
  });

  it('after an error runs nothing while the database is away', async () => {
    let runs = 0;
    let away = true;
    const database = { ping: async () => (away ? Promise.reject(new Fault('Unavailable', 'away')) : undefined) };
    const loop = loopOf(
      async () => {
        runs += 1;
        if (away) throw new Fault('Unavailable', 'away');
        return 'idle';
      },
      { database },
    );
    loop.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(runs).toBe(1);
    away = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect([runs, loop.idle]).toEqual([2, true]);
    await loop.stop();
  });

  it('finishes the run in progress when stopped', async () => {
    let finish: (() => void) | undefined;
    let stopped = false;
    const loop = loopOf(() => new Promise((resolve) => (finish = () => resolve('more'))));
    loop.start();
    const stopping = loop.stop().then(() => (stopped = true));
    await settle();
    expect(stopped).toBe(false);
    finish?.();
    await stopping;
    expect(stopped).toBe(true);
  });
});
