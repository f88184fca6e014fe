import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EVENT_TYPES,
  eventSubject,
  QUESTIONS,
  type EventBody,
  type EventType,
  type MasterObjectChangedV1,
} from '@tieout/contracts';
import { addDays, ALWAYS, dateIn, entryIdOf, masterIdOf, type MasterKind, type MasterObject } from '@tieout/model';
import { migrate } from '@tieout/persistence';
import { compilePolicy } from '@tieout/policy';
import { startService, type RunningService } from '@tieout/service-kit';
import { signed } from '@tieout/signing';
import { eventually, testDatabase, testIssuer, testNats, type TestDatabase, type TestIssuer } from '@tieout/testing';
import { expect } from 'vitest';
import { TIME_INGESTION_MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { appModule } from '../src/app.module.js';
import { FakePsa } from './fake-psa.js';

const FILES: Readonly<Record<string, string>> = {
  'connections.yaml': `connections:
  psa: { system: fake-psa, roles: [time], pollEverySeconds: 1, sweepEverySeconds: 1, windowDays: 60, massDeletionLimit: { share: 0.5, count: 2 } }
  hr: { system: fake-hr, roles: [master-data], pollEverySeconds: 3600 }
  erp: { system: fake-erp, roles: [posting], pollEverySeconds: 3600 }
`,
  'systems-of-record.yaml': 'systemsOfRecord:\n  worker: hr\n',
  'routing.yaml': 'routes: { default: [erp] }\n',
  'mappings.yaml': `mappings:
  psa:
    fields:
      workerCode: { from: employee, case: upper }
      projectCode: project
      activity: activity
      payCode: { from: activity, values: { Consulting: REG } }
      workDate: date
      hours: hours
    approval:
      approved: { field: status, equals: [approved] }
      approvedAt: approvedAt
      approvedBy: { from: approvedBy, case: upper }
`,
};

const policyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tieout-policy-'));
  cpSync(join(import.meta.dirname, '../../../deploy/governance/demo'), folder, { recursive: true });
  for (const [file, text] of Object.entries(FILES)) writeFileSync(join(folder, file), text);
  return folder;
};

/** Name -> text of every file, as a candidate or an activation carries them. */
export type Bundle = Readonly<Record<string, string>>;
const bundleIn = (folder: string): Bundle =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );

const today = dateIn(new Date().toISOString(), 'UTC');
export const YESTERDAY = addDays(today, -1);
export const entryId = (sourceId: string): string => entryIdOf('psa', sourceId);

/** A record of the source in its own words: eight approved hours of E1 on P1, yesterday. */
export const fields = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  employee: 'e1',
  project: 'P1',
  activity: 'Consulting',
  date: YESTERDAY,
  hours: '2',
  status: 'approved',
  approvedAt: `${YESTERDAY}T18:00:00.000Z`,
  approvedBy: 'E9',
  ...more,
});

type Override = EventBody<typeof EVENT_TYPES.overrideChanged>;

type Told = Record<string, unknown> & { type: string };

/** The real service on a real database and NATS; only the time system is a fake. */
export class World {
  readonly psa = new FakePsa();
  /** Governance's; the service knows the public half. */
  readonly governance = generateKeyPairSync('ed25519');
  readonly policyDir = policyFolder();
  #revision = 0;
  #nudge: NodeJS.Timeout | undefined;
  private constructor(
    private readonly database: TestDatabase,
    readonly issuer: TestIssuer,
    private readonly natsUrl: string,
  ) {}
  service!: RunningService;

  static async create(): Promise<World> {
    const migrated = (url: string) => migrate({ url, migrations: TIME_INGESTION_MIGRATIONS });
    const [database, issuer, nats] = await Promise.all([testDatabase(migrated), testIssuer(), testNats()]);
    const world = new World(database, issuer, nats.url);
    await world.#start();
    // By itself the polling loop looks once a second.
    world.#nudge = setInterval(() => void world.rows(`select pg_notify('tieout_hint', '')`).catch(() => undefined), 100);
    const { nc } = world.service.runtime.link;
    // Master data sync, as far as time-ingestion asks it.
    nc.subscribe(QUESTIONS.masterProgress, {
      callback: (_error, message) =>
        void message.respond(JSON.stringify({ response: { idle: true, counts: {} }, isDisposed: true })),
    });
    await world.master('legal-entity', 'DE01', { currency: 'EUR', timeZone: 'Europe/Berlin', region: 'EMEA' });
    for (const code of ['E1', 'E2', 'E3']) {
      await world.master('worker', code, { legalEntity: 'DE01', type: 'employee', region: 'EMEA' });
      await world.master('cost-rate', code, { amount: '50', currency: 'EUR' });
    }
    await world.master('project', 'P1', { legalEntity: 'DE01', billable: 'false' });
    const period = { legalEntity: 'DE01', startDate: addDays(today, -70), endDate: addDays(today, 40), state: 'open' };
    await world.master('accounting-period', `DE01/${YESTERDAY.slice(0, 7)}`, period);
    return world;
  }

  async #start(): Promise<void> {
    this.service = await startService(
      {
        name: 'time-ingestion',
        context: 'time',
        module: (runtime) => appModule(runtime, [this.psa.connector()]),
        migrations: TIME_INGESTION_MIGRATIONS,
      },
      {
        DATABASE_URL: this.database.url,
        NATS_URL: this.natsUrl,
        OIDC_ISSUER: this.issuer.issuer,
        HTTP_PORT: '0',
        POLICY_DIR: this.policyDir,
        GOVERNANCE_PUBLIC_KEYS: this.#publicKeys(),
        LOG_LEVEL: 'silent',
      },
    );
    await eventually(async () => expect((await fetch(`${this.service.url}/health/ready`)).status).toBe(200), 30_000);
  }

  #publicKeys(): string {
    const file = join(mkdtempSync(join(tmpdir(), 'tieout-keys-')), 'governance.pem');
    writeFileSync(file, this.governance.publicKey.export({ type: 'spki', format: 'pem' }));
    return file;
  }

  get bundle(): Bundle {
    return bundleIn(this.policyDir);
  }

  async close(): Promise<void> {
    clearInterval(this.#nudge);
    await this.service.stop();
    await Promise.all([this.issuer.stop(), this.database.drop()]);
  }

  rows<R>(sql: string, params: unknown[] = []): Promise<R[]> {
    return this.service.runtime.database.query<R>(sql, params);
  }

  /** Publishes a master object and waits until it is in the read model. */
  async master(
    kind: MasterKind,
    code: string,
    attributes: Record<string, string>,
    more: Partial<MasterObject> = {},
  ): Promise<void> {
    const id = more.id ?? masterIdOf(kind, code);
    const revision = ++this.#revision;
    const body = {
      kind,
      id,
      code,
      revision,
      legalEntityId: 'DE01',
      timeline: [{ validFrom: ALWAYS, attributes: { code, ...attributes } }],
      crossReferences: [],
      attributeSources: {},
      ambiguous: false,
      ...more,
    } as MasterObjectChangedV1;
    await this.#publish(EVENT_TYPES.masterChanged, 'master', [kind, id], body);
    await eventually(async () =>
      expect(await this.rows('select revision from master_object where kind = $1 and code = $2', [kind, code])).toEqual([
        { revision },
      ]),
    );
  }

  async #publish<T extends EventType>(type: T, producer: 'master' | 'governance', scope: string[], body: EventBody<T>) {
    const event = { eventId: randomUUID(), emission: 1, producer, time: new Date().toISOString(), bucket: 1 } as const;
    const [outcome] = await this.service.runtime.publisher.publish([
      { ...event, type, subject: eventSubject(type, ...scope), body },
    ]);
    expect(outcome).toMatchObject({ ok: true });
  }

  /** Says what governance would say of an override; signed by its key, unless another one is given. */
  async override(
    sourceId: string,
    more: Partial<Override> & Pick<Override, 'reasons'>,
    key = this.governance.privateKey,
  ): Promise<Omit<Override, 'keyId' | 'signature'>> {
    const statement = {
      overrideId: randomUUID(),
      revision: ++this.#revision,
      entryId: entryId(sourceId),
      legalEntityId: 'DE01',
      validUntil: new Date(Date.now() + 3_600_000).toISOString(),
      state: 'active' as const,
      requestedBy: 'user:olga-operator',
      approvedBy: 'user:finn-finance',
      ...more,
    };
    const body = { ...statement, ...signed('override', statement, key) };
    await this.#publish(EVENT_TYPES.overrideChanged, 'governance', [statement.entryId], body);
    return statement;
  }

  /** Has the service take another bundle, as governance would. */
  async activate(bundle: Bundle): Promise<string> {
    const compiled = compilePolicy(bundle);
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
    const { digest } = compiled.policy;
    const statement = {
      environment: 'local',
      revision: ++this.#revision,
      bundleId: randomUUID(),
      digest,
      files: Object.entries(bundle).map(([name, text]) => ({ name, text })),
      activatedAt: new Date().toISOString(),
      activatedBy: 'user:pia-platform',
    };
    const body = { ...statement, ...signed('policy-activation', statement, this.governance.privateKey) };
    await this.#publish(EVENT_TYPES.policyActivated, 'governance', ['local'], body);
    await eventually(() => this.service.runtime.policy.current().digest === digest);
    return digest;
  }

  /** Verdicts told of one entry, in order. */
  verdicts(sourceId: string): Promise<Told[]> {
    return this.#told(`body->>'sourceId' = $1`, [sourceId]);
  }
  /** What was told of the connection or of its unreadable records since then. */
  news(since = 0): Promise<Told[]> {
    return this.#told(`body->>'sourceId' is null and id > $1`, [since]);
  }
  async now(): Promise<number> {
    return (await this.rows<{ id: number }>('select coalesce(max(id), 0)::int as id from outbox'))[0]!.id;
  }
  async #told(where: string, params: unknown[]): Promise<Told[]> {
    const rows = await this.rows<{ type: string; body: object }>(
      `select type, body from outbox where ${where} order by id`,
      params,
    );
    return rows.map(({ type, body }) => ({ ...body, type }));
  }

  /** A whole turn at the source from now on, with its key sweep: whatever was there has been seen. */
  async turn(): Promise<void> {
    const until = this.psa.turns + 2;
    await eventually(() => this.psa.turns >= until);
  }

  post(path: string, body: unknown, headers: Record<string, string>): Promise<Response> {
    return fetch(`${this.service.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }
}
