import { systemClock } from '@tieout/clock';
import { migrate } from '@tieout/persistence';
import { startService, type RunningService } from '@tieout/service-kit';
import { eventually, testDatabase, testIssuer, testNats, type TestDatabase, type TestIssuer } from '@tieout/testing';
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { appModule } from '../src/app.module.js';
import { FakeSystem } from './fake-system.js';
import { HandoffVendor } from './handoff-vendor.js';
import { WON } from './handoff-world.js';

const FILES: Readonly<Record<string, string>> = {
  'connections.yaml': `connections:
  firm: { system: fake-firm, roles: [master-data], pollEverySeconds: 3600 }
  erp: { system: fake-erp, roles: [posting, project], pollEverySeconds: 3600 }
`,
  'systems-of-record.yaml': 'systemsOfRecord: { opportunity: firm, client: firm, worker: firm, legal-entity: firm }\n',
  'mappings.yaml': 'mappings: {}\n',
  'routing.yaml': 'routes: { default: [erp] }\nprojects: { default: [erp] }\n',
};

const firm = new FakeSystem();
const erp = new HandoffVendor('erp', systemClock);
let database: TestDatabase;
let issuer: TestIssuer;
let service: RunningService;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tieout-policy-'));
  cpSync(join(import.meta.dirname, '../../../deploy/governance/demo'), folder, { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  erp.mishaps.push('refuse');
  firm.put('opportunity', 'o1', 'D-1', { ...WON });
  firm.put('opportunity', 'o2', 'D-2', { ...WON, code: 'D-2', projectCode: 'P-2', client: 'C-9' });
  firm.put('client', 'c1', 'C-1').put('worker', 'w1', 'E1', { legalEntity: 'DE01' });
  firm.put('legal-entity', 'l1', 'DE01', { currency: 'EUR' });
  const [test, testers, { url }] = await Promise.all([
    testDatabase((to) => migrate({ url: to, migrations: MIGRATIONS })),
    testIssuer(),
    testNats(),
  ]);
  [database, issuer] = [test, testers];
  const connectors = [firm.connector('fake-firm', ['opportunity', 'client', 'worker', 'legal-entity']), erp.connector()];
  const definition = {
    name: 'master-data-sync',
    context: 'master',
    module: appModule(connectors),
    migrations: MIGRATIONS,
  } as const;
  const env = {
    DATABASE_URL: database.url,
    NATS_URL: url,
    HTTP_PORT: '0',
    OIDC_ISSUER: issuer.issuer,
    POLICY_DIR: folder,
    LOG_LEVEL: 'silent',
  };
  service = await startService(definition, env);
}, 60_000);
afterAll(async () => {
  await service.stop();
  await Promise.all([issuer.stop(), database.drop()]);
});

const call = async (method: string, path: string, roles: string[] = ['operator']) => {
  const headers = { authorization: `Bearer ${await issuer.token({ subject: 'olga', roles })}` };
  const response = await fetch(`${service.url}${path}`, { method, headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

it('shows handoffs and their attempts, and takes up again what a person mended', async () => {
  await eventually(async () => {
    const { body } = await call('GET', '/handoffs', ['auditor']);
    expect(body['items']).toMatchObject([
      { opportunityCode: 'D-1', state: 'failed' },
      { opportunityCode: 'D-2', state: 'incomplete', failed: [{ check: 'client' }] },
    ]);
  }, 30_000);
  expect((await call('GET', '/handoffs/D-1')).body['attempts']).toMatchObject([
    { what: 'sent' },
    { what: 'refused', detail: 'no budget code' },
  ]);
  expect((await call('GET', '/handoffs?state=failed')).body['items']).toHaveLength(1);
  expect(await call('POST', '/handoffs/D-1/retry')).toMatchObject({ status: 202, body: { state: 'creating' } });
  expect(await call('POST', '/handoffs/D-2/retry')).toMatchObject({ status: 202, body: { state: 'incomplete' } });
  await eventually(async () => expect((await call('GET', '/handoffs/D-1')).body['state']).toBe('done'), 30_000);
  expect(erp.count('P-1')).toBe(1);
  const report = (await call('GET', '/sync')).body;
  expect(report['handoffsOnTheirWay']).toBe(0);
  const [audited] = await service.runtime.database.query<{ actor: string }>(
    `select actor from audit_record where action = 'handoff.retry'`,
  );
  expect(audited).toEqual({ actor: 'user:olga' });
});

it.each([
  ['POST', '/handoffs/D-1/retry', ['operator'], 409, 'nothing-to-retry'],
  ['POST', '/handoffs/D-9/retry', ['operator'], 404, 'unknown-code'],
  ['POST', '/handoffs/D-1/retry', ['auditor'], 403, 'role-missing'],
  ['GET', '/handoffs/D-9', ['operator'], 404, 'unknown-code'],
  ['GET', '/handoffs?state=lost', ['operator'], 400, 'invalid-request'],
])('%s %s as %s: %i %s', async (method, path, roles, status, code) => {
  const answer = await call(method, path, roles);
  expect([answer.status, answer.body['code']]).toEqual([status, code]);
});
