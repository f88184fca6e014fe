import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Gatherer } from './gatherer.js';

interface Fake {
  readonly n: number;
  readonly pending: number;
}
const fake = (n: number, pending = 0): Fake => ({ n, pending });
const numbers = (batch: readonly Fake[]): number[] => batch.map(({ n }) => n);

describe('gathering', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('hands a lone message over without any wait', async () => {
    const gatherer = new Gatherer<Fake>({ max: 10, waitMs: 20 });
    const taking = gatherer.take();
    gatherer.offer(fake(1));
    expect(numbers(await taking)).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('lingers while the server says that more is coming, until it has come', async () => {
    const gatherer = new Gatherer<Fake>({ max: 10, waitMs: 20 });
    const taking = gatherer.take();
    for (let n = 1; n <= 3; n++) gatherer.offer(fake(n, 3 - n));
    expect(numbers(await taking)).toEqual([1, 2, 3]);
  });

  it('lingers no longer than it may', async () => {
    const gatherer = new Gatherer<Fake>({ max: 10, waitMs: 20 });
    let taken: Fake[] | undefined;
    const taking = gatherer.take().then((batch) => (taken = batch));
    gatherer.offer(fake(1, 5));
    await vi.advanceTimersByTimeAsync(19);
    expect(taken).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(numbers(await taking)).toEqual([1]);
  });

  it('gives no more than the maximum, and the next round what gathered meanwhile', async () => {
    const gatherer = new Gatherer<Fake>({ max: 3, waitMs: 20 });
    for (let n = 1; n <= 5; n++) gatherer.offer(fake(n, 5 - n));
    expect(numbers(await gatherer.take())).toEqual([1, 2, 3]);
    gatherer.offer(fake(6));
    expect(gatherer.size).toBe(3);
    expect(numbers(await gatherer.take())).toEqual([4, 5, 6]);
  });

  it('serves several workers in turn, none twice', async () => {
    const gatherer = new Gatherer<Fake>({ max: 1, waitMs: 0 });
    const taken = Promise.all([gatherer.take(), gatherer.take(), gatherer.take()]);
    for (let n = 1; n <= 3; n++) gatherer.offer(fake(n));
    expect((await taken).flatMap(numbers)).toEqual([1, 2, 3]);
  });

  it('ends every wait when stopped, and gives back what nobody took', async () => {
    const gatherer = new Gatherer<Fake>({ max: 10, waitMs: 20 });
    const idle = gatherer.take();
    expect(gatherer.stop()).toEqual([]);
    expect(await idle).toEqual([]);
    const other = new Gatherer<Fake>({ max: 10, waitMs: 20 });
    other.offer(fake(1));
    expect(numbers(other.stop())).toEqual([1]);
    expect(await other.take()).toEqual([]);
  });
});
