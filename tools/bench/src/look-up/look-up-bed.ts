import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, startNats, startPostgres } from '@tieout/local-servers';
import { ensureStreams, NatsLink, Questions } from '@tieout/messaging';
import { Database } from '@tieout/persistence';
import type { Cleanup } from '../cleanup.js';
import { ROOT } from '../config.js';
import { bundleTexts, built, type Master } from '../evaluate/time-ingestion.js';
import { startIssuer } from './bench-issuer.js';

const READY_MS = 60_000;
const AT_ONCE = 5_000;
const DEMO = join(ROOT, 'deploy/governance/demo');
const SERVICE = join(ROOT, 'apps/master-data-sync/dist');

/** master-data-sync alone with its database; the systems that it would read are away. */
export interface LookUpBed {
  readonly questions: Questions;
  readonly process: ChildProcess;
  readonly url: string;
  readonly bearer: string;
}

export const startLookUpBed = async (objects: readonly Master[], cleanup: Cleanup): Promise<LookUpBed> => {
  const [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  for (const server of [postgres, nats]) cleanup.add(server);
  const admin = new Database({ url: postgres.url });
  await admin.query('create database master_data_sync').finally(() => admin.close());
  const databaseUrl = Object.assign(new URL(postgres.url), { pathname: '/master_data_sync' }).href;
  const link = new NatsLink({ servers: nats.url, name: 'bench' });
  await link.connect();
  cleanup.defer(() => link.close());
  await ensureStreams(link);
  const { issuer, bearer } = await startIssuer(cleanup);
  const port = await freePort();
  const run = runner({
    ...unusedReferences(),
    ...{
      DATABASE_URL: databaseUrl,
      NATS_URL: nats.url,
      POLICY_DIR: DEMO,
      OIDC_ISSUER: issuer,
      HTTP_PORT: String(port),
      LOG_LEVEL: 'warn',
    },
  });
  const [code] = await once(run('migrate.js'), 'exit');
  if (code !== 0) throw new Error(`master-data-sync's migrations ended with ${String(code)}: .tieout/bench/logs/look-up.log`);
  const database = new Database({ url: databaseUrl, statementTimeoutMs: 300_000 });
  cleanup.defer(() => database.close());
  await putObjects(database, objects);
  const child = run('main.js', ['--import', join(ROOT, 'libs/telemetry/dist/register.js')]);
  const ended = once(child, 'exit');
  cleanup.add({ stop: async () => void (child.kill('SIGTERM'), await ended) });
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + READY_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error('master-data-sync is not ready: .tieout/bench/logs/look-up.log');
    await delay(100);
  }
  return { questions: new Questions(link), process: child, url, bearer };
};

/** As merged today under this policy: without its sources the service would take them for gone. */
const putObjects = async (database: Database, objects: readonly Master[]): Promise<void> => {
  for (let from = 0; from < objects.length; from += AT_ONCE)
    await database.query(
      `insert into canonical_object (id, kind, code, revision, legal_entity_id, body, changed_at)
       select (o->>'id')::uuid, o->>'kind', o->>'code', 1, o->>'legalEntityId', o, now() from jsonb_array_elements($1::jsonb) o`,
      [JSON.stringify(objects.slice(from, from + AT_ONCE))],
    );
  const { compilePolicy } = await built<{ compilePolicy(files: unknown): { policy?: { digest: string } } }>(
    'libs/policy/dist/index.js',
  );
  const digest = compilePolicy(bundleTexts(DEMO)).policy?.digest;
  if (digest === undefined) throw new Error('the demo bundle does not compile');
  await database.query(`insert into merged_policy (digest, merged_at) values ($1, now() + interval '1 day')`, [digest]);
  await database.query('analyze');
};

const runner = (env: Readonly<Record<string, string>>) => {
  const logs = join(ROOT, '.tieout/bench/logs');
  mkdirSync(logs, { recursive: true });
  const output = openSync(join(logs, 'look-up.log'), 'w');
  return (script: string, nodeArgs: readonly string[] = []): ChildProcess =>
    spawn(process.execPath, [...nodeArgs, join(SERVICE, script)], { env, stdio: ['ignore', output, output] });
};

/** Whatever the demo bundle refers to has a value, and nobody answers there. */
const unusedReferences = (): Record<string, string> =>
  Object.fromEntries(
    [...readFileSync(join(DEMO, 'connections.yaml'), 'utf8').matchAll(/env:([A-Z_]+)/g)].map(([, name]) => [
      name!,
      name!.endsWith('_URL') ? 'http://127.0.0.1:9' : name!.endsWith('_FOLDER') ? tmpdir() : 'none',
    ]),
  );

const isReady = async (url: string): Promise<boolean> =>
  (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined))?.ok === true;
