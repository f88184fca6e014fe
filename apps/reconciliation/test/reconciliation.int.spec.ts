import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connector, DestinationEvidence, SourceEvidence } from '@tieout/connector-kit';
import { EVENT_TYPES, eventSubject, type Context, type EventType } from '@tieout/contracts';
import { addDays, dateIn, entryIdOf, Fault, masterIdOf } from '@tieout/model';
import { migrate } from '@tieout/persistence';
import { startService, type RunningService } from '@tieout/service-kit';
import { eventually, testDatabase, testIssuer, testNats, type TestDatabase, type TestIssuer } from '@tieout/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ReconciliationRun } from '../src/adapters/postgres/run.store.js';
import { RECONCILIATION_MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { appModule } from '../src/app.module.js';

const OLD = '2026-01-01T00:00:00.000Z';
const DAY = addDays(dateIn(new Date().toISOString(), 'UTC'), -2);
const PERIOD = DAY.slice(0, 7);

/** Both ends, in memory. `readings` counts how often the destination was read. */
const world = {
  source: [] as SourceEvidence[],
  booked: [] as DestinationEvidence[],
  fails: undefined as Fault | undefined,
  readings: 0,
  /** Looked at before each reading of the destination. */
  beforeReading: (): void => undefined,
};
const connector = (system: string, reader: NonNullable<ReturnType<NonNullable<Connector['controlReader']>>>): Connector => ({
  manifest: { system, title: system, limits: 'none' },
  parseConfig: () => ({}),
  controlReader: () => reader,
});
const connectors = [
  connector('fake-psa', { readSource: async () => world.source }),
  connector('fake-erp', {
    readDestination: async () => {
      world.readings++;
      world.beforeReading();
      if (world.fails) throw world.fails;
      return world.booked;
    },
  }),
  // Takes other lines of the same hours, in other events: reading it would fail every run.
  connector('fake-bureau', {
    readDestination: () => Promise.reject(new Fault('ContractBroken', 'nobody should have read this')),
  }),
];
const policyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tieout-policy-'));
  cpSync(join(import.meta.dirname, '../../../deploy/governance/demo'), folder, { recursive: true });
  const files = {
    'connections.yaml': `connections:
  psa: { system: fake-psa, roles: [time, control], pollEverySeconds: 1, sweepEverySeconds: 1, windowDays: 60 }
  hr: { system: fake-hr, roles: [master-data], pollEverySeconds: 1 }
  erp: { system: fake-erp, roles: [posting, control], pollEverySeconds: 1, windowDays: 60, journalOursAlone: true }
  bureau: { system: fake-bureau, roles: [payroll, control], pollEverySeconds: 1, windowDays: 60 }
`,
    'systems-of-record.yaml': 'systemsOfRecord:\n  worker: hr\n',
    'routing.yaml': 'routes: { default: [erp] }\npayroll: { default: [bureau] }\n',
    'mappings.yaml': `mappings:
  psa:
    fields: { workerCode: employee, projectCode: project, workDate: date, hours: hours }
    approval: { approved: { field: status, equals: [approved] } }
`,
  };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
};

let database: TestDatabase;
let issuer: TestIssuer;
let service: RunningService;

beforeAll(async () => {
  const migrated = (url: string) => migrate({ url, migrations: RECONCILIATION_MIGRATIONS });
  const nats = await testNats();
  [database, issuer] = await Promise.all([testDatabase(migrated), testIssuer()]);
  service = await startService(
    {
      name: 'reconciliation',
      context: 'reconciliation',
      module: (runtime) => appModule(runtime, connectors),
      migrations: RECONCILIATION_MIGRATIONS,
    },
    {
      DATABASE_URL: database.url,
      NATS_URL: nats.url,
      OIDC_ISSUER: issuer.issuer,
      HTTP_PORT: '0',
      POLICY_DIR: policyFolder(),
      LOG_LEVEL: 'silent',
      RECONCILE_EVERY_SECONDS: '3600',
      RECONCILE_REREAD_SECONDS: '0.2',
    },
  );
  await eventually(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), 30_000);
  // The run that starts by itself.
  await eventually(async () => expect(await runs()).toHaveLength(1), 20_000);
  await tell(
    EVENT_TYPES.entryReleased,
    [1, 2].map((n) => ({
      ...decided(n),
      releaseNo: 1,
      content: {
        workerId: masterIdOf('worker', 'E1'),
        workerCode: 'E1',
        workerType: 'employee',
        legalEntityId: 'DE01',
        projectId: masterIdOf('project', 'P1'),
        projectCode: 'P1',
        workDate: DAY,
        hours: '8',
        billable: false,
        cost: { amount: '400', currency: 'EUR', rateId: 'r', rate: '50' },
        routes: ['erp', 'bureau', 'warehouse'],
      },
    })),
  );
  await tell(EVENT_TYPES.documentPosted, [
    {
      documentKey: randomUUID(),
      destination: 'erp',
      legalEntityId: 'DE01',
      postingPeriod: PERIOD,
      postingDate: DAY,
      currency: 'EUR',
      externalId: 'J1',
      postedAt: OLD,
      lines: [1, 2].map((n) => ({
        postingKey: key(n),
        entryId: entryIdOf('psa', `t${n}`),
        releaseNo: 1,
        leg: 'labour-cost',
        kind: 'post',
        workerCode: 'E1',
        projectCode: 'P1',
        workDate: DAY,
        hours: '8',
        amount: '400',
      })),
    },
  ]);
  world.source = [1, 2].map((n) => ({ sourceId: `t${n}`, workDate: DAY, hours: '8', approved: true, updatedAt: OLD }));
  world.booked = [line(1), line(2)];
});
afterAll(async () => {
  await service.stop();
  await Promise.all([issuer.stop(), database.drop()]);
});

const key = (n: number): string => entryIdOf('posting', `k${n}`);
const line = (n: number): DestinationEvidence => ({
  reference: key(n),
  externalId: `J1/${n}`,
  workerCode: 'E1',
  projectCode: 'P1',
  hours: '8',
  amount: '400',
  currency: 'EUR',
  legalEntityId: 'DE01',
  postingPeriod: PERIOD,
  postingDate: DAY,
});
const decided = (n: number) => ({
  entryId: entryIdOf('psa', `t${n}`),
  decisionNo: 1,
  versionNo: 1,
  connection: 'psa',
  sourceId: `t${n}`,
  legalEntityId: 'DE01',
  policyDigest: 'd',
  decidedAt: OLD,
});
const tell = async (type: EventType, bodies: object[], producer: Context = 'time'): Promise<void> => {
  const outcomes = await service.runtime.publisher.publish(
    bodies.map((body) => ({
      eventId: randomUUID(),
      emission: 1,
      type,
      subject: eventSubject(type, 'DE01'),
      producer,
      time: OLD,
      bucket: 1,
      body,
    })),
  );
  expect(outcomes.filter(({ ok }) => !ok)).toEqual([]);
};
const call = async (method: string, path: string, body?: object, roles: string[] | null = ['operator']) =>
  fetch(`${service.url}${path}`, {
    method,
    headers: {
      ...(roles && { authorization: `Bearer ${await issuer.token({ subject: 'olga', roles })}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
const runs = async () => ((await (await call('GET', '/runs')).json()) as { items: ReconciliationRun[] }).items;
const run = async (body: object = {}): Promise<ReconciliationRun> => {
  const before = (await runs()).length;
  expect(await (await call('POST', '/runs', body)).json()).toEqual({ accepted: true });
  return eventually(async () => {
    const found = await runs();
    expect(found).toHaveLength(before + 1);
    return found[0]!;
  }, 20_000);
};
const told = (type: EventType) =>
  service.runtime.database
    .query<{ body: object }>('select body from outbox where type = $1 order by id', [type])
    .then((rows) => rows.map(({ body }) => body));
const missing = { reason: 'MISSING_IN_DESTINATION', destination: 'erp', entryId: entryIdOf('psa', 't2'), hours: '8' };

it('ties out, line by line, and says who asked', async () => {
  const done = await run();
  expect(done).toMatchObject({ tiesOut: true, failure: null, askedBy: 'user:olga' });
  const both = { count: 2, hours: '16', amounts: { EUR: '800' } };
  expect(done.lines).toMatchObject([{ legalEntityId: 'DE01', destination: 'erp', approved: both, posted: both, differences: 0 }]);
  expect((await told(EVENT_TYPES.runCompleted)).at(-1)).toMatchObject({ runId: done.runId, tiesOut: true });
  expect(await (await call('GET', `/runs/${done.runId}`)).json()).toMatchObject({ runId: done.runId });
});

it('does not believe a difference that is gone at the second reading', async () => {
  const readings = world.readings;
  world.booked = [line(1)];
  world.beforeReading = () => {
    if (world.readings === readings + 2) world.booked = [line(1), line(2)];
  };
  expect(await run()).toMatchObject({ tiesOut: true });
  world.beforeReading = () => undefined;
  expect(world.readings).toBe(readings + 2);
  expect(await told(EVENT_TYPES.differenceFound)).toEqual([]);
});

it('tells of a missing line once, after reading twice', async () => {
  world.booked = [line(1)];
  const readings = world.readings;
  expect(await run()).toMatchObject({ tiesOut: false, lines: [{ differences: 1, inFlight: { count: 1 } }] });
  expect(world.readings).toBe(readings + 2);
  await run();
  expect(await told(EVENT_TYPES.differenceFound)).toMatchObject([missing]);
  expect(await (await call('GET', '/differences')).json()).toMatchObject({ items: [missing] });
  const shown = async (n: number) => (await call('GET', `/entries/${entryIdOf('psa', `t${n}`)}`)).json();
  const lastRun = { runId: (await runs())[0]!.runId, tiesOut: false };
  const status = { state: 'released', routes: ['erp', 'bureau', 'warehouse'] };
  expect(await shown(2)).toMatchObject({ status, differences: [{ reason: missing.reason, resolvedAt: null }], lastRun });
  expect(await shown(1)).toMatchObject({ status, differences: [], lastRun });
  expect(await shown(9)).toMatchObject({ status: null, differences: [], lastRun: null });
});

it('a run for other days does not take it for solved', async () => {
  const { source, booked } = world;
  [world.source, world.booked] = [[], []];
  await run({ from: '2026-01-01', to: '2026-01-31' });
  [world.source, world.booked] = [source, booked];
  expect(await told(EVENT_TYPES.differenceResolved)).toEqual([]);
});

it('compares nothing when an end cannot be read, and tells of the connection', async () => {
  world.fails = new Fault('Unavailable', 'GET /journal: 503');
  expect(await run()).toMatchObject({ tiesOut: false, lines: [], failure: 'GET /journal: 503' });
  expect(await told(EVENT_TYPES.connectionFaulted)).toMatchObject([
    { connection: 'erp', raisedBy: 'reconciliation', reason: 'CONNECTION_UNAVAILABLE' },
  ]);
  expect(await told(EVENT_TYPES.differenceResolved)).toEqual([]);
  world.fails = undefined;
  const recovered = async () =>
    ((await told(EVENT_TYPES.connectionRecovered)) as { connection: string }[]).filter(({ connection }) => connection === 'erp');
  const before = (await recovered()).length;
  await run();
  expect(await recovered()).toHaveLength(before + 1);
});

it('tells that a difference is solved, also when nothing is left to compare', async () => {
  [world.source, world.booked] = [[], []];
  await run();
  expect(await told(EVENT_TYPES.differenceResolved)).toMatchObject([
    { differenceKey: `erp|MISSING_IN_DESTINATION|${missing.entryId}` },
  ]);
  expect(await (await call('GET', '/differences')).json()).toEqual({ items: [] });
});

it.each([
  ['POST', '/runs', {}, null, 401],
  ['POST', '/runs', {}, ['auditor'], 403],
  ['POST', '/runs', { from: 'yesterday' }, ['finance'], 400],
  ['GET', `/runs/${randomUUID()}`, undefined, ['auditor'], 404],
])('%s %s %j as %j: %i', async (method, path, body, roles, status) => {
  expect((await call(method, path, body, roles)).status).toBe(status);
});
