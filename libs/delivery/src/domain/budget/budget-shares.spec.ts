import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grant, leave, type Beat, type Share } from './budget-shares.js';

const KEEP_MS = 5_000;
const beat = (instance: string, more: Partial<Beat> = {}): Beat => ({
  instance,
  life: undefined,
  beatNo: 1,
  holds: 0,
  limit: 16,
  keepMs: KEEP_MS,
  ...more,
});

class Table {
  shares: Share[] = [];
  beat(asked: Beat, nowMs: number) {
    const verdict = grant(this.shares, asked, nowMs);
    if (verdict.kind === 'granted') this.put(verdict.share);
    return verdict;
  }
  put(share: Share) {
    this.shares = [...this.shares.filter(({ instance }) => instance !== share.instance), share];
  }
  slots(nowMs: number) {
    return this.shares.filter((share) => nowMs < share.beatAtMs + share.keepMs).reduce((sum, { slots }) => sum + slots, 0);
  }
}

describe('shares of the slots', () => {
  it('one has all; a second gets half when the first says that it holds no more', () => {
    const table = new Table();
    expect(table.beat(beat('a'), 0)).toMatchObject({ target: 16, share: { slots: 16, life: 1 } });
    expect(table.beat(beat('b'), 100)).toMatchObject({ target: 8, replicas: 2, share: { slots: 0 } });
    expect(table.beat(beat('a', { life: 1, beatNo: 2, holds: 16 }), 200)).toMatchObject({ target: 8, share: { slots: 16 } });
    expect(table.beat(beat('a', { life: 1, beatNo: 3, holds: 8 }), 300)).toMatchObject({ share: { slots: 8 } });
    expect(table.beat(beat('b', { life: 1, beatNo: 2 }), 400)).toMatchObject({ share: { slots: 8 } });
  });

  it('a vanished one keeps its grant until nothing of it can be under way, and its successor has it at once', () => {
    const table = new Table();
    table.beat(beat('a'), 0);
    expect(table.beat(beat('b'), KEEP_MS - 1)).toMatchObject({ target: 16, share: { slots: 0 } });
    expect(table.beat(beat('b', { life: 1, beatNo: 2 }), KEEP_MS)).toMatchObject({ share: { slots: 16 } });
    expect(table.beat(beat('b', { beatNo: 0 }), KEEP_MS + 10)).toMatchObject({ share: { slots: 16, life: 2 } });
    expect(table.beat(beat('b', { life: 1, beatNo: 3 }), KEEP_MS + 20)).toEqual({ kind: 'lost' });
  });

  it('a stopped one leaves what it does not use', () => {
    const table = new Table();
    table.beat(beat('a'), 0);
    table.put(leave(table.shares[0]!, 3));
    expect(table.beat(beat('b'), 10)).toMatchObject({ target: 16, share: { slots: 13 } });
  });

  it('a delayed beat does not undo a later one', () => {
    const table = new Table();
    table.beat(beat('a'), 0);
    table.beat(beat('a', { life: 1, beatNo: 3, holds: 16 }), 20);
    expect(table.beat(beat('a', { life: 1, beatNo: 2, holds: 1 }), 30)).toEqual({ kind: 'lost' });
    expect(table.slots(30)).toBe(16);
  });

  it('after a restore of the table the process goes on as what it is', () => {
    const table = new Table();
    expect(table.beat(beat('a', { life: 7, beatNo: 70, holds: 16 }), 0)).toMatchObject({ share: { life: 7, slots: 16 } });
  });

  it('are never more than there are, whoever beats when and holds what', () => {
    const beats = fc.array(
      fc.record({ who: fc.constantFrom('a', 'b', 'c', 'd'), afterMs: fc.integer({ min: 0, max: 4_000 }), holds: fc.integer({ min: 0, max: 20 }), starts: fc.boolean(), leaves: fc.boolean() }),
    ); // prettier-ignore
    fc.assert(
      fc.property(beats, fc.integer({ min: 1, max: 20 }), (steps, limit) => {
        const table = new Table();
        let nowMs = 0;
        for (const [n, { who, afterMs, holds, starts, leaves }] of steps.entries()) {
          nowMs += afterMs;
          const mine = table.shares.find(({ instance }) => instance === who);
          if (leaves && mine) table.put(leave(mine, holds));
          else table.beat(beat(who, { life: starts ? undefined : mine?.life, beatNo: n + 1, holds, limit }), nowMs);
          expect(table.slots(nowMs)).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });
});
