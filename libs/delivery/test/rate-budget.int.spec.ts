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

/** Clearly more than replicas that do not share would use. How much exactly is measured, not tested: `npm run bench`, parts d and e. */
const MOST_OF_IT = 0.8;

let world: World;
afterEach(() => world.close());

const started = (instance: string): Promise<Replica> => world.replica(instance).start();
const roomOf = (replica: Replica): Promise<unknown> => eventually(() => replica.budget.room() > 0);

describe('three replicas on PostgreSQL', () => {
  it('use the rate together and never more', async () => {
    world = await World.create({ slots: 15, perSecond: 20 }, 50);
    for (const instance of ['a', 'b', 'c']) await started(instance);
    await delay(2_500);
    const fromMs = performance.now();
    await delay(5_000);
    expect(world.erp.between(fromMs, fromMs + 5_000) / 100).toBeGreaterThanOrEqual(MOST_OF_IT);
    expect(world.erp.most(1_000)).toBeLessThanOrEqual(20);
    expect(world.erp.peak).toBeLessThanOrEqual(15);
  });

  it('use the slots together and never more, also while one is killed, one stands still and one restarts', async () => {
    world = await World.create({ slots: 15 }, 500);
    const [a, b, c] = [await started('a'), await started('b'), await started('c')];
    await eventually(() => world.erp.inside === 15);
    await delay(1_000);
    // By the time that slots are in use: requests start in waves of 15, and one wave more or less in the window says nothing.
    const [fromMs, busyMs] = [performance.now(), world.erp.busyMs()];
    await delay(3_000);
    const share = (world.erp.busyMs() - busyMs) / (15 * (performance.now() - fromMs));
    expect(share).toBeGreaterThanOrEqual(MOST_OF_IT);
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
  it('needs no round trip per request', async () => {
    world = await World.create({ slots: 16 }, 5);
    const replica = world.replica('a');
    await replica.budget.start();
    const [fromMs, statements] = [performance.now(), replica.statements];
    let done = 0;
    await Promise.all(
      Array.from({ length: 64 }, async () => {
        for (; performance.now() - fromMs < 1_500; done++) await replica.budget.use('send', world.erp.request);
      }),
    );
    expect(world.erp.peak).toBe(16);
    expect(done).toBeGreaterThan(100 * (replica.statements - statements));
    expect(replica.statements - statements).toBeLessThanOrEqual(4);
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
