import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@tieout/local-servers';
import { migrate } from '@tieout/persistence';
import { eventually, testDatabase, testNats } from '@tieout/testing';
import { afterAll, expect, it } from 'vitest';
import { otherConnections, TestGovernance } from './governance.js';

const BUNDLE = join(import.meta.dirname, '../../../deploy/governance/demo');
const folder = mkdtempSync(join(tmpdir(), 'tieout-boot-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Nothing listens at port 9: database, NATS and identity provider are all away. */
const ENV = {
  DATABASE_URL: 'postgres://probe:hunter2@127.0.0.1:9/probe',
  NATS_URL: 'nats://127.0.0.1:9',
  OIDC_ISSUER: 'http://127.0.0.1:9',
  HTTP_PORT: '0',
  POLICY_DIR: BUNDLE,
};

interface Run {
  child: ChildProcess;
  output(): string;
  exit: Promise<number | null>;
}
function boot(env: Record<string, string>, nodeOptions: readonly string[] = []): Run {
  const child = spawn(process.execPath, [...nodeOptions, join(import.meta.dirname, 'probe-main.mjs')], {
    env: { PATH: process.env['PATH'], ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  return { child, output: () => text, exit: once(child, 'close').then(([code]) => code as number | null) };
}

it('refuses wrong configuration: exit 78, every variable named, no secret shown', async () => {
  const run = boot({ ...ENV, DATABASE_URL: 'mysql://probe:hunter2@db/x', HTTP_PORT: 'http', NATS_URL: '' });
  expect(await run.exit).toBe(78);
  expect(run.output().trim().split('\n')).toEqual([
    'probe cannot start:',
    expect.stringMatching(/^ {2}- DATABASE_URL is wrong .*: expected a PostgreSQL URL/),
    '  - NATS_URL is missing: expected one or more NATS URLs such as nats://host:4222, separated by commas',
    '  - HTTP_PORT is "http": expected a whole number from 0 to 65535',
  ]);
  expect(run.output()).not.toContain('hunter2');
});

it('refuses a policy bundle that does not compile: file, line, message and fix', async () => {
  const bundle = join(folder, 'bundle');
  cpSync(BUNDLE, bundle, { recursive: true });
  writeFileSync(join(bundle, 'routing.yaml'), 'routes: [\n');
  const run = boot({ ...ENV, POLICY_DIR: bundle });
  expect(await run.exit).toBe(78);
  expect(run.output()).toMatch(new RegExp(`- ${join(bundle, 'routing.yaml')}:\\d+:\\d+: .+ -> .+`));
});

it('says which port is taken, and by whom', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const run = boot({ ...ENV, HTTP_PORT: String(port) });
  expect(await run.exit).toBe(75);
  expect(run.output()).toContain(`HTTP_PORT is ${port}: expected a free port, but process ${process.pid} (`);
  holder.close();
});

const WITH_TELEMETRY = ['--import', '@tieout/telemetry/register'];

it.each([
  ['', [], {}],
  [', also with a collector that is away', WITH_TELEMETRY, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }],
])('answers while everything is away, and ends within the limit on SIGTERM%s', async (_, nodeOptions, telemetry) => {
  const port = await freePort();
  const run = boot({ ...ENV, ...telemetry, HTTP_PORT: String(port) }, nodeOptions);
  const live = await eventually(() => fetch(`http://127.0.0.1:${port}/health/live`));
  expect(live.status).toBe(200);
  const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
  expect(ready.status).toBe(503);
  expect(((await ready.json()) as { checks: object }).checks).toMatchObject({
    nats: 'not connected to nats://127.0.0.1:9',
    service: 'starting',
  });
  const signalled = performance.now();
  run.child.kill('SIGTERM');
  expect(await run.exit).toBe(0);
  expect(performance.now() - signalled).toBeLessThan(5_000);
  expect(run.output()).not.toContain('hunter2');
});

it('ends with 76 to be started anew when another policy changes connections, and has it from the start then', async () => {
  const [database, nats, port] = [
    await testDatabase((url) => migrate({ url, migrations: [] })),
    await testNats(),
    await freePort(),
  ];
  const governance = await TestGovernance.start(nats.url);
  const env = {
    ...ENV,
    DATABASE_URL: database.url,
    NATS_URL: nats.url,
    HTTP_PORT: String(port),
    ENVIRONMENT: governance.environment,
    GOVERNANCE_PUBLIC_KEYS: governance.keysFile,
  };
  const ready = () => fetch(`http://127.0.0.1:${port}/health/ready`);
  const run = boot(env);
  await eventually(async () => expect((await ready()).status).toBe(200), 20_000);
  const { digest } = await governance.activate(1, otherConnections);
  expect(await run.exit).toBe(76);
  const again = boot({ ...env, NATS_URL: 'nats://127.0.0.1:9' });
  const report = await eventually(async () => (await ready()).json() as Promise<{ policy: object }>, 20_000);
  expect(report.policy).toEqual({ digest, revision: 1 });
  again.child.kill('SIGTERM');
  await again.exit;
  await governance.stop();
  await database.drop();
});
