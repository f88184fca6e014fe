import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@tieout/clock';
import { CONNECTORS } from '@tieout/connectors';
import type { AnalyticsTarget, DimensionRow } from '@tieout/connector-kit';
import { EVENT_TYPES, type MasterObjectChangedV1 } from '@tieout/contracts';
import {
  ConfirmDocuments,
  FreezeDocuments,
  LocalBudget,
  Pace,
  PlanTargets,
  SendDocuments,
  TakeReleases,
  type Destination,
} from '@tieout/delivery';
import { postgresLedger } from '@tieout/delivery/postgres';
import type { ReceivedEvent } from '@tieout/messaging';
import { Fault, type ReleasedContent } from '@tieout/model';
import { Database, migrate, type Tx, MasterReadModel } from '@tieout/persistence';
import { testDatabase, type TestDatabase } from '@tieout/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DimensionStore } from '../src/adapters/postgres/dimension.store.js';
import { MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { RebuildStore } from '../src/adapters/postgres/rebuild.store.js';
import { analyticsRules } from '../src/use-cases/analytics-rules.js';
import { ApplyMasterData } from '../src/use-cases/apply-master-data.js';
import { DeliverDimensions } from '../src/use-cases/deliver-dimensions.js';
import { RebuildWarehouse } from '../src/use-cases/rebuild-warehouse.js';
import { ResendDocuments } from '../src/use-cases/resend-documents.js';
import { hashOf, parquetWarehouse, type Warehouse } from './warehouses.js';
import { master, released, type Event } from './world.js';

const migrated = (url: string): Promise<string[]> => migrate({ url, migrations: MIGRATIONS });
const connector = CONNECTORS.find(({ manifest }) => manifest.system === 'warehouse-parquet')!;
const rebuilds = new RebuildStore();
const dimensions = new DimensionStore();

type Mishap = 'lost-before' | 'lost-after' | 'writes-nothing';

/** A real warehouse that fails as told, once for each mishap. */
class UnluckyWarehouse {
  readonly mishaps: Mishap[] = [];
  readonly sent: string[] = [];
  constructor(private readonly real: AnalyticsTarget) {}

  target(): AnalyticsTarget {
    const { real, mishaps, sent } = this;
    return {
      verifyAccess: () => real.verifyAccess(),
      readBack: (ids) => real.readBack(ids),
      findByReference: (key) => real.findByReference!(key),
      upsertDimensions: (rows: readonly DimensionRow[]) => real.upsertDimensions(rows),
      post: async (document) => {
        sent.push(document.documentKey);
        const mishap = mishaps.shift();
        if (mishap === 'lost-before') throw new Fault('Unavailable', 'nobody there');
        if (mishap === 'writes-nothing') return { kind: 'posted', externalId: `2026-11/${document.documentKey}` };
        const outcome = await real.post!(document);
        if (mishap === 'lost-after') throw new Fault('OutcomeUnknown', 'no answer');
        return outcome;
      },
    };
  }
}

let test: TestDatabase;
let database: Database;
let folder: string;
let lake: Warehouse;
let unlucky: UnluckyWarehouse;

beforeEach(async () => {
  test = await testDatabase(migrated);
  database = new Database({ url: test.url });
  folder = await mkdtemp(join(tmpdir(), 'tieout-lake-'));
  lake = parquetWarehouse(folder);
  const config = connector.parseConfig({ values: { folder }, secrets: new Set() });
  unlucky = new UnluckyWarehouse(connector.postingTarget!(config, { connection: 'lake', clock: systemClock }) as AnalyticsTarget);
});
afterEach(async () => {
  await database.close();
  await test.drop();
  await rm(folder, { recursive: true });
});

const received = <T>({ type, body }: Event): ReceivedEvent<T> => ({
  eventId: randomUUID(),
  type,
  subject: `evt.${type}`,
  producer: 'time',
  time: systemClock.now(),
  bucket: 1,
  traceparent: undefined,
  body: body as T,
  deliveryCount: 1,
  streamSequence: 1,
});

/** One process of the feed, driven by hand. */
const newProcess = () => {
  const policy = {
    current: () => ({
      digest: 'test',
      lane: () => 'analytics' as const,
      patienceSeconds: () => 0,
      mayDispatch: () => ({ open: true as const }),
    }),
  };
  const ledger = postgresLedger({
    database,
    clock: systemClock,
    policy,
    instance: randomUUID(),
    rules: analyticsRules({ policy, clock: systemClock, master: new MasterReadModel(), destinations: new Set(['lake']) }),
  });
  const capabilities = { ...connector.manifest.posting!, maxLinesPerDocument: 5 };
  const destination: Destination = {
    id: 'lake',
    capabilities,
    target: () => unlucky.target(),
    budget: new LocalBudget(capabilities.maxConcurrency),
  };
  const pace = new Pace(ledger.timers);
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const planner = new PlanTargets(ledger, pace);
  const freezer = new FreezeDocuments(ledger, destination, new Pace(ledger.timers));
  const sender = new SendDocuments(ledger, destination, log);
  const confirmer = new ConfirmDocuments(ledger, destination);
  const releases = new TakeReleases(ledger, pace);
  return {
    rebuild: new RebuildWarehouse(ledger, rebuilds, dimensions),
    resend: new ResendDocuments(ledger, destination, rebuilds),
    deliver: new DeliverDimensions(ledger, destination, dimensions),
    master: new ApplyMasterData(ledger),
    lock: (tx: Tx, why: string | null) => ledger.connections.setLock(tx, 'lake', why),
    take: (events: readonly Event[]) =>
      releases.take(
        events.map((event) => {
          const body = event.body as { entryId: string; releaseNo: number; legalEntityId: string; content: ReleasedContent };
          return { event: received(event), ...body };
        }),
      ),
    send: async (): Promise<void> => {
      while ((await planner.run()) === 'more');
      while ((await freezer.run()) === 'more');
      while ((await sender.run()) === 'more');
      await sender.drain();
      while ((await confirmer.run()) === 'more');
    },
  };
};
type Process = ReturnType<typeof newProcess>;

/** 60 hours in 12 loads, a corrected hour, and two dimensions. */
const filled = async (): Promise<Process> => {
  const process = newProcess();
  await process.take(Array.from({ length: 60 }, (_, n) => released(n, 1)));
  await process.send();
  await process.take([released(3, 2, { hours: '6', cost: '300' })]);
  await process.send();
  await process.master.apply(
    [
      master('worker', 'E1', 1, { validFrom: '0001-01-01', attributes: { costCentre: 'A' } }),
      master('project', 'P1', 1, { validFrom: '0001-01-01', attributes: { budgetHours: '100' } }),
    ].map((event) => received<MasterObjectChangedV1>({ ...event, type: EVENT_TYPES.masterChanged })),
  );
  while ((await process.deliver.run()) === 'more');
  unlucky.sent.length = 0;
  return process;
};
const timePasses = () => database.query(`update rebuild_document set held_until = null`);
const finish = async (...processes: Process[]): Promise<void> => {
  for (let round = 0; round < 40; round++) {
    await Promise.all(processes.map(async ({ resend }) => void (await resend.run())));
    await Promise.all(processes.map(async ({ deliver }) => void (await deliver.run())));
    if ((await processes[0]!.rebuild.view('lake'))!.finishedAt !== null) return;
    await timePasses();
  }
  throw new Error(`not finished: ${JSON.stringify(await processes[0]!.rebuild.view('lake'))}`);
};

it('lost requests and answers, and a yes that wrote nothing, are made good; the result is the same', async () => {
  const process = await filled();
  const before = await hashOf(lake);
  await lake.empty();
  await process.rebuild.start('lake', 'user:olga');
  unlucky.mishaps.push('lost-before', 'lost-after', 'writes-nothing');
  await process.resend.run();
  const view = await process.rebuild.view('lake');
  expect(view).toMatchObject({ documents: 13, remaining: 3, finishedAt: null });
  expect([...view!.problems].sort()).toEqual([
    expect.stringContaining('it was taken and does not stand there'),
    'no answer',
    'nobody there',
  ]);
  await finish(process);
  expect(await hashOf(lake)).toBe(before);
});

it('the ledger stays as it was, and nobody is told of unknown documents', async () => {
  const process = await filled();
  const state = () => database.query(`select document_key, state, fence, attempts from document order by 1`);
  const events = () => database.query(`select type, count(*) as n from outbox group by 1 order by 1`);
  const [ledger, told] = [await state(), await events()];
  await lake.empty();
  await process.rebuild.start('lake', 'user:olga');
  await finish(process);
  expect(await state()).toEqual(ledger);
  expect(await events()).toEqual(told);
});

it('two replicas share the work; what a dead one had in hand is taken over', async () => {
  const [one, two] = [await filled(), newProcess()];
  const before = await hashOf(lake);
  await lake.empty();
  await one.rebuild.start('lake', 'user:olga');
  // Taken by a process that died before it sent anything.
  await database.transaction((tx) => rebuilds.take(tx, 'lake', { limit: 4, holdMs: 60_000 }));
  await Promise.all([one.resend.run(), two.resend.run()]);
  expect(unlucky.sent).toHaveLength(9);
  expect(new Set(unlucky.sent).size).toBe(9);
  expect(await two.rebuild.view('lake')).toMatchObject({ remaining: 4, finishedAt: null });
  await finish(two, one);
  expect(await hashOf(lake)).toBe(before);
  const rows = await database.query(`select action from audit_record where action = 'warehouse.rebuilt'`);
  expect(rows).toHaveLength(1);
});

it('started again while loads are on their way: what the earlier round had in hand is sent once more', async () => {
  const process = await filled();
  const before = await hashOf(lake);
  await process.rebuild.start('lake', 'user:olga');
  const taken = await database.transaction((tx) => rebuilds.take(tx, 'lake', { limit: 20, holdMs: 60_000 }));
  const due = await dimensions.due(database, 'lake', 10);
  await lake.empty();
  await process.rebuild.start('lake', 'user:olga');
  await database.transaction(async (tx) => {
    await rebuilds.done(tx, 'lake', taken);
    await dimensions.delivered(tx, 'lake', due, systemClock.now());
  });
  expect(await process.rebuild.view('lake')).toMatchObject({ documents: 13, remaining: 13 });
  await finish(process);
  expect(await hashOf(lake)).toBe(before);
});

it('while sending is locked, nothing goes out', async () => {
  const process = await filled();
  await lake.empty();
  await process.rebuild.start('lake', 'user:olga');
  await database.transaction((tx) => process.lock(tx, 'the ledger went back'));
  expect([await process.resend.run(), await process.deliver.run()]).toEqual(['idle', 'idle']);
  expect(unlucky.sent).toEqual([]);
  await database.transaction((tx) => process.lock(tx, null));
  await finish(process);
  expect(unlucky.sent).toHaveLength(13);
});
