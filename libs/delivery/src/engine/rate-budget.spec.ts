import { Fault } from '@tieout/model';
import type { DispatchAnswer } from '@tieout/policy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetOf, CountingDestination, Process, Sender, SimulatedTime } from '../../test/budget-world.js';
import { isNotStarted } from '../domain/budget/budget-signal.js';
import { MemoryBudgetStore } from './budget-memory.js';
import type { BudgetLimit, ConnectionBudget } from './rate-budget.js';

interface Replica {
  readonly instance: string;
  readonly process: Process;
  readonly budget: ConnectionBudget;
  readonly sender: Sender;
}

class World {
  readonly time = new SimulatedTime();
  readonly news: string[] = [];
  readonly store = new MemoryBudgetStore(
    () => this.time.monotonicMs(),
    (_, news) => news !== 'trial' && this.news.push(news),
  );
  readonly erp: CountingDestination;
  readonly replicas: Replica[] = [];
  window: DispatchAnswer = { open: true };

  constructor(
    readonly limit: BudgetLimit,
    latencyMs: () => number,
  ) {
    this.erp = new CountingDestination(this.time, latencyMs);
  }

  async start(instance: string): Promise<Replica> {
    const process = new Process(this.time);
    const { timers } = process;
    const budget = budgetOf({
      instance,
      store: process.store(this.store),
      timers,
      clock: this.time.clock,
      limit: () => this.limit,
      mayDispatch: () => this.window,
    });
    const replica = { instance, process, budget, sender: new Sender(budget, timers, process.request(this.erp.request)) };
    await budget.start();
    void replica.sender.run();
    this.replicas.push(replica);
    return replica;
  }
}

const failing = (kind: ConstructorParameters<typeof Fault>[0], retryAfterMs?: number) => () => {
  throw new Fault(kind, 'no', retryAfterMs === undefined ? {} : { retryAfterMs });
};

describe('a budget under load', () => {
  it.each<[string, BudgetLimit, number, number]>([
    ['its rate', { slots: 16, perSecond: 20 }, 5, 20],
    ['its slots', { slots: 15 }, 500, 30],
    ['a single slot', { slots: 1, perSecond: 3 }, 50, 3],
  ])('uses 98 %% of what %s allows, and never more', async (_, limit, latencyMs, perSecond) => {
    const world = new World(limit, () => latencyMs);
    await world.start('a');
    await world.time.run(61_000);
    expect(world.erp.between(1_000, 61_000)).toBeGreaterThanOrEqual(perSecond * 60 * 0.98);
    expect(world.erp.peak).toBeLessThanOrEqual(limit.slots);
    expect(world.erp.most(1_000)).toBeLessThanOrEqual(limit.perSecond ?? Infinity);
  });

  it('keeps slots and rate whatever replicas come, stop, stand still, vanish and restart', async () => {
    const acts = fc.array(
      fc.record({
        act: fc.constantFrom('come', 'stop', 'freeze', 'vanish', 'restart'),
        afterMs: fc.integer({ min: 0, max: 4_000 }),
        forMs: fc.integer({ min: 100, max: 9_000 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    const limits = fc.record({ slots: fc.integer({ min: 1, max: 12 }), perSecond: fc.integer({ min: 2, max: 80 }) });
    await fc.assert(
      fc.asyncProperty(acts, limits, fc.integer({ min: 1, max: 1_900 }), async (steps, limit, latencyMs) => {
        const world = new World(limit, () => latencyMs);
        await world.start('r0');
        for (const [n, { act, afterMs, forMs }] of steps.entries()) {
          await world.time.run(afterMs);
          const victim = world.replicas.shift()!;
          if (act === 'come') world.replicas.push(victim);
          if (act === 'stop') {
            victim.sender.stop();
            void victim.budget.stop();
          }
          if (act === 'vanish' || act === 'restart') victim.process.freeze();
          if (act === 'freeze') {
            void world.time.sleep(forMs).then(victim.process.freeze());
            world.replicas.push(victim);
          }
          if (act === 'restart') {
            // The sockets of the dead process are closed, and the destination is done with what came through them.
            await world.time.run(latencyMs);
            await world.start(victim.instance);
          } else await world.start(`r${n + 1}`);
        }
        await world.time.run(12_000);
        expect(world.erp.peak).toBeLessThanOrEqual(limit.slots);
        expect(world.erp.most(1_000)).toBeLessThanOrEqual(limit.perSecond);
        expect(world.erp.between(world.time.monotonicMs() - 4_000, Infinity)).toBeGreaterThan(0);
      }),
      { numRuns: 80 },
    );
  });

  it('three replicas share slots and rate, and use 98 % of them', async () => {
    const world = new World({ slots: 16, perSecond: 40 }, () => 120);
    for (const instance of ['a', 'b', 'c']) await world.start(instance);
    await world.time.run(65_000);
    expect(world.erp.between(5_000, 65_000)).toBeGreaterThanOrEqual(40 * 60 * 0.98);
    expect(world.erp.peak).toBeLessThanOrEqual(16);
    expect(world.erp.most(1_000)).toBeLessThanOrEqual(40);
  });
});

describe('a budget in trouble', () => {
  it('is back at 98 % of the allowance within 10 s of an outage, whenever it ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 500, max: 90_000 }), fc.integer({ min: 1, max: 3 }), async (outageMs, replicas) => {
        const world = new World({ slots: 16, perSecond: 20 }, () => 30);
        for (let n = 0; n < replicas; n++) await world.start(`r${n}`);
        await world.time.run(5_000);
        world.erp.answer = failing('Unavailable');
        await world.time.run(outageMs);
        const down = world.erp.startedMs.length;
        world.erp.answer = () => undefined;
        await world.time.run(40_000);
        expect(world.erp.between(5_000 + outageMs + 10_000, 5_000 + outageMs + 40_000)).toBeGreaterThanOrEqual(20 * 30 * 0.98);
        expect(world.erp.most(1_000)).toBeLessThanOrEqual(20);
        // One try at a time while it is down, not one per slot.
        expect(down).toBeLessThan(100 + 16 * replicas + 8 + outageMs / 1_000);
        expect(world.news).toEqual(['faulted', 'recovered']);
      }),
      { numRuns: 10 },
    );
  });

  it('rests as long as Retry-After says, tells no outage, and goes on with half of the slots', async () => {
    const world = new World({ slots: 8 }, () => 100);
    const { budget } = await world.start('a');
    await world.time.run(2_050);
    world.erp.answer = failing('RateLimited', 5_000);
    await world.time.run(100);
    world.erp.answer = () => undefined;
    expect(budget.paused()).toEqual({
      why: 'the destination asked us to wait',
      until: expect.stringMatching(/^2026-11-23T00:00:07/),
    });
    const before = world.erp.startedMs.length;
    await world.time.run(4_800);
    expect(world.erp.startedMs.length).toBe(before);
    world.erp.peak = 0;
    await world.time.run(500);
    expect(world.erp.peak).toBe(4);
    await world.time.run(10_000);
    expect(world.erp.peak).toBe(8);
    expect(world.news).toEqual([]);
  });

  it('refused credentials stop it at once, unless they worked a moment ago', async () => {
    const world = new World({ slots: 4 }, () => 10);
    world.erp.answer = failing('CredentialsRejected');
    const { budget } = await world.start('a');
    const tries = [budget.use('send', world.erp.request).catch(() => 'no')];
    await world.time.run(100);
    await Promise.all(tries);
    expect(world.erp.startedMs.length).toBeLessThanOrEqual(4);
    expect(world.news).toEqual(['faulted']);

    const throttling = new World({ slots: 4 }, () => 10);
    await throttling.start('a');
    await throttling.time.run(1_000);
    let once = true;
    throttling.erp.answer = () => {
      if (once) {
        once = false;
        failing('CredentialsRejected')();
      }
    };
    await throttling.time.run(1_000);
    expect(throttling.news).toEqual([]);
  });

  it('sends away whoever asks a replica that has no slot: nobody would ever call it', async () => {
    const world = new World({ slots: 1 }, () => 10);
    const first = await world.start('a');
    const { budget } = await world.start('b');
    expect(first.budget.paused()).toBeUndefined();
    expect(budget.paused('look-up')).toEqual({ why: 'all slots of the connection belong to other replicas' });
    await expect(budget.use('look-up', async () => 'asked')).rejects.toSatisfy(isNotStarted);
  });

  it('starts nothing without a beat, and says so to those who wait', async () => {
    const world = new World({ slots: 1 }, () => 100);
    const { budget, sender } = await world.start('a');
    sender.stop();
    await world.time.run(200);
    world.store.beat = async () => Promise.reject(new Fault('Unavailable', 'PostgreSQL: away'));
    const blocked = budget.use('send', () => world.time.sleep(60_000));
    const waiting = budget.use('read-back', async () => undefined).catch((error: unknown) => error);
    await world.time.run(2_600);
    expect(isNotStarted(await waiting)).toBe(true);
    await expect(budget.use('send', async () => undefined)).rejects.toThrow(
      'budget: its share of the connection could not be renewed',
    );
    expect(budget.room()).toBe(0);
    expect(budget.paused()).toEqual({ why: 'its share of the connection could not be renewed' });
    void blocked;
  });

  it('a second process of the same name takes the slots over, and the first never starts a request again', async () => {
    const world = new World({ slots: 4 }, () => 10);
    const first = await world.start('a');
    first.sender.stop();
    await world.time.run(100);
    const second = await world.start('a');
    expect(second.budget.room()).toBeGreaterThan(0);
    await world.time.run(1_100);
    await expect(first.budget.use('send', async () => undefined)).rejects.toThrow('another process took over as a');
  });
});

describe('who goes first', () => {
  it('sends before look-ups before read-backs, but nobody starves', async () => {
    const world = new World({ slots: 1 }, () => 100);
    const { budget, sender } = await world.start('a');
    sender.stop();
    await world.time.run(1_000);
    const order: string[] = [];
    const ask = (kind: 'send' | 'look-up' | 'read-back', name: string) =>
      void budget.use(kind, async () => {
        order.push(name);
        await world.time.sleep(100);
      });
    ask('send', 'first');
    ask('read-back', 'read-back');
    ask('look-up', 'look-up');
    ask('send', 'second');
    for (let n = 0; n < 30; n++) {
      await world.time.run(90);
      ask('send', `later ${n}`);
    }
    expect(order.slice(0, 2)).toEqual(['first', 'second']);
    expect(order.indexOf('look-up')).toBeGreaterThan(1);
    expect(order.indexOf('read-back')).toBeGreaterThan(order.indexOf('look-up'));
  });

  it('outside the window nothing is sent, but what was sent is read back', async () => {
    const world = new World({ slots: 2 }, () => 10);
    world.window = { open: false, why: 'change freeze', opensAt: '2026-11-23T00:00:10.000Z' };
    const { budget } = await world.start('a');
    await world.time.run(1_000);
    expect(world.erp.startedMs).toEqual([]);
    expect(budget.paused()).toEqual({ why: 'change freeze', until: '2026-11-23T00:00:10.000Z' });
    await expect(budget.use('send', async () => 1)).rejects.toThrow('budget: change freeze');
    expect(budget.paused('read-back')).toBeUndefined();
    expect(await budget.use('read-back', async () => 2)).toBe(2);
    world.window = { open: true };
    await world.time.run(1_000);
    expect(world.erp.startedMs.length).toBeGreaterThan(0);
  });
});
