import type { PostingTarget } from '@tieout/connector-kit';
import { EVENT_TYPES } from '@tieout/contracts';
import { Fault } from '@tieout/model';
import type { Database } from '@tieout/persistence';
import { eventually } from '@tieout/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { hours } from './builders.js';
import type { Process } from './process.js';
import { World } from './world.js';

let world: World;
afterEach(() => world.close());

const PROTOCOLS = ['idempotency-key', 'draft-then-post', 'look-up'] as const;

class Killed extends Error {}

/** Dies at the nth point where a process touches the world outside, and does nothing any more after that. */
class Life {
  points = 0;
  #dead = false;
  constructor(private readonly diesAt: number) {}
  point(): void {
    if (!this.#dead && this.points++ === this.diesAt) this.#dead = true;
    if (this.#dead) throw new Killed('kill -9');
  }
  end(): void {
    this.#dead = true;
  }
  get dead(): boolean {
    return this.#dead;
  }
  database = (database: Database): Database =>
    ({
      query: async (sql: string, params?: readonly unknown[]) => {
        this.point();
        return database.query(sql, params);
      },
      transaction: async <T>(fn: Parameters<Database['transaction']>[0]) => {
        this.point();
        const result = await database.transaction(fn);
        this.point();
        return result as T;
      },
    }) as Database;
  target = (target: PostingTarget): PostingTarget =>
    Object.fromEntries(
      Object.entries(target).map(([name, method]) => [
        name,
        async (...args: never[]) => {
          this.point();
          const result = await (method as (...a: never[]) => Promise<unknown>)(...args);
          this.point();
          return result;
        },
      ]),
    ) as unknown as PostingTarget;
}

const untilDeath = async (life: Life, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!life.dead) throw error;
  }
};

/** Two entries posted, one corrected, one withdrawn: 1 -> 6 hours, 2 -> nothing, 3 -> 4 hours. */
const story = async (w: World, process: Process): Promise<void> => {
  await process.round();
  await w.take([1, 2, hours('6')], [2, 2, null], [3, 1, hours('4')]);
  await process.round();
  await process.round();
};

describe.each(PROTOCOLS)('killed at any instant: %s', { timeout: 240_000 }, (protocol) => {
  it('posts everything exactly once', async () => {
    world = await World.create(protocol);
    let points = Infinity;
    for (let at = 0; at < points; at++) {
      await world.database.query(`truncate target, entry_release, posting, document, attempt, connection_state, outbox`);
      world.erp.bookings.length = 0;
      await world.take([1, 1, hours('8')], [2, 1, hours('3')]);
      const life = new Life(at);
      const mortal = world.newProcess(life.database, life.target);
      await untilDeath(life, () => story(world, mortal));
      if (!life.dead) points = life.points;
      // The next process knows nothing of the first.
      await world.take([1, 2, hours('6')], [2, 2, null], [3, 1, hours('4')]);
      await world.timePasses();
      await world.settle(world.newProcess());
      expect(await world.proveExactlyOnce({ 1: 6, 2: 0, 3: 4 }), `killed at point ${at}`).toEqual([]);
      expect(world.erp.bookings.filter((b) => b.state === 'draft').length, `drafts left, killed at point ${at}`).toBe(0);
    }
    expect(points).toBeGreaterThan(20);
  });

  it('every request lost, before or after its effect: nothing twice, nothing missing', async () => {
    world = await World.create(protocol);
    world.erp.mishaps.push('lost-after', 'lost-before', 'lost-after', 'not-sent', 'lost-before', 'lost-after');
    await world.take([1, 1, hours('8')], [2, 1, hours('3')]);
    await world.settle();
    await world.take([1, 2, hours('6')]);
    await world.settle();
    expect(await world.proveExactlyOnce({ 1: 6, 2: 3 })).toEqual([]);
    expect(await world.counts()).toEqual({ confirmed: 4 });
    const unknown = await world.events(EVENT_TYPES.documentUnknown);
    expect((await world.events(EVENT_TYPES.documentResolved)).length).toBe(unknown.length);
    expect(unknown.length).toBeGreaterThan(0);
  });
});

describe('replicas', () => {
  it('several at once post everything once, within the limit of the destination', async () => {
    world = await World.create('look-up', { maxLinesPerDocument: 7, maxConcurrency: 3 });
    let working = 0;
    let most = 0;
    world.erp.whileWorking = async () => {
      most = Math.max(most, ++working);
      await new Promise((resolve) => setImmediate(resolve));
      working -= 1;
    };
    const expected: Record<number, number> = {};
    const releases = Array.from({ length: 150 }, (_, n): [number, number, ReturnType<typeof hours>] => [n, 1, hours('8')]);
    await world.take(...releases);
    await world.take(
      ...releases.filter(([n]) => n % 3 === 0).map(([n]): [number, number, ReturnType<typeof hours>] => [n, 2, hours('6')]),
    );
    for (const [n] of releases) expected[n] = n % 3 === 0 ? 6 : 8;
    const replicas = [world.newProcess(), world.newProcess(), world.newProcess()];
    for (let round = 0; round < 4; round++) await Promise.all(replicas.map((replica) => replica.round()));
    await world.settle();
    expect(await world.proveExactlyOnce(expected)).toEqual([]);
    expect(most).toBeLessThanOrEqual(3);
    expect(most).toBeGreaterThan(1);
  });

  it.each(PROTOCOLS)('%s: a sender that wakes up after its lease writes no state, only an attempt', async (protocol) => {
    world = await World.create(protocol);
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    let other: Promise<void> | undefined;
    world.erp.whileWorking = async () => {
      if (other !== undefined) return;
      // While the first sender's request is under way, its lease runs out and another process takes over.
      other = (async () => {
        await world.timePasses();
        const second = world.newProcess();
        await second.resolver.run();
      })();
      await other;
    };
    await world.process.send();
    expect(await world.states(1)).toEqual(['post 1 unknown']);
    await world.settle();
    const attempts = await world.database.query<{ outcome: string }>(`select outcome from attempt order by id`);
    expect(attempts.some(({ outcome }) => outcome.startsWith('late: '))).toBe(true);
    expect(await world.proveExactlyOnce({ 1: 8 })).toEqual([]);
    expect(world.erp.bookings).toHaveLength(1);
  });
});

describe('a process that comes back under its name', () => {
  it.each([
    ['adopts what was booked, without waiting for the lease', 'lost-after', 'confirmed'],
    ['counts absence only after the lease', 'lost-before', 'unknown'],
  ] as const)('%s', async (_, mishap, state) => {
    world = await World.create('look-up', { settleMs: 60_000 });
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    world.erp.mishaps.push(mishap);
    // Dies with the answer on its way: the claim stays.
    const life = new Life(Infinity);
    const mortal = world.newProcess(life.database, (target) => ({
      ...target,
      post: async (document) => {
        await target.post!(document).catch(() => undefined);
        life.end();
        throw new Killed('kill -9');
      },
    }));
    await untilDeath(life, () => mortal.send());
    await mortal.sender.drain();
    expect(await world.states(1)).toEqual(['post 1 sending']);
    const reborn = world.newProcess();
    await world.database.query(`update document set instance = $1`, [reborn.ledger.instance]);
    await reborn.resolver.takeOver();
    await world.database.query(`update document set next_attempt_at = clock_timestamp()`);
    await reborn.resolver.run();
    await world.database.query(`update document set next_attempt_at = clock_timestamp()`);
    await reborn.confirmer.run();
    expect(await world.states(1)).toEqual([`post 1 ${state}`]);
    expect(world.erp.writes).toBe(1);
  });
});

describe('look-up', () => {
  it('two documents under one reference are a case, never adopted; one of them removed, the other is', async () => {
    world = await World.create('look-up');
    world.erp.mishaps.push('lost-after');
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    await world.process.send();
    const twin = world.erp.book(world.erp.bookings[0]!.document);
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 unknown']);
    expect((await world.events(EVENT_TYPES.documentUnknown)).map((e) => e.body['reason'])).toEqual([
      'OUTCOME_UNKNOWN',
      'DUPLICATE_IN_DESTINATION',
    ]);
    world.erp.bookings.splice(world.erp.bookings.indexOf(twin), 1);
    await world.timePasses();
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 confirmed']);
    expect((await world.events(EVENT_TYPES.documentResolved))[0]!.body).toMatchObject({ resolution: 'adopted' });
  });

  it('absence counts only after the deadline and the settle time', async () => {
    world = await World.create('look-up', { settleMs: 60_000 });
    world.erp.mishaps.push('lost-before');
    await world.take([1, 1, hours('8')]);
    await world.process.round();
    await world.database.query(`update document set next_attempt_at = clock_timestamp()`);
    await world.process.resolver.run();
    expect(await world.states(1)).toEqual(['post 1 unknown']);
    expect(world.erp.writes).toBe(1);
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 confirmed']);
  });
});

describe('a destination that is away', () => {
  it('is told once per outage; nothing is lost, and nothing is sent while it rests', async () => {
    world = await World.create('idempotency-key', {}, true);
    world.erp.mishaps.push('not-sent', 'not-sent', 'not-sent');
    await world.take([1, 1, hours('8')]);
    // The third failure in a row is an outage.
    while (world.erp.writes < 3) await world.process.round();
    expect(await world.states(1)).toEqual(['post 1 pending']);
    for (let rests = true; rests;) {
      await world.process.round();
      rests = world.process.budget.paused() !== undefined;
      if (rests) expect(world.erp.writes).toBe(3);
    }
    await world.settle();
    expect(await world.counts()).toEqual({ confirmed: 1 });
    await world.process.budget.stop();
    expect((await world.events()).map((e) => e.type).sort()).toEqual(
      [
        EVENT_TYPES.connectionFaulted,
        EVENT_TYPES.connectionRecovered,
        EVENT_TYPES.documentConfirmed,
        EVENT_TYPES.documentPosted,
      ].sort(),
    );
  });

  it('is found to be back also when there is nothing to send any more', async () => {
    world = await World.create('idempotency-key', {}, true);
    world.erp.mishaps.push('not-sent', 'not-sent', 'not-sent');
    await world.take([1, 1, hours('8')]);
    for (let round = 0; round < 4; round++) await world.process.round();
    await world.take([1, 2, null]);
    await world.process.planAndFreeze();
    expect(await world.counts()).toEqual({ cancelled: 1 });
    await eventually(async () => {
      await world.process.prober.run();
      return (await world.events(EVENT_TYPES.connectionRecovered)).length === 1;
    });
    expect(world.process.budget.ailing()).toBe(false);
  });

  it('an unsent document of a destination that is away can still be corrected', async () => {
    world = await World.create();
    world.erp.mishaps.push('not-sent');
    await world.take([1, 1, hours('8')]);
    await world.process.round();
    await world.take([1, 2, hours('6')]);
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 cancelled', 'post 2 confirmed']);
  });

  it('wrong credentials are told as such', async () => {
    world = await World.create('idempotency-key', {}, true);
    world.erp.whileWorking = async () => {
      throw new Fault('CredentialsRejected', 'POST /documents: 401');
    };
    await world.take([1, 1, hours('8')]);
    await world.process.round();
    await world.process.budget.stop();
    expect((await world.events(EVENT_TYPES.connectionFaulted))[0]!.body).toMatchObject({
      connection: 'erp',
      reason: 'CREDENTIALS_REJECTED',
      raisedBy: 'posting',
    });
    world.erp.whileWorking = async () => {};
    // Whoever comes next is told by the shared circuit to wait, and then finds the destination well.
    await world.settle(world.newProcess());
    expect(await world.counts()).toEqual({ confirmed: 1 });
  });
});
