import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONNECTORS } from '@tieout/connectors';
import { EVENT_TYPES, eventSubject, FEED_QUESTIONS, type EventType } from '@tieout/contracts';
import type { EntryPostings } from '@tieout/delivery/postgres';
import { masterIdOf, type MasterKind, type ReleasedContent } from '@tieout/model';
import { startService, type RunningService } from '@tieout/service-kit';
import { eventually, testDatabase, testIssuer, testNats, type TestDatabase, type TestIssuer } from '@tieout/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { appModule } from '../src/app.module.js';
import { content, entry, migrated } from './world.js';

const DEMO = join(import.meta.dirname, '../../../deploy/governance/demo');
const BUREAU = `
  bureau:
    system: payroll-file
    roles: [payroll]
    settings:
      folder: env:PAYROLL_FOLDER
      answerSettleMs: env:PAYROLL_ANSWER_SETTLE_MS
`;
const DAY_MS = 86_400_000;
const today = new Date().toISOString().slice(0, 10);
const month = today.slice(0, 7);
const PERIOD = `US-M/${month}`;

let folders: string[];
let outbox: string;
let database: TestDatabase;
let issuer: TestIssuer;
let service: RunningService;

beforeAll(async () => {
  const nats = await testNats();
  folders = await Promise.all(['bundle', 'outbox'].map((name) => mkdtemp(join(tmpdir(), `tieout-${name}-`))));
  const [bundle] = folders as [string, string];
  outbox = folders[1]!;
  await cp(DEMO, bundle, { recursive: true });
  // The demo's own bureau and warehouse are not there.
  const connections = await readFile(join(bundle, 'connections.yaml'), 'utf8');
  await writeFile(
    join(bundle, 'connections.yaml'),
    `${connections.replaceAll(/^ {2}(payroll|warehouse):\n( {4}.*\n)+/gm, '')}${BUREAU}`,
  );
  await writeFile(join(bundle, 'routing.yaml'), 'routes: { default: [erp] }\npayroll: { default: [bureau] }\n');
  [database, issuer] = await Promise.all([testDatabase(migrated), testIssuer()]);
  service = await startService(
    { name: 'payroll-feed', context: 'payroll', module: (runtime) => appModule(runtime, CONNECTORS), migrations: MIGRATIONS },
    {
      DATABASE_URL: database.url,
      NATS_URL: nats.url,
      OIDC_ISSUER: issuer.issuer,
      HTTP_PORT: '0',
      POLICY_DIR: bundle,
      LOG_LEVEL: 'warn',
      PAYROLL_FOLDER: outbox,
      PAYROLL_ANSWER_SETTLE_MS: '0',
    },
  );
  await eventually(
    async () => expect(await (await fetch(`${service.url}/health/ready`)).json()).toMatchObject({ status: 'ready' }),
    30_000,
  );
});
afterAll(async () => {
  await service.stop();
  await issuer.stop();
  await database.drop();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
});

const publish = async (...events: { type: EventType; scope: string[]; body: unknown }[]): Promise<void> => {
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

const master = (kind: MasterKind, code: string, attributes: Record<string, string>) => {
  const id = masterIdOf(kind, code);
  return {
    type: EVENT_TYPES.masterChanged,
    scope: [kind, id],
    body: {
      ...{ kind, id, code, revision: 1, legalEntityId: 'US01', crossReferences: [], attributeSources: {}, ambiguous: false },
      timeline: [{ validFrom: '0001-01-01', attributes: { code, ...attributes } }],
    },
  };
};

const released = (n: number, over: Partial<ReleasedContent> = {}, releaseNo = 1) => ({
  type: EVENT_TYPES.entryReleased,
  scope: ['US01'],
  body: {
    ...{
      entryId: entry(n),
      decisionNo: releaseNo,
      versionNo: releaseNo,
      connection: 'psa',
      sourceId: `T-${n}`,
      legalEntityId: 'US01',
    },
    ...{ policyDigest: 'd', decidedAt: new Date().toISOString(), releaseNo },
    content: content({
      legalEntityId: 'US01',
      workDate: `${month}-01`,
      approvedAt: new Date(Date.now() - DAY_MS).toISOString(),
      routes: ['erp', 'bureau'],
      ...over,
    }),
  },
});

interface Run {
  readonly id: string;
  readonly payPeriod: string;
  readonly state: string;
  readonly preview: { readonly hash: string; readonly totals: { readonly count: number; readonly hours: string } };
}

const call = async (path: string, roles: string[] | undefined, body?: object): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`${service.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...(roles && { authorization: `Bearer ${await issuer.token({ roles })}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};
const runOf = async (): Promise<Run> => {
  const { items } = (await call('/pay-runs', ['payroll'])).body as { items: Run[] };
  return (await call(`/pay-runs/${items.find((run) => run.payPeriod === PERIOD)!.id}`, ['payroll'])).body as Run;
};

it('from released hours to an acknowledged file, through the hands of payroll', async () => {
  const cutOff = new Date(Date.now() - 60_000).toISOString().slice(0, 19);
  await publish(
    master('pay-group', 'US-M', { legalEntity: 'US01', timeZone: 'UTC' }),
    master('pay-period', PERIOD, { payGroup: 'US-M', startDate: `${month}-01`, endDate: `${month}-28`, cutOff, state: 'open' }),
    master('worker', 'E1', { type: 'employee', legalEntity: 'US01', payGroup: 'US-M' }),
    released(1),
    released(2, { hours: '3.5' }),
  );
  await eventually(
    async () => expect(await runOf()).toMatchObject({ state: 'previewed', preview: { totals: { count: 2, hours: '11.5' } } }),
    20_000,
  );
  const run = await runOf();

  expect((await call('/pay-runs', undefined)).status).toBe(401);
  expect((await call(`/pay-runs/${run.id}/sign`, ['operator', 'finance'], { hash: run.preview.hash })).status).toBe(403);
  expect((await call(`/pay-runs/${run.id}/sign`, ['payroll'], { hash: 'looks good' })).status).toBe(400);
  expect((await call(`/pay-runs/${randomUUID()}`, ['payroll'])).status).toBe(404);
  const stale = await call(`/pay-runs/${run.id}/sign`, ['payroll'], { hash: randomUUID() });
  expect([stale.status, stale.body]).toMatchObject([
    409,
    { code: 'preview-changed', whatToDo: expect.stringContaining(`GET /pay-runs/${run.id}`) as string },
  ]);
  expect(await readdir(outbox)).toEqual([]);

  const signed = await call(`/pay-runs/${run.id}/sign`, ['payroll'], { hash: run.preview.hash });
  expect([signed.status, signed.body]).toMatchObject([200, { documents: 1, totals: { count: 2, hours: '11.5' } }]);
  const file = await eventually(async () => {
    const found = (await readdir(outbox)).find((name) => name.endsWith('.csv'));
    expect(found).toMatch(/^US-M_/);
    return found!;
  });
  await eventually(async () => expect((await runOf()).state).toBe('sent'));
  const trailer = (await readFile(join(outbox, file), 'utf8')).split('\r\n').at(-2)!;
  expect(trailer).toMatch(/^T,2,11.5,/);
  await writeFile(join(outbox, file.replace(/csv$/, 'ack')), trailer);
  await eventually(async () => expect((await runOf()).state).toBe('acknowledged'), 20_000);

  const question = FEED_QUESTIONS.payroll.entryPostings;
  const { postings } = await service.runtime.questions.ask<EntryPostings>(question, { entryId: entry(1) });
  expect(postings).toMatchObject([{ leg: 'pay:NORMAL', state: 'confirmed', postingPeriod: PERIOD, externalId: file }]);
  const again = await call(`/pay-runs/${run.id}/sign`, ['payroll'], { hash: run.preview.hash });
  expect([again.status, again.body]).toMatchObject([409, { code: 'pay-run-not-signable' }]);
});

it('says what is wrong when there is no open period left', async () => {
  await publish(released(3, { approvedAt: new Date().toISOString() }));
  await eventually(async () => {
    const { postings } = await service.runtime.questions.ask<EntryPostings>(FEED_QUESTIONS.payroll.entryPostings, {
      entryId: entry(3),
    });
    expect(postings[0]?.state).toBe('pending');
  });
  // Older than the time that master data has to arrive.
  await service.runtime.database.query(`update posting set created_at = created_at - interval '1 minute' where entry_id = $1`, [
    entry(3),
  ]);
  await eventually(async () => {
    const { postings } = await service.runtime.questions.ask<EntryPostings>(FEED_QUESTIONS.payroll.entryPostings, {
      entryId: entry(3),
    });
    expect(postings[0]).toMatchObject({
      blocked: { reason: 'NO_OPEN_PERIOD', detail: expect.stringContaining('US-M') as string },
    });
  }, 20_000);
});
