import { Fault } from '@tieout/model';
import { Logger } from '@nestjs/common';
import { beforeAll, describe, expect, it } from 'vitest';
import { BatchHandler } from './batch-handler.js';
import type { Delivered } from './delivered.js';

/** What became of each message, by its number. */
type Fates = Record<number, string>;

interface Setup {
  readonly fates: Fates;
  readonly calls: number[][];
  readonly handler: BatchHandler<number>;
  readonly message: (n: number) => Delivered;
}

function setup(handle: (items: number[]) => void, bury?: () => Promise<void>): Setup {
  const fates: Fates = {};
  const calls: number[][] = [];
  const message = (n: number): Delivered => ({
    subject: 'evt.test',
    headers: undefined,
    data: new Uint8Array(),
    deliveryCount: 1,
    streamSequence: n,
    storedAtNanos: '1',
    pending: 0,
    ack: () => void (fates[n] = fates[n] ?? 'acknowledged'),
    retry: (delayMs) => void (fates[n] = delayMs > 0 ? 'later' : 'now'),
    working: () => undefined,
  });
  const handler = new BatchHandler<number>({
    durable: 'test--things',
    spanName: 'process test',
    read: ({ streamSequence }) => (streamSequence === 666 ? { ok: false, why: 'not ours' } : { ok: true, item: streamSequence }),
    traceparentOf: () => undefined,
    handle: async (items) => {
      calls.push([...items]);
      handle(items);
    },
    bury: async ({ streamSequence }, reason, detail) => {
      await bury?.();
      fates[streamSequence] = `dead: ${reason}: ${detail}`;
    },
  });
  return { fates, calls, handler, message };
}

describe('handling a batch', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('acknowledges all of it when the handler is done', async () => {
    const { fates, calls, handler, message } = setup(() => undefined);
    await handler.process([1, 2, 3].map(message));
    expect(calls).toEqual([[1, 2, 3]]);
    expect(fates).toEqual({ 1: 'acknowledged', 2: 'acknowledged', 3: 'acknowledged' });
  });

  it('goes one by one after a failure; only the poison message stays behind, and is alone from then on', async () => {
    const { fates, calls, handler, message } = setup((items) => {
      if (items.includes(2)) throw new Error('poison');
    });
    await handler.process([1, 2, 3].map(message));
    expect(calls).toEqual([[1, 2, 3], [1], [2], [3]]);
    expect(fates).toEqual({ 1: 'acknowledged', 2: 'later', 3: 'acknowledged' });
    calls.length = 0;
    await handler.process([2, 4, 5].map(message));
    expect(calls).toEqual([[4, 5], [2]]);
    for (let again = 0; again < 3; again++) await handler.process([message(2)]);
    expect(fates[2]).toBe('dead: bug: Error: poison');
    expect(handler.pauseMs).toBe(0);
  });

  it.each(['Unavailable', 'RateLimited', 'CredentialsRejected'] as const)(
    'sets the whole batch aside and rests after %s',
    async (kind) => {
      const { fates, calls, handler, message } = setup(() => {
        throw new Fault(kind, 'away');
      });
      await handler.process([1, 2].map(message));
      expect(calls).toEqual([[1, 2]]);
      expect(fates).toEqual({ 1: 'later', 2: 'later' });
      expect(handler.pauseMs).toBeGreaterThan(0);
    },
  );

  it('stops going one by one when the world fails in between', async () => {
    let away = false;
    const { fates, calls, handler, message } = setup((items) => {
      if (items.length > 1) throw new Error('poison somewhere');
      if (items[0] === 2) away = true;
      if (away) throw new Fault('Unavailable', 'away');
    });
    await handler.process([1, 2, 3, 4].map(message));
    expect(calls).toEqual([[1, 2, 3, 4], [1], [2]]);
    expect(fates).toEqual({ 1: 'acknowledged', 2: 'later', 3: 'later', 4: 'later' });
  });

  it('dead-letters a broken contract of one message at once', async () => {
    const { fates, handler, message } = setup((items) => {
      if (items.includes(2)) throw new Fault('ContractBroken', 'hours is a colour');
    });
    await handler.process([1, 2].map(message));
    expect(fates).toEqual({ 1: 'acknowledged', 2: 'dead: ContractBroken: ContractBroken: hours is a colour' });
  });

  it('dead-letters what cannot be read; the handler never sees it', async () => {
    const { fates, calls, handler, message } = setup(() => undefined);
    await handler.process([1, 666].map(message));
    expect(calls).toEqual([[1]]);
    expect(fates).toEqual({ 1: 'acknowledged', 666: 'dead: ContractBroken: not ours' });
  });

  it('keeps a message whose dead letter could not be stored', async () => {
    const { fates, handler, message } = setup(
      () => undefined,
      () => Promise.reject(new Error('no stream')),
    );
    await handler.process([message(666)]);
    expect(fates).toEqual({ 666: 'later' });
  });
});
