import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@tieout/clock';
import type { PostingCapabilities, PostingProtocol, PostingTarget } from '@tieout/connector-kit';
import { EVENT_TYPES, type Context } from '@tieout/contracts';
import type { ReceivedEvent } from '@tieout/messaging';
import { entryIdOf, masterIdOf, periodCode, type ReleasedContent } from '@tieout/model';
import { Database, MasterReadModel, migrate } from '@tieout/persistence';
import { testDatabase, type TestDatabase } from '@tieout/testing';
import {
  ConfirmDocuments,
  FreezeDocuments,
  ConnectionBudget,
  LocalBudget,
  outageTeller,
  Pace,
  PlanTargets,
  ProbeConnection,
  ResolveUnknown,
  RetryPostings,
  SendDocuments,
  TakeReleases,
  type Destination,
  type Mark,
  type RateBudget,
  type Witness,
} from '@tieout/delivery';
import { FeedOperations } from '@tieout/delivery/edge';
import {
  DELIVERY_MIGRATIONS,
  PostgresBudgetStore,
  PostingStatus,
  postgresLedger,
  type PostgresLedger,
} from '@tieout/delivery/postgres';
import { ApplyMasterData } from '../src/use-cases/apply-master-data.js';
import { erpRules, type ErpPolicy } from '../src/use-cases/erp-rules.js';
import { FakeErp } from './fake-erp.js';

/** As `node dist/migrate.js` does it. One function, so that the tests of a file share one template. */
export const migrated = (url: string): Promise<string[]> => migrate({ url, migrations: DELIVERY_MIGRATIONS });

export const CALENDAR = {
  lateOriginals: 'hold' as 'hold' | 'first-open-period',
  lateCorrections: 'first-open-period' as 'hold' | 'first-open-period',
  closingTakes: ['correction', 'late-approval'] as ('correction' | 'late-approval')[],
};

export const hoursOf = (lines: readonly { readonly hours: string }[]): number =>
  lines.reduce((sum, line) => sum + Number(line.hours), 0);

export const ADOPTION = {
  matchBy: ['workerCode', 'projectCode', 'workDate'] as ('workerCode' | 'projectCode' | 'workDate')[],
  toleranceHours: '0',
  toleranceAmount: '0.05',
};

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

export const entry = (n: number): string => entryIdOf('psa', `T-${n}`);

export const content = (over: Partial<ReleasedContent> & { amount?: string } = {}): ReleasedContent => {
  const { amount = '400', ...rest } = over;
  return {
    workerId: masterIdOf('worker', 'E1'),
    workerCode: 'E1',
    workerType: 'employee',
    legalEntityId: 'US01',
    projectId: masterIdOf('project', 'P1'),
    projectCode: 'P1',
    workDate: '2026-11-03',
    hours: '8',
    billable: true,
    cost: { amount, currency: 'USD', rateId: 'R1', rate: '50' },
    routes: ['erp'],
    ...rest,
  };
};

const received = <T>(type: ReceivedEvent['type'], producer: Context, body: T): ReceivedEvent<T> => ({
  eventId: randomUUID(),
  type,
  subject: `evt.${type}.US01`,
  producer,
  time: systemClock.now(),
  bucket: 1,
  traceparent: undefined,
  body,
  deliveryCount: 1,
  streamSequence: 1,
});

/** One process of erp-posting, driven by hand. `wrap` puts something between it and the database. */
export class Process {
  readonly ledger: PostgresLedger;
  readonly planner: PlanTargets;
  readonly freezer: FreezeDocuments;
  readonly sender: SendDocuments;
  readonly resolver: ResolveUnknown;
  readonly confirmer: ConfirmDocuments;
  readonly prober: ProbeConnection;
  readonly releases: TakeReleases;
  readonly lost: unknown[] = [];
  readonly budget: RateBudget;
  readonly operations: FeedOperations;

  /** `shared`: the database through which replicas share the destination's budget; absent: this process has it alone. */
  constructor(
    database: Database,
    target: PostingTarget,
    capabilities: PostingCapabilities,
    { shared, witness, over = {} }: { shared?: Database | undefined; witness?: Witness | undefined; over?: object } = {},
  ) {
    const policy = {
      digest: 'test',
      calendar: CALENDAR,
      account: () => ({ account: '5000', balancingAccount: '2100' }),
      validation: { intercompany: 'hold' as const },
      legs: () => ['labour-cost' as const],
      lane: () => 'normal' as const,
      patienceSeconds: () => 0,
      leadSeconds: () => 0,
      summarise: () => 'lines' as const,
      feedRoutes: () => ['erp', 'other'],
      mayDispatch: () => ({ open: true as const }),
      afterMove: 'reverse-in-old' as const,
      ...over,
    } as unknown as ErpPolicy;
    const master = new MasterReadModel();
    const rules = erpRules({
      policy: { current: () => policy },
      master,
      clock: systemClock,
      destinations: new Set(['erp', 'other']),
    });
    this.ledger = postgresLedger({
      database,
      clock: systemClock,
      policy: { current: () => policy },
      instance: randomUUID(),
      rules,
      witness,
    });
    this.budget =
      shared === undefined
        ? new LocalBudget(capabilities.maxConcurrency)
        : new ConnectionBudget({
            connection: 'erp',
            instance: this.ledger.instance,
            limit: () => ({ slots: capabilities.maxConcurrency }),
            requestTimeoutMs: capabilities.requestTimeoutMs,
            mayDispatch: () => ({ open: true }),
            store: new PostgresBudgetStore(shared, outageTeller(this.ledger)),
            timers: this.ledger.timers,
            clock: systemClock,
            log: { info: () => {}, warn: () => {}, error: () => {} },
          });
    const pace = new Pace(this.ledger.timers);
    const erp: Destination = {
      id: 'erp',
      capabilities,
      target: () => target,
      budget: this.budget,
    };
    const log = { info: () => {}, warn: () => {}, error: (context: object) => void this.lost.push(context) };
    this.planner = new PlanTargets(this.ledger, pace);
    this.freezer = new FreezeDocuments(this.ledger, erp, new Pace(this.ledger.timers));
    this.sender = new SendDocuments(this.ledger, erp, log);
    this.resolver = new ResolveUnknown(this.ledger, erp);
    this.confirmer = new ConfirmDocuments(this.ledger, erp);
    this.prober = new ProbeConnection(this.ledger, erp);
    this.releases = new TakeReleases(this.ledger, pace);
    this.operations = new FeedOperations(this.ledger, [erp], () => ADOPTION);
  }

  #started: Promise<void> | undefined;
  async #start(): Promise<void> {
    await this.ledger.guard.start();
    await this.budget.start();
  }

  async planAndFreeze(): Promise<void> {
    await (this.#started ??= this.#start());
    while ((await this.planner.run()) === 'more');
    while ((await this.freezer.run()) === 'more');
  }

  async send(): Promise<void> {
    while ((await this.sender.run()) === 'more');
    await this.sender.drain();
  }

  async round(): Promise<void> {
    await this.planAndFreeze();
    await this.send();
    await this.resolver.run();
    await this.confirmer.run();
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
    const events = Object.entries(states).map(([period, state]) => {
      const code = periodCode(legalEntity, period);
      return received(EVENT_TYPES.masterChanged, 'master', {
        kind: 'accounting-period' as const,
        id: masterIdOf('accounting-period', code),
        code,
        revision: this.#revision,
        legalEntityId: legalEntity,
        timeline: [
          {
            validFrom: '0001-01-01',
            attributes: {
              code,
              legalEntity,
              startDate: `${period}-01`,
              endDate: `${period}-${period.endsWith('11') ? 30 : 31}`,
              state,
            },
          },
        ],
        crossReferences: [],
        attributeSources: {},
        ambiguous: false,
      });
    });
    await new ApplyMasterData(this.process.ledger).apply(events);
  }

  async legalEntities(...codes: string[]): Promise<void> {
    const events = codes.map((code) =>
      received(EVENT_TYPES.masterChanged, 'master', {
        kind: 'legal-entity' as const,
        id: masterIdOf('legal-entity', code),
        code,
        revision: 1,
        legalEntityId: code,
        timeline: [{ validFrom: '0001-01-01', attributes: { code } }],
        crossReferences: [],
        attributeSources: {},
        ambiguous: false,
      }),
    );
    await new ApplyMasterData(this.process.ledger).apply(events);
  }

  /** Releases (or, without content, withdrawals), as the consumer hands them over. */
  async take(
    ...releases: readonly [n: number, releaseNo: number, content: ReleasedContent | null, traceparent?: string][]
  ): Promise<void> {
    await this.process.releases.take(
      releases.map(([n, releaseNo, what, traceparent]) => ({
        event: { ...received(what === null ? EVENT_TYPES.entryWithdrawn : EVENT_TYPES.entryReleased, 'time', {}), traceparent },
        entryId: entry(n),
        releaseNo,
        legalEntityId: 'US01',
        content: what,
      })),
    );
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
      `select posting_key as key from posting where state in ('posted', 'confirmed')`,
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
