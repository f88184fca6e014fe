import { ManualClock } from '@tieout/clock';
import { EVENT_TYPES } from '@tieout/contracts';
import { ALWAYS, masterIdOf, type MasterAttributes, type MasterKind, type MasterObject } from '@tieout/model';
import { Database, Leases, migrate } from '@tieout/persistence';
import { compilePolicy, type CompiledPolicy } from '@tieout/policy';
import { readBundleTexts } from '@tieout/service-kit';
import { testDatabase, type TestDatabase } from '@tieout/testing';
import { join } from 'node:path';
import { HandoffStore } from '../src/adapters/postgres/handoff.store.js';
import { MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { ObjectStore } from '../src/adapters/postgres/object.store.js';
import { SyncStateStore } from '../src/adapters/postgres/sync-state.store.js';
import { AdvanceHandoffs, type HandoffLease } from '../src/use-cases/handoff/advance-handoffs.js';
import { ChangeHandoff } from '../src/use-cases/handoff/change-handoff.js';
import { GatherFacts } from '../src/use-cases/handoff/gather-facts.js';
import { ProjectTargets } from '../src/use-cases/handoff/project-targets.js';
import { RetryHandoff } from '../src/use-cases/handoff/retry-handoff.js';
import { CAPABILITIES, HandoffVendor } from './handoff-vendor.js';

/** The process dies here: everything that was not committed is gone. */
export class Crash extends Error {}

const CONNECTIONS = `connections:
  crm: { system: fake-crm, roles: [master-data], kinds: [opportunity] }
  hr: { system: fake-hr, roles: [master-data] }
  psa: { system: fake-psa, roles: [master-data, project] }
  erp: { system: fake-erp, roles: [posting, master-data, project] }
`;
const RECORDS = 'systemsOfRecord: { opportunity: crm, client: psa, project: psa, worker: hr, legal-entity: hr }\n';
const ROUTING = 'routes: { default: [erp] }\nprojects: { default: [erp, psa] }\n';

const policyOf = (): CompiledPolicy => {
  const texts = readBundleTexts(join(import.meta.dirname, '../../../deploy/governance/demo'));
  const result = compilePolicy({
    ...texts,
    'connections.yaml': CONNECTIONS,
    'systems-of-record.yaml': RECORDS,
    'mappings.yaml': 'mappings: {}\n',
    'routing.yaml': ROUTING,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.policy;
};

export const WON: MasterAttributes['opportunity'] = {
  code: 'D-1',
  name: 'Engagement',
  client: 'C-1',
  legalEntity: 'DE01',
  stage: 'won',
  wonOn: '2026-11-20',
  projectCode: 'P-1',
  billable: 'true',
  revenueMethod: 'time-and-material',
  budgetAmount: '1000.00',
  currency: 'EUR',
  startDate: '2026-12-01',
  projectManager: 'E1',
};

/** Canonical master data on a real database, two systems that make projects, and as many processes as a test wants. */
export class HandoffWorld {
  readonly clock = new ManualClock('2026-11-23T09:00:00.000Z');
  readonly psa = new HandoffVendor('psa', this.clock);
  readonly erp = new HandoffVendor('erp', this.clock);
  readonly policy = policyOf();
  readonly objects = new ObjectStore();
  readonly handoffs = new HandoffStore();
  /** Called at each commit, before and after. */
  touch: (where: string) => void = () => undefined;
  #processes = 0;

  private constructor(
    readonly database: Database,
    private readonly test: TestDatabase,
  ) {
    for (const vendor of [this.psa, this.erp]) vendor.touch = (where) => this.touch(where);
  }

  static async start(): Promise<HandoffWorld> {
    const test = await testDatabase((url) => migrate({ url, migrations: MIGRATIONS }));
    return new HandoffWorld(new Database({ url: test.url, applicationName: 'handoff' }), test);
  }
  async stop(): Promise<void> {
    await this.database.close();
    await this.test.drop();
  }

  /** Empty tables, and the things that a good opportunity names. */
  async reset(): Promise<void> {
    await this.database.query('truncate handoff, handoff_attempt, canonical_object, sync_state, outbox, lease');
    for (const vendor of [this.psa, this.erp]) {
      vendor.projects.length = vendor.mishaps.length = 0;
      vendor.gate = undefined;
    }
    this.touch = () => undefined;
    await this.read();
    await this.put('legal-entity', { code: 'DE01', currency: 'EUR' });
    await this.put('client', { code: 'C-1' });
    await this.put('worker', { code: 'E1', legalEntity: 'DE01' });
  }
  /** Every system of record was read to its end. */
  async read(): Promise<void> {
    for (const [connection, kind] of [
      ['psa', 'client'],
      ['psa', 'project'],
      ['hr', 'worker'],
      ['hr', 'legal-entity'],
    ] as const)
      await new SyncStateStore().saveSuccess(this.database, { connection, kind }, 1, [], this.clock.now());
  }

  async put<K extends MasterKind>(
    kind: K,
    attributes: MasterAttributes[K],
    more: Partial<MasterObject> = {},
  ): Promise<MasterObject> {
    const { code } = attributes;
    const [before] = await this.objects.byCode(this.database, kind, code);
    const after: MasterObject = {
      kind,
      id: masterIdOf(kind, code),
      code,
      revision: (before?.revision ?? 0) + 1,
      legalEntityId: 'legalEntity' in attributes ? (attributes.legalEntity as string) : 'UNASSIGNED',
      timeline: [{ validFrom: ALWAYS, attributes: { ...attributes } as Record<string, string> }],
      crossReferences: [],
      attributeSources: {},
      ambiguous: false,
      ...more,
    };
    await this.objects.save(this.database, kind, [{ before, after, drift: [] } as never], [], this.clock.now());
    return after;
  }
  opportunity(change: Partial<MasterAttributes['opportunity']> = {}): Promise<MasterObject> {
    return this.put('opportunity', { ...WON, ...change });
  }
  /** What the synchronisation does after a system made a project. */
  async synchronise(code = 'P-1'): Promise<void> {
    const references = [this.psa, this.erp].flatMap(({ connection, projects }) =>
      projects.filter((project) => project.code === code).map(({ externalId }) => ({ connection, externalId })),
    );
    if (!references.some(({ connection }) => connection === 'psa')) return;
    await this.put('project', { code, legalEntity: 'DE01', client: 'C-1' }, { crossReferences: references });
  }

  /** A new process. Its lease is the only one; whoever had it before is a zombie. */
  async process() {
    const owner = `process-${++this.#processes}`;
    await this.database.query(`update lease set expires_at = '-infinity'`);
    const { fence } = (await new Leases(this.database).tryAcquire('handoffs', owner, 60_000))!;
    const lease: HandoffLease = { name: 'handoffs', owner, ttlMs: 60_000, fence };
    const database = this.#touched();
    const facts = new GatherFacts(this.objects, new SyncStateStore(), this.handoffs);
    const changes = new ChangeHandoff(this.handoffs, this.clock);
    const connections = [this.psa, this.erp].map((vendor) => ({
      declaration: this.policy.connections.find(({ id }) => id === vendor.connection)!,
      connector: vendor.connector(),
      config: {},
      deps: { connection: vendor.connection, clock: this.clock },
    }));
    const stores = { handoffs: this.handoffs, objects: this.objects, facts };
    const advances = new AdvanceHandoffs(database, stores, new ProjectTargets(connections), changes, this.clock);
    return {
      fence,
      /** One round over whatever is due. */
      round: async (): Promise<void> => {
        for (const due of await this.handoffs.due(this.database, this.clock.now(), 50))
          await advances.advance(due, this.policy, lease);
      },
      retry: (code: string) =>
        new RetryHandoff(database, this.handoffs, this.objects, changes, this.clock, { current: () => this.policy }).retry(
          code,
          'user:olga',
        ),
    };
  }
  #touched(): Database {
    const { database } = this;
    const touch = (where: string): void => this.touch(where);
    return new Proxy(database, {
      get: (target, name) => {
        if (name !== 'transaction') {
          const value = Reflect.get(target, name) as unknown;
          return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
        }
        return async (fn: Parameters<Database['transaction']>[0]) => {
          const result = await database.transaction(async (tx) => {
            const inside = await fn(tx);
            touch('before commit');
            return inside;
          });
          touch('after commit');
          return result;
        };
      },
    });
  }

  /** Rounds, with time to settle and synchronisations between them, until nothing changes any more. */
  async untilQuiet(process: { round(): Promise<void> }, rounds = 6): Promise<void> {
    for (let n = 0; n < rounds; n += 1) {
      await process.round();
      this.clock.advance(CAPABILITIES.deadlineMs + CAPABILITIES.settleMs + CAPABILITIES.readLagMs + 20_000);
      await this.synchronise();
    }
  }
  async state(code = 'D-1'): Promise<string | undefined> {
    return (await this.handoffs.byCode(this.database, code))?.state;
  }
  /** What people were told, in order: "+REASON detail", "-itemKey". */
  async told(): Promise<string[]> {
    const rows = await this.database.query<{ type: string; body: Record<string, string> }>(
      `select type, body from outbox where type like 'control.%' order by id`,
    );
    return rows.map(({ type, body }) =>
      type === EVENT_TYPES.conditionRaised
        ? `+${body['reason']} ${body['detail']}`
        : `-${body['itemKey']!.split(':').slice(0, 2).join(':')}`,
    );
  }
}
