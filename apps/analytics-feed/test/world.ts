import { LINE_STATE } from '@tieout/delivery/postgres';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONNECTORS } from '@tieout/connectors';
import { EVENT_TYPES, eventSubject, type EventType } from '@tieout/contracts';
import { entryIdOf, masterIdOf, type MasterKind, type ReleasedContent } from '@tieout/model';
import { migrate } from '@tieout/persistence';
import { startService, type RunningService } from '@tieout/service-kit';
import { eventually, testDatabase, testIssuer, testNats, type TestDatabase, type TestIssuer } from '@tieout/testing';
import { expect } from 'vitest';
import { MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { appModule } from '../src/app.module.js';
import { bundleWithWarehouses, parquetWarehouse, postgresWarehouse, type Warehouse } from './warehouses.js';

const migrated = (url: string): Promise<string[]> => migrate({ url, migrations: MIGRATIONS });

export const entry = (n: number): string => entryIdOf('psa', `T-${n}`);

export type Change = Partial<Omit<ReleasedContent, 'cost' | 'bill'>> & { cost?: string; bill?: string | null };
const content = ({ cost = '400', bill = '800', ...rest }: Change): ReleasedContent => ({
  workerId: masterIdOf('worker', 'E1'),
  workerCode: 'E1',
  workerType: 'employee',
  legalEntityId: 'US01',
  projectId: masterIdOf('project', 'P1'),
  projectCode: 'P1',
  workDate: '2026-11-03',
  hours: '8',
  billable: true,
  cost: { amount: cost, currency: 'USD', rateId: 'R1', rate: '50' },
  ...(bill !== null && { bill: { amount: bill, currency: 'USD', rateId: 'B1', rate: '100' } }),
  routes: ['erp', 'dw', 'lake'],
  ...rest,
});

export interface Event {
  readonly type: EventType;
  readonly scope: string[];
  readonly body: unknown;
}

const decided = (n: number, releaseNo: number) => ({
  entryId: entry(n),
  decisionNo: releaseNo,
  versionNo: releaseNo,
  connection: 'psa',
  sourceId: `T-${n}`,
  legalEntityId: 'US01',
  policyDigest: 'd',
  decidedAt: '2026-11-20T10:00:00.000Z',
  releaseNo,
});
export const released = (n: number, releaseNo: number, change: Change = {}): Event => ({
  type: EVENT_TYPES.entryReleased,
  scope: ['US01'],
  body: { ...decided(n, releaseNo), content: content(change) },
});
export const withdrawn = (n: number, releaseNo: number): Event => ({
  type: EVENT_TYPES.entryWithdrawn,
  scope: ['US01'],
  body: { ...decided(n, releaseNo), cause: 'deleted' },
});
export const master = (
  kind: MasterKind,
  code: string,
  revision: number,
  ...timeline: { validFrom: string; attributes: Record<string, string> }[]
): Event => ({
  type: EVENT_TYPES.masterChanged,
  scope: [kind, masterIdOf(kind, code)],
  body: {
    kind,
    id: masterIdOf(kind, code),
    code,
    revision,
    legalEntityId: 'US01',
    timeline: timeline.map(({ validFrom, attributes }) => ({ validFrom, attributes: { code, ...attributes } })),
    crossReferences: [],
    attributeSources: {},
    ambiguous: false,
  },
});

/** The running service between NATS and two real warehouses. */
export class World {
  private constructor(
    readonly service: RunningService,
    readonly lakeFolder: string,
    readonly dw: Warehouse,
    readonly lake: Warehouse,
    private readonly issuer: TestIssuer,
    private readonly close: () => Promise<void>,
  ) {}

  static async create(): Promise<World> {
    const nats = await testNats();
    const [own, warehouse, issuer]: [TestDatabase, TestDatabase, TestIssuer] = await Promise.all([
      testDatabase(migrated),
      testDatabase(),
      testIssuer(),
    ]);
    const lakeFolder = await mkdtemp(join(tmpdir(), 'tieout-lake-'));
    const bundle = await bundleWithWarehouses();
    const service = await startService(
      {
        name: 'analytics-feed',
        context: 'analytics',
        module: (runtime) => appModule(runtime, CONNECTORS),
        migrations: MIGRATIONS,
      },
      {
        DATABASE_URL: own.url,
        NATS_URL: nats.url,
        OIDC_ISSUER: issuer.issuer,
        HTTP_PORT: '0',
        POLICY_DIR: bundle,
        LOG_LEVEL: 'fatal',
        DW_URL: warehouse.url,
        DW_SCHEMA: 'dw',
        LAKE_FOLDER: lakeFolder,
      },
    );
    await eventually(
      async () => expect(await (await fetch(`${service.url}/health/ready`)).json()).toMatchObject({ status: 'ready' }),
      30_000,
    );
    return new World(
      service,
      lakeFolder,
      postgresWarehouse(warehouse.url, 'dw'),
      parquetWarehouse(lakeFolder),
      issuer,
      async () => {
        await service.stop();
        await issuer.stop();
        await Promise.all([own.drop(), warehouse.drop()]);
        await Promise.all([lakeFolder, bundle].map((folder) => rm(folder, { recursive: true })));
      },
    );
  }

  stop(): Promise<void> {
    return this.close();
  }

  async publish(...events: Event[]): Promise<void> {
    const outcomes = await this.service.runtime.publisher.publish(
      events.map(({ type, scope, body }) => ({
        eventId: randomUUID(),
        emission: 1,
        type,
        subject: eventSubject(type, ...scope),
        producer: type.startsWith('master') ? ('master' as const) : ('time' as const),
        time: new Date().toISOString(),
        bucket: 1,
        body,
      })),
    );
    expect(outcomes.filter((outcome) => !outcome.ok)).toEqual([]);
  }

  /** Until every release up to these numbers was taken, and nothing waits or is in flight: all in one snapshot. */
  async settled(releases: Readonly<Record<number, number>>): Promise<void> {
    const wanted = Object.entries(releases).map(([n, releaseNo]) => ({ id: entry(Number(n)), releaseNo }));
    await eventually(async () => {
      const [row] = await this.service.runtime.database.query<{ taken: number; unplanned: number; open: number }>(
        `select (select count(*)::int from entry_release e join jsonb_to_recordset($1::jsonb) as w(id uuid, "releaseNo" int)
                 on e.entry_id = w.id and e.release_no = w."releaseNo") as taken,
           (select count(*)::int from target where planning <> 'clean') as unplanned,
           (select count(*)::int from posting p where ${LINE_STATE} not in ('confirmed', 'cancelled')) as open`,
        [JSON.stringify(wanted)],
      );
      expect(row).toEqual({ taken: wanted.length, unplanned: 0, open: 0 });
    }, 30_000);
  }

  /** Until both warehouses have the newest revision of every dimension. */
  async dimensionsDelivered(objects: number): Promise<void> {
    await eventually(async () => {
      const [row] = await this.service.runtime.database.query<{ known: number; delivered: number }>(
        `select (select count(*)::int from master_object) as known, (select count(*)::int from dimension_delivery d
           join master_object m on m.kind = d.kind and m.id = d.object_id and m.revision = d.revision) as delivered`,
      );
      expect(row).toEqual({ known: objects, delivered: objects * 2 });
    }, 20_000);
  }

  async call(path: string, roles: string[], body?: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await fetch(`${this.service.url}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${await this.issuer.token({ roles, subject: 'olga' })}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
}
