import {
  EVENT_TYPES,
  eventPattern,
  QUESTIONS,
  questionSubject,
  type MasterLookUpAnswerV1,
  type ProgressAnswerV1,
} from '@tieout/contracts';
import { Fault, masterIdOf, type MasterObject } from '@tieout/model';
import { migrate } from '@tieout/persistence';
import { startService, type RunningService } from '@tieout/service-kit';
import { eventually, testDatabase, testIssuer, testNats, type TestDatabase, type TestIssuer } from '@tieout/testing';
import { jetstream } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { appModule } from '../src/app.module.js';
import { FakeSystem } from './fake-system.js';
import { policyFolder } from './policy-folder.js';

const hr = new FakeSystem();
const finance = new FakeSystem();
const connectors = [hr.connector('fake-hr', ['worker']), finance.connector('fake-finance', ['worker', 'cost-rate'])];

let database: TestDatabase;
let issuer: TestIssuer;
let service: RunningService;
let natsUrl: string;

const start = (policyDir = policyFolder()): Promise<RunningService> =>
  startService(
    { name: 'master-data-sync', context: 'master', module: appModule(connectors), migrations: MIGRATIONS },
    {
      DATABASE_URL: database.url,
      NATS_URL: natsUrl,
      HTTP_PORT: '0',
      OIDC_ISSUER: issuer.issuer,
      POLICY_DIR: policyDir,
      LOG_LEVEL: 'silent',
    },
  );

beforeAll(async () => {
  const applyMigrations = (url: string) => migrate({ url, migrations: MIGRATIONS });
  [database, issuer, natsUrl] = await Promise.all([
    testDatabase(applyMigrations),
    testIssuer(),
    testNats().then(({ url }) => url),
  ]);
  hr.put('worker', '1', 'E1', [
    { validFrom: '2025-01-01', attributes: { code: 'E1', legalEntity: 'DE01', type: 'contractor' } },
    { validFrom: '2026-01-01', attributes: { code: 'E1', legalEntity: 'DE01', type: 'employee' } },
  ]);
  hr.put('worker', '2', 'E2', { legalEntity: 'US01', costCentre: 'IGNORED' }).put('worker', '3', 'E3').put('worker', '4', 'E4');
  finance.put('worker', 'f1', 'E1', { costCentre: 'CC1' }).put('worker', 'f9', 'E9', { costCentre: 'CC9' });
  service = await start();
  await eventually(async () => (await progress()).idle, 30_000);
});
afterAll(async () => {
  await service.stop();
  await Promise.all([issuer.stop(), database.drop()]);
});

const call = async (method: string, path: string, body?: unknown, roles: string[] = ['operator']) => {
  const headers: Record<string, string> = { authorization: `Bearer ${await issuer.token({ subject: 'olga', roles })}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  return fetch(`${service.url}${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
};
const progress = () =>
  service.runtime.questions
    .ask<ProgressAnswerV1>(questionSubject('master', 'progress'), {})
    .catch(() => ({ idle: false, counts: {} }));
const rows = <R>(sql: string, params: unknown[] = []) => service.runtime.database.query<R>(sql, params);
const object = async (code: string, kind = 'worker') =>
  (await rows<{ body: MasterObject }>('select body from canonical_object where kind = $1 and code = $2', [kind, code]))[0]?.body;
const lookUp = (code: string, on: string) =>
  service.runtime.questions.ask<MasterLookUpAnswerV1>(QUESTIONS.masterLookUp, { kind: 'worker', code, on });
/** Synchronises a connection once and waits until it did. */
const sync = async (connection: string, more: object = {}) => {
  const attempt = async () =>
    (await rows<{ at: string }>('select last_attempt_at as at from connection_state where connection = $1', [connection]))[0]!.at;
  const before = await attempt();
  expect((await call('POST', '/sync', { connection, ...more })).status).toBe(202);
  await eventually(async () => expect(await attempt()).not.toBe(before));
};
const connectionEvents = () =>
  rows<{ type: string; body: Record<string, string> }>(
    `select type, body from outbox where type like 'connection.%' order by id`,
  ).then((list) => list.map(({ type, body }) => [type, body['connection'], body['reason']]));

describe('master-data-sync', () => {
  it('makes canonical objects of what their owners say, and publishes them', async () => {
    expect(await object('E1')).toMatchObject({
      id: masterIdOf('worker', 'E1'),
      revision: expect.any(Number) as number,
      legalEntityId: 'DE01',
      attributeSources: { code: 'hr', costCentre: 'finance' },
      timeline: [
        { validFrom: '2025-01-01', attributes: { type: 'contractor', costCentre: 'CC1' } },
        { validFrom: '2026-01-01', attributes: { type: 'employee', costCentre: 'CC1' } },
      ],
    });
    expect((await object('E2'))!.timeline[0]!.attributes['costCentre']).toBeUndefined();
    expect(await object('E9')).toBeUndefined();
    const [drift] = await rows<{ after: { ignoredDrift: unknown } }>(`select after from audit_record where subject_id = $1`, [
      masterIdOf('worker', 'E2'),
    ]);
    expect(drift!.after.ignoredDrift).toEqual([{ attribute: 'costCentre', connection: 'hr' }]);
    // The stream holds the last message of each object.
    const consumer = await jetstream(service.runtime.link.nc).consumers.get('MASTER', {
      filter_subjects: eventPattern(EVENT_TYPES.masterChanged),
    });
    const codes: string[] = [];
    for await (const message of await consumer.fetch({ max_messages: 4, expires: 5000 }))
      codes.push(message.json<MasterObject>().code);
    expect(codes.sort()).toEqual(['E1', 'E2', 'E3', 'E4']);
  });

  it('answers what an object was on a date', async () => {
    expect(await lookUp('E1', '2025-06-30')).toMatchObject({ found: true, attributes: { type: 'contractor' } });
    expect(await lookUp('E1', '2026-06-30')).toMatchObject({
      found: true,
      id: masterIdOf('worker', 'E1'),
      attributes: { type: 'employee' },
    });
    expect(await lookUp('E1', '2024-12-31')).toEqual({ found: false });
    expect(await lookUp('E9', '2026-06-30')).toEqual({ found: false });
  });

  it('changes nothing when nothing changed, and one object when one changed', async () => {
    const revisions = () => rows('select code, revision from canonical_object order by code');
    const before = await revisions();
    await sync('hr');
    expect(await revisions()).toEqual(before);
    hr.put('worker', '3', 'E3', { legalEntity: 'US01' });
    await sync('hr');
    expect(await object('E3')).toMatchObject({ revision: 2, legalEntityId: 'US01' });
    expect((await object('E4'))!.revision).toBe(1);
  });

  it('ends an object that two complete snapshots lack, and takes it back', async () => {
    hr.remove('worker', '4');
    await sync('hr');
    expect((await object('E4'))!.revision).toBe(1);
    await sync('hr');
    const today = service.runtime.clock.now().slice(0, 10);
    expect((await object('E4'))!.timeline[0]!.attributes['activeTo']).toBe(today);
    hr.put('worker', '4', 'E4');
    await sync('hr');
    expect(await object('E4')).toMatchObject({ revision: 3, timeline: [{ attributes: { code: 'E4' } }] });
    expect((await object('E4'))!.timeline[0]!.attributes['activeTo']).toBeUndefined();
  });

  it('says once that a connection failed three times in a row, infers nothing from half a snapshot, and says when it works again', async () => {
    const before = (await connectionEvents()).length;
    hr.fails = { page: new Fault('Unavailable', 'GET /workers: no answer') };
    hr.remove('worker', '1').remove('worker', '2');
    await sync('hr');
    await sync('hr');
    expect((await connectionEvents()).length).toBe(before);
    await sync('hr');
    await sync('hr');
    expect((await object('E1'))!.timeline[0]!.attributes['activeTo']).toBeUndefined();
    hr.fails = { access: new Fault('CredentialsRejected', 'GET /me: 401') };
    await sync('hr');
    hr.fails = {};
    hr.put('worker', '1', 'E1', { legalEntity: 'DE01' }).put('worker', '2', 'E2', { legalEntity: 'US01' });
    await sync('hr');
    expect((await connectionEvents()).slice(before)).toEqual([
      [EVENT_TYPES.connectionFaulted, 'hr', 'CONNECTION_UNAVAILABLE'],
      [EVENT_TYPES.connectionFaulted, 'hr', 'CREDENTIALS_REJECTED'],
      [EVENT_TYPES.connectionRecovered, 'hr', undefined],
    ]);
  });

  it('takes a mass deletion for a broken answer until somebody says that it is right', async () => {
    for (const id of ['1', '2', '3']) hr.remove('worker', id);
    await sync('hr');
    await sync('hr');
    expect((await connectionEvents()).at(-1)).toEqual([EVENT_TYPES.connectionFaulted, 'hr', 'CONTRACT_BROKEN']);
    expect((await object('E1'))!.timeline[0]!.attributes['activeTo']).toBeUndefined();
    await sync('hr', { kind: 'worker', acceptDeletions: true });
    for (const code of ['E1', 'E2', 'E3'])
      expect((await object(code))!.timeline[0]!.attributes['activeTo']).toBe(service.runtime.clock.now().slice(0, 10));
    expect((await connectionEvents()).at(-1)![0]).toBe(EVENT_TYPES.connectionRecovered);
    expect(await rows(`select actor from audit_record where action = 'master.deletions.accepted'`)).toEqual([
      { actor: 'user:olga' },
    ]);
    hr.put('worker', '1', 'E1', { legalEntity: 'DE01' })
      .put('worker', '2', 'E2', { legalEntity: 'US01' })
      .put('worker', '3', 'E3');
    await sync('hr');
    expect((await object('E1'))!.timeline[0]!.attributes['activeTo']).toBeUndefined();
  });

  it('resolves nothing to a code that two records claim', async () => {
    hr.put('worker', '11', 'E1', { legalEntity: 'US01' });
    await sync('hr');
    expect(await object('E1')).toMatchObject({ ambiguous: true, legalEntityId: 'DE01' });
    expect(await lookUp('E1', '2026-06-30')).toEqual({ found: false });
    hr.remove('worker', '11');
    await sync('hr');
    await sync('hr');
    expect(await object('E1')).toMatchObject({ ambiguous: false });
  });

  it('goes on around a record that cannot be read, and reports it', async () => {
    hr.malformed = ['4'];
    hr.put('worker', '5', 'E5');
    await sync('hr');
    await sync('hr');
    expect(await object('E5')).toMatchObject({ code: 'E5' });
    expect((await object('E4'))!.timeline[0]!.attributes['activeTo']).toBeUndefined();
    const report = (await (await call('GET', '/sync')).json()) as { connections: { connection: string; kinds: object[] }[] };
    expect(report.connections.find((c) => c.connection === 'hr')!.kinds).toMatchObject([
      { kind: 'worker', malformed: 1, malformedSample: [{ externalId: '4', why: 'legalEntity is missing' }] },
    ]);
    hr.malformed = [];
  });

  it('shows objects with their sources, page by page', async () => {
    expect(await (await call('GET', '/master/worker/E1', undefined, ['auditor'])).json()).toMatchObject({
      objects: [
        {
          code: 'E1',
          crossReferences: [
            { connection: 'finance', externalId: 'f1' },
            { connection: 'hr', externalId: '1' },
          ],
        },
      ],
      sources: [
        { connection: 'finance', externalId: 'f1' },
        { connection: 'hr', externalId: '1' },
        { connection: 'hr', externalId: '11' },
      ],
    });
    const first = (await (await call('GET', '/master/worker?limit=2')).json()) as { items: MasterObject[]; next: string };
    const second = (await (await call('GET', `/master/worker?limit=2&after=${first.next}`)).json()) as { items: MasterObject[] };
    expect([...first.items, ...second.items].map(({ code }) => code)).toEqual(['E1', 'E2', 'E3', 'E4']);
  });

  it.each([
    ['GET', '/master/robot', undefined, ['operator'], 404, 'unknown-kind'],
    ['GET', '/master/worker/NOBODY', undefined, ['operator'], 404, 'unknown-code'],
    ['GET', '/master/worker?limit=0', undefined, ['operator'], 400, 'invalid-request'],
    ['POST', '/sync', { connection: 'crm' }, ['operator'], 404, 'unknown-connection'],
    ['POST', '/sync', { acceptDeletions: true }, ['operator'], 400, 'invalid-request'],
    ['POST', '/sync', {}, ['auditor'], 403, 'role-missing'],
  ])('%s %s %j as %s: %i %s', async (method, path, body, roles, status, code) => {
    const answer = await call(method, path, body, roles);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
  });

  it('merges everything again when policy names another system of record', async () => {
    hr.put('worker', '2', 'E2', { legalEntity: 'US01', costCentre: 'CC-HR' });
    await sync('hr');
    expect((await object('E2'))!.timeline[0]!.attributes['costCentre']).toBeUndefined();
    await service.stop();
    service = await start(policyFolder('hr'));
    await eventually(async () => (await progress()).idle, 30_000);
    expect((await object('E2'))!.timeline[0]!.attributes['costCentre']).toBe('CC-HR');
    expect((await object('E1'))!.timeline[0]!.attributes['costCentre']).toBeUndefined();
  });

  it('lets one replica at a time read a connection, and takes every record once', async () => {
    const second = await start(policyFolder('hr'));
    try {
      await eventually(async () => (await progress()).idle, 30_000);
      hr.mostAtOnce = 0;
      for (let i = 0; i < 5; i++) hr.put('worker', `x${i}`, `X${i}`);
      const body = JSON.stringify({ connection: 'hr' });
      const headers = {
        authorization: `Bearer ${await issuer.token({ roles: ['operator'] })}`,
        'content-type': 'application/json',
      };
      await Promise.all([service, second].map(({ url }) => fetch(`${url}/sync`, { method: 'POST', headers, body })));
      await eventually(async () => expect(await object('X4')).toMatchObject({ revision: 1 }));
      expect(hr.mostAtOnce).toBe(1);
      expect(await rows(`select code from canonical_object where code like 'X%' and revision > 1`)).toEqual([]);
    } finally {
      await second.stop();
    }
  });
});
