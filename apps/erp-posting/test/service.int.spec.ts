import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Connector } from '@tieout/connector-kit';
import {
  COMMANDS,
  EVENT_TYPES,
  eventSubject,
  FEED_QUESTIONS,
  QUESTIONS,
  type EventType,
  type ProgressAnswerV1,
} from '@tieout/contracts';
import { masterIdOf, periodCode } from '@tieout/model';
import { startService, type RunningService } from '@tieout/service-kit';
import { eventually, testDatabase, testIssuer, testNats, type TestDatabase, type TestIssuer } from '@tieout/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DELIVERY_MIGRATIONS, type EntryPostings } from '@tieout/delivery/postgres';
import { appModule } from '../src/app.module.js';
import { FakeErp } from './fake-erp.js';
import { content, entry } from './builders.js';
import { migrated } from './world.js';

const BUNDLE = join(import.meta.dirname, '../../../deploy/governance/demo');
const erp = new FakeErp();
const capabilities = erp.capabilities('idempotency-key', { maxLinesPerDocument: 200 });
const connector: Connector = {
  manifest: { system: 'sandbox-erp', title: 'in memory', posting: capabilities, limits: 'none' },
  parseConfig: () => ({}),
  postingTarget: () => erp.target('idempotency-key'),
};

let database: TestDatabase;
let issuer: TestIssuer;
let service: RunningService;

beforeAll(async () => {
  const nats = await testNats();
  [database, issuer] = await Promise.all([testDatabase(migrated), testIssuer()]);
  service = await startService(
    {
      name: 'erp-posting',
      context: 'posting',
      module: (runtime) => appModule(runtime, [connector]),
      migrations: DELIVERY_MIGRATIONS,
    },
    {
      DATABASE_URL: database.url,
      NATS_URL: nats.url,
      OIDC_ISSUER: issuer.issuer,
      HTTP_PORT: '0',
      POLICY_DIR: BUNDLE,
      LOG_LEVEL: 'warn',
      ERP_URL: 'http://127.0.0.1:9',
      ERP_KEY: 'key',
    },
  );
  await eventually(
    async () => expect(await (await fetch(`${service.url}/health/ready`)).json()).toMatchObject({ status: 'ready' }),
    30_000,
  );
  await publish(
    ['2026-10', '2026-11'].map((period) => {
      const code = periodCode('US01', period);
      const attributes = { code, legalEntity: 'US01', startDate: `${period}-01`, endDate: `${period}-30`, state: 'open' };
      const id = masterIdOf('accounting-period', code);
      return {
        type: EVENT_TYPES.masterChanged,
        scope: ['accounting-period', id],
        body: {
          kind: 'accounting-period',
          id,
          code,
          revision: 1,
          legalEntityId: 'US01',
          timeline: [{ validFrom: '0001-01-01', attributes }],
          crossReferences: [],
          attributeSources: {},
          ambiguous: false,
        },
      };
    }),
  );
});
afterAll(async () => {
  await service.stop();
  await issuer.stop();
  await database.drop();
});

const publish = async (events: { type: EventType; scope: string[]; body: unknown }[]): Promise<void> => {
  const outcomes = await service.runtime.publisher.publish(
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
};

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
const released = (n: number, releaseNo = 1, hours = '8') => ({
  type: EVENT_TYPES.entryReleased,
  scope: ['US01'],
  body: { ...decided(n, releaseNo), content: content({ hours, amount: String(Number(hours) * 50) }) },
});
const withdrawn = (n: number, releaseNo: number) => ({
  type: EVENT_TYPES.entryWithdrawn,
  scope: ['US01'],
  body: { ...decided(n, releaseNo), cause: 'deleted' },
});

const postingsOf = (n: number): Promise<EntryPostings> =>
  service.runtime.questions.ask(QUESTIONS.entryPostings, { entryId: entry(n) });
const confirmed = (count: number) =>
  eventually(async () => {
    const progress = await service.runtime.questions.ask<ProgressAnswerV1>(QUESTIONS.postingProgress, {});
    expect(progress).toMatchObject({ idle: true, counts: { confirmed: count } });
  }, 20_000);

it('a single hour goes through at once', async () => {
  await publish([released(0)]);
  await confirmed(1);
  expect((await postingsOf(0)).postings).toMatchObject([{ state: 'confirmed', externalId: 'B1', postingPeriod: '2026-11' }]);
  const { sentEntries } = FEED_QUESTIONS.posting;
  const sent = await service.runtime.questions.ask(sentEntries, { entryIds: [entry(0), entry(999)] });
  expect(sent).toEqual({ sent: [entry(0)] });
});

it('a burst fills documents; nothing twice', async () => {
  await publish(Array.from({ length: 400 }, (_, n) => released(n + 1)));
  await confirmed(401);
  expect(Math.max(...erp.bookings.map((b) => b.lines.length))).toBeGreaterThanOrEqual(50);
  expect(new Set(erp.postedLines().map((line) => line.postingKey)).size).toBe(401);
});

it('changes and withdrawals are corrected; repeated and late events change nothing', async () => {
  await publish([released(1, 2, '6'), withdrawn(2, 2), released(1, 1), released(2, 1)]);
  await confirmed(404);
  expect(erp.hoursOf(entry(1))).toBe(6);
  expect(erp.hoursOf(entry(2))).toBe(0);
});

it('HTTP is closed to strangers; a retry needs an operator', async () => {
  const call = async (path: string, roles: string[] | undefined, body?: object) =>
    fetch(`${service.url}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        ...(roles && { authorization: `Bearer ${await issuer.token({ roles })}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  expect((await call('/progress', undefined)).status).toBe(401);
  const progress = await call('/progress', ['finance']);
  expect(await progress.json()).toMatchObject({ idle: true });
  const { postings } = (await (await call(`/postings?entryId=${entry(1)}`, ['auditor'])).json()) as EntryPostings;
  expect(postings.map((line) => `${line.kind} ${line.releaseNo}`)).toEqual(['post 1', 'reversal 2', 'post 2']);
  const document = await call(`/documents/${postings[0]!.documentKey}`, ['auditor']);
  expect(await document.json()).toMatchObject({ state: 'confirmed', attempts: [{ outcome: 'started' }, { outcome: 'posted' }] });
  expect((await call(`/documents/${randomUUID()}`, ['auditor'])).status).toBe(404);
  expect((await call('/postings/retry', ['finance'], { postingKeys: [postings[0]!.postingKey] })).status).toBe(403);
  expect((await call('/postings/retry', ['operator'], { postingKeys: ['nonsense'] })).status).toBe(400);
  const retry = await call('/postings/retry', ['operator'], { postingKeys: [postings[0]!.postingKey] });
  expect(await retry.json()).toMatchObject({ retried: 0, refused: [{ why: expect.stringContaining('confirmed') }] });
});

it('a command over NATS carries its actor', async () => {
  erp.refuses = (line) => (line.entryId === entry(900) ? 'no such worker' : undefined);
  await publish([released(900)]);
  const rejected = await eventually(async () => {
    const [line] = (await postingsOf(900)).postings;
    expect(line?.state).toBe('rejected');
    return line!;
  });
  erp.refuses = () => undefined;
  await service.runtime.questions.command(COMMANDS.retryPostings, { actor: 'user:olga', postingKeys: [rejected.postingKey] });
  await confirmed(405);
  const rows = await service.runtime.database.query<{ actor: string }>(
    `select actor from audit_record where action = 'posting.retried'`,
  );
  expect(rows).toEqual([{ actor: 'user:olga' }]);
});
