import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@tieout/clock';
import { Fault } from '@tieout/model';
import { Database } from '@tieout/persistence';
import { eventually, testDatabase } from '@tieout/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { isNotStarted } from '../src/domain/budget/budget-signal.js';
import type { OutageNews } from '../src/engine/budget-store.js';
import type { Timers } from '../src/engine/ports.js';
import type { BudgetLimit, ConnectionBudget } from '../src/engine/rate-budget.js';
import { PostgresBudgetStore } from '../src/postgres/budget.store.js';
import { PostingLedger1763856100000 } from '../src/postgres/migrations/1763856100000-posting-ledger.js';
import { RateBudget1763940000000 } from '../src/postgres/migrations/1763940000000-rate-budget.js';
import { budgetOf, CountingDestination, Process, Sender } from './budget-world.js';

const real: Timers = {
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal && { signal }),
};

class Replica {
  readonly process = new Process(real);
  readonly database: Database;
  readonly budget: ConnectionBudget;
  readonly sender: Sender;
  statements = 0;
  still = false;

  constructor(
    readonly instance: string,
    o: { url: string; limit: BudgetLimit; erp: CountingDestination; news: OutageNews[] },
  ) {
    this.database = new Database({ url: o.url, poolSize: 2 });
    const counted = {
      query: this.database.query.bind(this.database),
      transaction: (...args: Parameters<Database['transaction']>) => {
        this.statements += 1;
        return this.database.transaction(...args);
      },
    };
    const store = new PostgresBudgetStore(counted as Database, async (_, news) => void o.news.push(news));
    this.budget = budgetOf({
      instance,
      store: this.process.store(store),
      timers: this.process.timers,
      clock: systemClock,
      limit: () => o.limit,
      requestTimeoutMs: 1_000,
    });
    this.sender = new Sender(this.budget, this.process.timers, this.process.request(o.erp.request), 2);
  }

  async start(): Promise<this> {
    await this.budget.start();
    void this.sender.run();
    return this;
  }

  /** @returns what ends the standstill. */
  freeze(): () => void {
    const thaw = this.process.freeze();
    this.still = true;
    return () => {
      this.still = false;
      thaw();
    };
  }

  async stop(): Promise<void> {
    this.sender.stop();
    // One that stands still cannot.
    if (!this.still) await this.budget.stop();
    await this.database.close();
  }
}

class World {
  readonly replicas: Replica[] = [];
  readonly news: OutageNews[] = [];
  readonly erp: CountingDestination;

  private constructor(
    readonly database: { url: string; drop: () => Promise<void> },
    readonly limit: BudgetLimit,
    latencyMs: number,
  ) {
    this.erp = new CountingDestination(real, () => latencyMs);
  }

  static async create(limit: BudgetLimit, latencyMs: number): Promise<World> {
    return new World(await testDatabase([PostingLedger1763856100000, RateBudget1763940000000]), limit, latencyMs);
  }

  replica(instance: string): Replica {
    const { limit, erp, news } = this;
    const replica = new Replica(instance, { url: this.database.url, limit, erp, news });
    this.replicas.push(replica);
    return replica;
  }

  async close(): Promise<void> {
    await Promise.all(this.replicas.map((replica) => replica.stop()));
    await this.database.drop();
  }
}

/** How much of the time this process was kept from running: what nobody could use. */
class Standstill {
  #lostMs = 0;
  readonly #fromMs = performance.now();
  #lastMs = this.#fromMs;
  readonly #ticker = setInterval(() => {
    const nowMs = performance.now();
    this.#lostMs += Math.max(0, nowMs - this.#lastMs - 10);
    this.#lastMs = nowMs;
  }, 5);
  end(): number {
    clearInterval(this.#ticker);
    return this.#lostMs / (performance.now() - this.#fromMs);
  }
}

let world: World;
afterEach(() => world.close());

const started = (instance: string): Promise<Replica> => world.replica(instance).start();
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const roomOf = (replica: Replica): Promise<unknown> => eventually(() => replica.budget.room() > 0);

describe('three replicas on PostgreSQL', () => {
  it('use nearly all of the rate together and never more', async () => {
    world = await World.create({ slots: 15, perSecond: 20 }, 50);
    for (const instance of ['a', 'b', 'c']) await started(instance);
    await delay(4_000);
    const [fromMs, standstill] = [performance.now(), new Standstill()];
    await delay(20_000);
    const share = world.erp.between(fromMs, fromMs + 20_000) / 400;
    const lost = standstill.end();
    console.log(
      `rate: ${percent(share)} of the allowance, ${world.erp.most(1_000)} in the fullest second; stood still ${percent(lost)}`,
    );
    expect(share).toBeGreaterThanOrEqual(0.95 - lost);
    expect(world.erp.most(1_000)).toBeLessThanOrEqual(20);
    expect(world.erp.peak).toBeLessThanOrEqual(15);
  });

  it('use nearly all of the slots together and never more, also while one is killed, one stands still and one restarts', async () => {
    world = await World.create({ slots: 15 }, 500);
    const [a, b, c] = [await started('a'), await started('b'), await started('c')];
    await eventually(() => world.erp.inside === 15);
    await delay(1_000);
    // By the time that slots are in use: requests start in waves of 15, and one wave more or less in the window says nothing.
    const [fromMs, busyMs, standstill] = [performance.now(), world.erp.busyMs(), new Standstill()];
    await delay(10_000);
    const share = (world.erp.busyMs() - busyMs) / (15 * (performance.now() - fromMs));
    const lost = standstill.end();
    console.log(`slots: ${percent(share)} of the allowance, ${world.erp.peak} at a time; stood still ${percent(lost)}`);
    expect(share).toBeGreaterThanOrEqual(0.95 - lost);
    // Killed: its requests go on at the destination, its grant is kept as long, and then the others have it.
    a.freeze();
    await delay(500);
    await eventually(() => world.erp.inside === 15, 12_000);
    // Stands still: the same, and when it goes on it starts nothing before it has renewed.
    const thaw = b.freeze();
    await delay(500);
    await eventually(() => world.erp.inside === 15, 12_000);
    thaw();
    await eventually(() => b.budget.paused() === undefined);
    // Restarted: the successor has the slots at once.
    c.freeze();
    await delay(600);
    const successor = await started('c');
    expect(successor.budget.paused()).toBeUndefined();
    await eventually(() => world.erp.inside === 15, 2_000);
    await delay(1_500);
    expect(world.erp.peak).toBe(15);
  });

  it('share one circuit: one tells the outage, one tries, all go on', async () => {
    world = await World.create({ slots: 9 }, 20);
    const replicas = [await started('a'), await started('b'), await started('c')];
    await eventually(() => replicas.every(({ budget }) => budget.room() > 0));
    world.erp.answer = () => {
      throw new Fault('Unavailable', 'connect ECONNREFUSED');
    };
    await eventually(() => replicas.every(({ budget }) => budget.paused() !== undefined));
    await delay(500);
    const [before, fromMs] = [world.erp.startedMs.length, performance.now()];
    await delay(4_000);
    expect(world.erp.startedMs.length - before).toBeLessThanOrEqual(5);
    expect(world.erp.between(fromMs, Infinity)).toBeGreaterThan(0);
    world.erp.answer = () => undefined;
    await eventually(() => world.news.length === 2);
    expect(world.news).toMatchObject([
      { kind: 'faulted', connection: 'erp', reason: 'CONNECTION_UNAVAILABLE', message: 'connect ECONNREFUSED' },
      { kind: 'recovered', connection: 'erp' },
    ]);
    await eventually(() => replicas.every(({ budget }) => budget.paused() === undefined));
  });
});

describe('one process', () => {
  it('makes 2 000 requests a second of 5 ms through 16 slots without a round trip for each', async () => {
    world = await World.create({ slots: 16 }, 5);
    const replica = world.replica('a');
    await replica.budget.start();
    const [fromMs, statements] = [performance.now(), replica.statements];
    let done = 0;
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        for (; performance.now() - fromMs < 3_000; done++) await replica.budget.use('send', world.erp.request);
      }),
    );
    const perSecond = (done * 1_000) / (performance.now() - fromMs);
    console.log(`${perSecond.toFixed(0)} requests/s, ${replica.statements - statements} transactions for ${done} requests`);
    expect(world.erp.peak).toBe(16);
    expect(replica.statements - statements).toBeLessThanOrEqual(6);
    // Leaves room for a busy machine; 16 slots of 5 ms make 3 200 at the very most.
    expect(perSecond).toBeGreaterThan(1_500);
  });

  it('starts nothing while PostgreSQL does not answer, and goes on when it does', async () => {
    world = await World.create({ slots: 2 }, 5);
    const replica = await started('a');
    await roomOf(replica);
    const lock = new Database({ url: world.database.url });
    await lock.transaction(async (tx) => {
      await tx.query('select from delivery_budget for update');
      await eventually(() => replica.budget.paused()?.why === 'its share of the connection could not be renewed');
      const error: unknown = await replica.budget.use('send', world.erp.request).catch((thrown: unknown) => thrown);
      expect(isNotStarted(error)).toBe(true);
    });
    await lock.close();
    await eventually(() => replica.budget.paused() === undefined);
  });

  it('leaves its slots to others when it stops', async () => {
    world = await World.create({ slots: 4 }, 5);
    const first = await started('a');
    await roomOf(first);
    first.sender.stop();
    await eventually(() => world.erp.inside === 0);
    await first.budget.stop();
    const second = await started('b');
    expect(second.budget.room()).toBe(4);
  });
});
