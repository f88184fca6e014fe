import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connector, DestinationEvidence, SourceEvidence } from '@tieout/connector-kit';
import { EVENT_TYPES, eventSubject, type Context, type EventType } from '@tieout/contracts';
import { addDays, dateIn, entryIdOf, masterIdOf, Fault } from '@tieout/model';
import { migrate } from '@tieout/persistence';
import { startService, type RunningService } from '@tieout/service-kit';
import { eventually, testDatabase, testIssuer, testNats, type TestDatabase, type TestIssuer } from '@tieout/testing';
import { expect } from 'vitest';
import type { ReconciliationRun } from '../src/adapters/postgres/run.store.js';
import { RECONCILIATION_MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { appModule } from '../src/app.module.js';

export const OLD = '2026-01-01T00:00:00.000Z';
const DAY = addDays(dateIn(new Date().toISOString(), 'UTC'), -2);
const PERIOD = DAY.slice(0, 7);

/** Both ends, in memory. `readings` counts how often the destination was read. */
export const world = {
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
export let service: RunningService;

/** The service on its own database, with two approved hours at the source that both stand in the destination. */
export const startWorld = async (settings: Record<string, string> = {}): Promise<void> => {
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
      ...settings,
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
};
export const stopWorld = async (): Promise<void> => {
  await service.stop();
  await Promise.all([issuer.stop(), database.drop()]);
};

const key = (n: number): string => entryIdOf('posting', `k${n}`);
export const line = (n: number, more: Partial<DestinationEvidence> = {}): DestinationEvidence => ({
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
  ...more,
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
export const tell = async (type: EventType, bodies: object[], producer: Context = 'time'): Promise<void> => {
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
export const call = async (
  method: string,
  path: string,
  body?: object,
  roles: string[] | null = ['operator'],
  subject = 'olga',
) =>
  fetch(`${service.url}${path}`, {
    method,
    headers: {
      ...(roles && { authorization: `Bearer ${await issuer.token({ subject, roles })}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
export const runs = async () => ((await (await call('GET', '/runs')).json()) as { items: ReconciliationRun[] }).items;
export const run = async (body: object = {}): Promise<ReconciliationRun> => {
  const before = (await runs()).length;
  // The run before is stored a moment before it gives its lease back.
  await eventually(async () => expect(await (await call('POST', '/runs', body)).json()).toEqual({ accepted: true }), 5000);
  return eventually(async () => {
    const found = await runs();
    expect(found).toHaveLength(before + 1);
    return found[0]!;
  }, 20_000);
};
export const told = (type: EventType) =>
  service.runtime.database
    .query<{ body: object }>('select body from outbox where type = $1 order by id', [type])
    .then((rows) => rows.map(({ body }) => body));
