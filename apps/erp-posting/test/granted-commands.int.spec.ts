import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connector } from '@tieout/connector-kit';
import { FEED_COMMANDS, type GrantV1 } from '@tieout/contracts';
import { DELIVERY_MIGRATIONS } from '@tieout/delivery/postgres';
import { startService, type RunningService } from '@tieout/service-kit';
import { eventually, Grants, testDatabase, testIssuer, testNats, type TestDatabase, type TestIssuer } from '@tieout/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appModule } from '../src/app.module.js';
import { FakeErp } from './fake-erp.js';
import { migrated } from './world.js';

const BUNDLE = join(import.meta.dirname, '../../../deploy/governance/demo');
const SUBJECT = FEED_COMMANDS.posting.replay;
const erp = new FakeErp();
const connector: Connector = {
  manifest: { system: 'sandbox-erp', title: 'in memory', posting: erp.capabilities('idempotency-key', {}), limits: 'none' },
  parseConfig: () => ({}),
  postingTarget: () => erp.target('idempotency-key'),
};

const folder = mkdtempSync(join(tmpdir(), 'tieout-grants-'));
const grants = new Grants();
let database: TestDatabase;
let issuer: TestIssuer;
let service: RunningService;

/** The demo's bundle, in which every replay needs a second person. */
const strictBundle = (): string => {
  const bundle = join(folder, 'bundle');
  cpSync(BUNDLE, bundle, { recursive: true });
  const file = join(bundle, 'approvals.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^ {2}replay: .*$/m, '  replay: { lines: 0 }'));
  return bundle;
};

beforeAll(async () => {
  const nats = await testNats();
  [database, issuer] = await Promise.all([testDatabase(migrated), testIssuer()]);
  writeFileSync(join(folder, 'keys.pem'), grants.publicPem);
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
      POLICY_DIR: strictBundle(),
      GOVERNANCE_PUBLIC_KEYS: join(folder, 'keys.pem'),
      ENVIRONMENT: 'grants',
      LOG_LEVEL: 'silent',
      ERP_URL: 'http://127.0.0.1:9',
      ERP_KEY: 'key',
    },
  );
  await eventually(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), 30_000);
});
afterAll(async () => {
  await service.stop();
  await Promise.all([issuer.stop(), database.drop()]);
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => service.runtime.database.query('delete from used_grant'));

interface Answer {
  readonly status: number;
  readonly code?: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}
type Say = (command: { readonly actor: string; readonly grant?: GrantV1 }) => Promise<Answer>;

const overHttp: Say = async ({ actor, ...command }) => {
  const token = await issuer.token({ subject: actor.replace('user:', ''), roles: ['operator'] });
  const answer = await fetch(`${service.url}/operations/replay`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(command),
  });
  const body = (await answer.json()) as Answer['body'];
  return { status: answer.status, code: body['code'] as string | undefined, body };
};
const overNats: Say = (command) =>
  service.runtime.questions.command<Answer['body']>(SUBJECT, command).then(
    (body) => ({ status: 200, body }),
    ({ status, code, body }: Answer) => ({ status, code, body }),
  );

describe.each<[string, Say]>([
  ['HTTP', overHttp],
  ['NATS', overNats],
])('a command that needs a second person, over %s', (_, say) => {
  // No target has it: replays nothing, and is measured all the same.
  const command = {
    actor: 'user:olga',
    by: 'time',
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-02T00:00:00.000Z',
    dryRun: false,
  };

  it('is rehearsed by anybody, and refused without a grant: what to ask for stands in the answer', async () => {
    expect(await say({ ...command, dryRun: true } as typeof command)).toMatchObject({ status: 200 });
    const { actor: __, ...asked } = command;
    expect(await say(command)).toMatchObject({
      status: 409,
      code: 'second-person-needed',
      body: { subject: SUBJECT, command: asked, size: { lines: 0, hours: '0', amounts: {} } },
    });
  });

  it('is carried out with a grant, and not once more', async () => {
    const grant = grants.for(SUBJECT, command);
    expect(await say({ ...command, grant })).toMatchObject({ status: 200, body: { dryRun: false } });
    expect(await say({ ...command, grant })).toMatchObject({ status: 409, code: 'grant-used' });
  });

  it.each<[string, () => GrantV1]>([
    ['that asks and approves by itself', () => grants.for(SUBJECT, command, { approvedBy: 'user:olga' })],
    ['signed by a foreign key', () => new Grants().for(SUBJECT, command)],
    ['for another command', () => grants.for(SUBJECT, { ...command, to: '2026-12-31T00:00:00.000Z' } as typeof command)],
    ['given to somebody else', () => grants.for(SUBJECT, command, { requestedBy: 'user:frida' })],
    ['that has expired', () => grants.for(SUBJECT, command, { expiresAt: '2026-01-01T00:00:00.000Z' })],
  ])('is refused with a grant %s', async (__, make) => {
    expect(await say({ ...command, grant: make() })).toMatchObject({ status: 403, code: 'grant-refused' });
    expect(await service.runtime.database.query('select 1 from used_grant')).toEqual([]);
  });
});
