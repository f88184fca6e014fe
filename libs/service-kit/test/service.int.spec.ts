import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMANDS, EVENT_TYPES, receiptsSubject, type ReceiptsAnswerV1 } from '@tieout/contracts';
import { freePort, startNats, startPostgres, type RunningNats, type RunningPostgres } from '@tieout/local-servers';
import { AnswerProblem } from '@tieout/messaging';
import { appendOutbox, migrate } from '@tieout/persistence';
import { eventually, testIssuer, type TestIssuer } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService, type RunningService } from '../src/index.js';
import { PROBE } from './probe-service.js';

const folder = mkdtempSync(join(tmpdir(), 'tieout-service-'));
const postgresAt = (port: number) => startPostgres({ dataDir: join(folder, 'postgres'), port, durable: false });
const natsAt = (port: number) => startNats({ storeDir: join(folder, 'nats'), port });

let postgres: RunningPostgres;
let nats: RunningNats;
let natsPort: number;
let issuer: TestIssuer;
let service: RunningService;

beforeAll(async () => {
  issuer = await testIssuer();
  // Started once so that it has a data folder and a password; away when the service starts.
  postgres = await postgresAt(await freePort());
  await postgres.stop();
  natsPort = await freePort();
  service = await startService(PROBE, {
    DATABASE_URL: postgres.url,
    NATS_URL: `nats://127.0.0.1:${natsPort}`,
    HTTP_PORT: '0',
    OIDC_ISSUER: issuer.issuer,
    POLICY_DIR: join(import.meta.dirname, '../../../deploy/governance/demo'),
    LOG_LEVEL: 'silent',
  });
});

afterAll(async () => {
  await service.stop();
  await Promise.all([issuer.stop(), postgres.stop(), nats.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const get = (path: string, token?: string) =>
  fetch(`${service.url}${path}`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });

async function readiness(): Promise<{ status: number; checks: Record<string, string> }> {
  const answer = await get('/health/ready');
  const { checks } = (await answer.json()) as { checks: Record<string, string> };
  return { status: answer.status, checks };
}
const untilReadinessIs = (status: number, checks: Record<string, unknown>) =>
  eventually(async () => expect(await readiness()).toMatchObject({ status, checks }), 30_000);

/** Says an event in the service's own name and waits until its own consumer has it. */
async function emitAndReceive(): Promise<void> {
  const { database, context, clock } = service.runtime;
  const received = async () => Number((await database.query<{ n: string }>('select count(*) as n from receipt'))[0]!.n);
  const before = await received();
  const body = { connection: 'psa', raisedBy: context, clearedAt: clock.now() };
  await database.transaction((tx) =>
    appendOutbox(tx, context, [{ type: EVENT_TYPES.connectionRecovered, scope: ['psa'], body }], clock.now()),
  );
  await eventually(async () => expect(await received()).toBe(before + 1), 20_000);
}

describe('a service started before everything it needs', () => {
  it('answers over HTTP and says what is away', async () => {
    expect((await get('/health/live')).status).toBe(200);
    const { status, checks } = await readiness();
    expect(status).toBe(503);
    expect(checks).toMatchObject({ nats: `not connected to nats://127.0.0.1:${natsPort}`, service: 'starting' });
    expect(checks['database']).not.toBe('ok');
  });

  it('becomes ready by itself as NATS, the database and its migrations come', async () => {
    nats = await natsAt(natsPort);
    await untilReadinessIs(503, { nats: 'ok', service: 'starting' });
    postgres = await postgresAt(postgres.port);
    await untilReadinessIs(503, { database: 'ok', migrations: expect.stringContaining('run: node dist/migrate.js') });
    await migrate({ url: postgres.url, migrations: [] });
    await untilReadinessIs(200, { database: 'ok', migrations: 'ok', nats: 'ok', service: 'ok' });
  });

  it('then relays its outbox, consumes, and answers for its receipts', async () => {
    await emitAndReceive();
    const [row] = await service.runtime.database.query<{ bucket: number }>('select bucket from receipt');
    const question = { producer: 'exception', buckets: [Number(row!.bucket)] };
    const answer = await service.runtime.questions.ask<ReceiptsAnswerV1>(receiptsSubject('exception'), question);
    expect(answer.buckets).toMatchObject([{ bucket: Number(row!.bucket), count: 1 }]);
  });
});

describe('questions and commands', () => {
  const refusalOf = (subject: string, body: unknown) =>
    service.runtime.questions.command(subject, body).then(
      () => undefined,
      (error: unknown) => error as AnswerProblem,
    );

  it('are validated against their contract', async () => {
    const postingKeys = ['0b8e4d7e-6c0c-5b7a-9d53-7d2f0f9f1a11'];
    const { questions } = service.runtime;
    expect(await questions.command('cmd.probe.retry.v1', { actor: 'user:u1', postingKeys })).toEqual({ actor: 'user:u1' });
    expect(await refusalOf('cmd.probe.retry.v1', { postingKeys })).toMatchObject({ status: 400, code: 'invalid-request' });
  });

  it('come back as a problem when the answer is no, without what lies behind', async () => {
    const refusal = await refusalOf('qry.probe.away.v1', {});
    expect(refusal).toMatchObject({ status: 503, code: 'unavailable' });
    expect(refusal?.message).not.toContain('erp.internal');
  });

  it('that nobody answers are Unavailable', async () => {
    expect(await refusalOf(COMMANDS.runReconciliation, {})).toMatchObject({ kind: 'Unavailable' });
  });
});

describe('HTTP', () => {
  it('is closed without a token, open with one, and describes itself', async () => {
    expect((await get('/who')).status).toBe(401);
    const answer = await get('/who', await issuer.token({ subject: 'u1', roles: ['finance'] }));
    expect(await answer.json()).toEqual({ actor: 'user:u1' });
    const description = (await (await get('/openapi.json')).json()) as { openapi: string; paths: object };
    expect(description.openapi).toMatch(/^3\./);
    expect(Object.keys(description.paths)).toEqual(expect.arrayContaining(['/who', '/health/ready']));
  });
});

describe('a service whose NATS goes away', () => {
  it('is not ready, says so, and recovers without a restart', async () => {
    await nats.stop();
    await untilReadinessIs(503, { nats: `not connected to nats://127.0.0.1:${natsPort}`, database: 'ok' });
    nats = await natsAt(natsPort);
    await untilReadinessIs(200, { nats: 'ok' });
    await emitAndReceive();
    expect(await service.runtime.questions.ask('qry.probe.trace.v1', {})).toEqual({ traceId: null });
  });
});

describe('a service whose database goes away', () => {
  it('is not ready, says so, and recovers without a restart', async () => {
    await postgres.stop();
    await untilReadinessIs(503, { nats: 'ok', database: expect.not.stringMatching(/^ok$/) });
    postgres = await postgresAt(postgres.port);
    await untilReadinessIs(200, { database: 'ok' });
    await emitAndReceive();
  });
});

describe('a stop', () => {
  it('finishes the request and the work in hand', async () => {
    const { runtime, stop } = service;
    let finished = false;
    runtime.onStop(async () => {
      await runtime.database.query('select pg_sleep(0.1)');
      finished = true;
    });
    const slow = get('/slow');
    const { database } = runtime;
    await eventually(
      async () => (await database.query(`select 1 from pg_stat_activity where query like 'select pg_sleep(0.3)'`)).length === 1,
    );
    await stop();
    expect(await (await slow).json()).toEqual({ done: true });
    expect(finished).toBe(true);
    await expect(get('/health/live')).rejects.toThrow('fetch failed');
  });
});
