import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { COMMANDS, EVENT_TYPES, eventSubject, FEED_COMMANDS, type Context, type EventType } from '@tieout/contracts';
import { entryIdOf, type ReasonCode } from '@tieout/model';
import { migrate } from '@tieout/persistence';
import { startService, type RunningService } from '@tieout/service-kit';
import { eventually, testDatabase, testIssuer, testNats, type TestDatabase, type TestIssuer } from '@tieout/testing';
import { expect } from 'vitest';
import { EXCEPTION_MANAGEMENT_MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { appModule } from '../src/app.module.js';

export const AT = '2026-11-23T09:00:00.000Z';

export interface Shown {
  caseId: string;
  state: string;
  opening: number;
  [more: string]: unknown;
}

const migrated = (url: string): Promise<string[]> => migrate({ url, migrations: EXCEPTION_MANAGEMENT_MIGRATIONS });

const decided = (n: number, decisionNo: number) => ({
  entryId: entryIdOf('psa', `t${n}`),
  decisionNo,
  versionNo: 1,
  connection: 'psa',
  sourceId: `t${n}`,
  legalEntityId: 'DE01',
  policyDigest: 'd',
  decidedAt: AT,
});

/** The service as it runs, told what the others would tell it, and asked as a person would. */
export class World {
  /** What it asked of those that can act on a retry. */
  readonly commands: { subject: string; data: unknown }[] = [];

  private constructor(
    private readonly database: TestDatabase,
    private readonly issuer: TestIssuer,
    readonly service: RunningService,
  ) {}

  static async start(): Promise<World> {
    const nats = await testNats();
    const [database, issuer] = await Promise.all([testDatabase(migrated), testIssuer()]);
    const service = await startService(
      {
        name: 'exception-management',
        context: 'exception',
        module: appModule,
        migrations: EXCEPTION_MANAGEMENT_MIGRATIONS,
      },
      {
        DATABASE_URL: database.url,
        NATS_URL: nats.url,
        OIDC_ISSUER: issuer.issuer,
        HTTP_PORT: '0',
        POLICY_DIR: join(import.meta.dirname, '../../../deploy/governance/demo'),
        LOG_LEVEL: 'silent',
      },
    );
    await eventually(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), 30_000);
    const world = new World(database, issuer, service);
    for (const subject of [COMMANDS.reassessEntries, COMMANDS.retryPostings, FEED_COMMANDS.payroll.retry])
      service.runtime.link.nc.subscribe(subject, {
        callback: (_error, message) => {
          world.commands.push({ subject, data: message.json<{ data: unknown }>().data });
          message.respond(JSON.stringify({ response: {}, isDisposed: true }));
        },
      });
    return world;
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await Promise.all([this.issuer.stop(), this.database.drop()]);
  }

  async tell(type: EventType, body: object, producer: Context = 'time'): Promise<void> {
    const [outcome] = await this.service.runtime.publisher.publish([
      {
        eventId: randomUUID(),
        emission: 1,
        type,
        subject: eventSubject(type, ('legalEntityId' in body ? body.legalEntityId : 'psa') as string),
        producer,
        time: AT,
        bucket: 1,
        body,
      },
    ]);
    expect(outcome).toMatchObject({ ok: true });
  }

  held(n: number, decisionNo: number, refusals: [ReasonCode, string][], more: object = {}): Promise<void> {
    return this.tell(EVENT_TYPES.entryHeld, {
      ...decided(n, decisionNo),
      workerCode: 'E1',
      projectCode: 'P1',
      workDate: `2026-11-0${n}`,
      hours: '8',
      refusals: refusals.map(([reason, subject]) => ({ reason, subject, detail: `${subject} is wrong` })),
      ...more,
    });
  }

  withdrawn(n: number, decisionNo: number): Promise<void> {
    return this.tell(EVENT_TYPES.entryWithdrawn, { ...decided(n, decisionNo), releaseNo: decisionNo, cause: 'unapproved' });
  }

  async call(path: string, roles?: string[], method = 'GET'): Promise<Response> {
    return fetch(`${this.service.url}${path}`, {
      method,
      headers: roles ? { authorization: `Bearer ${await this.issuer.token({ subject: 'olga', roles })}` } : {},
    });
  }

  async read<T>(path: string): Promise<T> {
    return (await (await this.call(path, ['auditor'])).json()) as T;
  }

  async cases(groupKey: string): Promise<Shown[]> {
    const { items } = await this.read<{ items: (Shown & { groupKey: string; openedAt: string })[] }>('/cases?limit=1000');
    return items.filter((found) => found.groupKey === groupKey).sort((a, b) => a.opening - b.opening);
  }

  become(groupKey: string, ...expected: object[]): Promise<void> {
    return eventually(async () => expect(await this.cases(groupKey)).toMatchObject(expected));
  }
}
