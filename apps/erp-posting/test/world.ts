import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { PostingCapabilities, PostingProtocol, PostingTarget } from '@tieout/connector-kit';
import { RetryPostings, type Mark, type Witness } from '@tieout/delivery';
import { DELIVERY_MIGRATIONS, LINE_STATE, PostingStatus } from '@tieout/delivery/postgres';
import { Database, migrate } from '@tieout/persistence';
import { testDatabase, type TestDatabase } from '@tieout/testing';
import { ApplyMasterData } from '../src/use-cases/apply-master-data.js';
import { entry, legalEntityChanged, periodChanged, release, type Told } from './builders.js';
import { FakeErp } from './fake-erp.js';
import { Process } from './process.js';

/** As `node dist/migrate.js` does it. One function, so that the tests of a file share one template. */
export const migrated = (url: string): Promise<string[]> => migrate({ url, migrations: DELIVERY_MIGRATIONS });

/** Where the marks of the ledger are kept, outside the database. */
class NotedMark implements Witness {
  #mark: Mark | undefined;
  async read(): Promise<Mark | undefined> {
    return this.#mark;
  }
  async write(mark: Mark): Promise<void> {
    this.#mark = mark;
  }
}

/** A database, a destination and a process in front of it. */
export class World {
  readonly erp = new FakeErp();
  readonly witness = new NotedMark();
  /** For processes that are made from now on. */
  policy: Record<string, unknown> = {};
  readonly #processes: Process[] = [];
  process: Process;

  private constructor(
    private readonly test: TestDatabase,
    readonly database: Database,
    readonly protocol: PostingProtocol,
    private readonly over: Partial<PostingCapabilities>,
    private readonly shared: boolean,
  ) {
    this.process = this.newProcess();
  }

  static async create(
    protocol: PostingProtocol = 'idempotency-key',
    over: Partial<PostingCapabilities> = {},
    shared = false,
  ): Promise<World> {
    const test = await testDatabase(migrated);
    const world = new World(test, new Database({ url: test.url }), protocol, over, shared);
    await world.periods({ '2026-10': 'closed', '2026-11': 'open', '2026-12': 'open' });
    return world;
  }

  newProcess(
    wrapDatabase: (database: Database) => Database = (d) => d,
    wrapTarget: (target: PostingTarget) => PostingTarget = (t) => t,
  ): Process {
    const process = new Process(
      wrapDatabase(this.database),
      wrapTarget(this.erp.target(this.protocol)),
      this.erp.capabilities(this.protocol, this.over),
      { shared: this.shared ? this.database : undefined, witness: this.witness, over: this.policy },
    );
    this.#processes.push(process);
    return process;
  }

  /** A copy of the database as it is now, to go back to. */
  async backUp(): Promise<{ putBack(): Promise<void> }> {
    const name = new URL(this.test.url).pathname.slice(1);
    const copy = `${name}_${randomUUID().slice(0, 8)}`;
    await this.#replace(copy, name);
    this.#copies.push(copy);
    return { putBack: () => this.#replace(name, copy) };
  }

  readonly #copies: string[] = [];
  async #replace(name: string, template: string): Promise<void> {
    await this.#onServer(async (server) => {
      await server.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = any($1)`, [[name, template]]);
      await server.query(`drop database if exists ${name} with (force)`);
      await server.query(`create database ${name} template ${template}`);
    });
  }

  async #onServer(work: (server: Database) => Promise<unknown>): Promise<void> {
    const url = new URL(this.test.url);
    url.pathname = '/postgres';
    const server = new Database({ url: url.href });
    try {
      await work(server);
    } finally {
      await server.close();
    }
  }

  async close(): Promise<void> {
    await this.#onServer(async (server) => {
      for (const copy of this.#copies) await server.query(`drop database if exists ${copy} with (force)`);
    });
    await Promise.all(this.#processes.map(({ budget }) => budget.stop()));
    await this.database.close();
    await this.test.drop();
  }

  #revision = 0;
  async periods(states: Record<string, 'open' | 'closing' | 'closed'>, legalEntity = 'US01'): Promise<void> {
    this.#revision += 1;
    await new ApplyMasterData(this.process.ledger).apply(
      Object.entries(states).map(([period, state]) => periodChanged(legalEntity, period, state, this.#revision)),
    );
  }

  async legalEntities(...codes: string[]): Promise<void> {
    await new ApplyMasterData(this.process.ledger).apply(codes.map(legalEntityChanged));
  }

  async take(...releases: readonly Told[]): Promise<void> {
    await this.process.releases.take(releases.map(release));
  }

  /** Time passes: leases run out, settle times and back-offs are over. */
  async timePasses(): Promise<void> {
    await this.database.query(
      `update document set lease_until = clock_timestamp() - interval '1 second', next_attempt_at = case when state = 'frozen' then null else clock_timestamp() end,
         absence_counts_at = case when absence_counts_at is null then null else clock_timestamp() end`,
    );
    await this.database.query(`update connection_state set retry_at = null, locked_at = locked_at - interval '1 hour'`);
    await this.database.query(`update posting set not_before = null where not_before is not null`);
  }

  async rounds(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      await this.process.round();
      await this.timePasses();
    }
  }

  /** Rounds until nothing waits or is in flight. */
  async settle(process = this.process): Promise<void> {
    for (let round = 0; round < 40; round++) {
      await process.round();
      if ((await new PostingStatus(process.ledger).progress()).idle) return;
      await this.timePasses();
      // The circuit of a shared budget runs on real time.
      if (this.shared) await delay(100);
    }
    throw new Error(`not at rest: ${JSON.stringify(await this.counts())}`);
  }

  async counts(): Promise<Record<string, number>> {
    const { unplanned: _, ...counts } = (await new PostingStatus(this.process.ledger).progress()).counts;
    return counts;
  }

  async lines(n: number) {
    return (await new PostingStatus(this.process.ledger).ofEntry(entry(n))).postings;
  }

  async states(n: number): Promise<string[]> {
    return (await this.lines(n)).map((line) => `${line.kind} ${line.releaseNo} ${line.state}`);
  }

  async documents(): Promise<{ state: string; period: string; keys: number }[]> {
    return this.database.query(
      `select state, posting_period as period, cardinality(posting_keys) as keys from document order by frozen_at, document_key`,
    );
  }

  async events(type?: string): Promise<{ type: string; body: Record<string, unknown> }[]> {
    return this.database.query(`select type, body from outbox where $1::text is null or type = $1 order by id`, [type ?? null]);
  }

  async retry(...keys: string[]) {
    return new RetryPostings(this.process.ledger).retry(keys, 'user:olga');
  }

  /** Invariants 1, 3 and 5, between our ledger and what the destination holds. */
  async proveExactlyOnce(expected: Record<number, number>): Promise<string[]> {
    const wrong: string[] = [];
    const booked = this.erp.postedLines().map((line) => line.postingKey);
    if (new Set(booked).size !== booked.length) wrong.push(`duplicate lines: ${booked.length - new Set(booked).size}`);
    const ours = await this.database.query<{ key: string }>(
      `select posting_key as key from posting p where ${LINE_STATE} in ('posted', 'confirmed')`,
    );
    const missing = ours.filter((row) => !booked.includes(row.key)).length;
    if (missing > 0) wrong.push(`${missing} lines stand in the ledger only`);
    if (booked.length - (ours.length - missing) > 0)
      wrong.push(`${booked.length - (ours.length - missing)} lines stand in the destination only`);
    for (const [n, hours] of Object.entries(expected)) {
      const there = this.erp.hoursOf(entry(Number(n)));
      if (there !== hours) wrong.push(`entry ${n}: ${there} hours stand, expected ${hours}`);
    }
    return wrong;
  }
}
