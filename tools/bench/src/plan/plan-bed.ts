import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { QUESTIONS } from '@tieout/contracts';
import { freePort, startNats, startPostgres } from '@tieout/local-servers';
import { ensureStreams, NatsLink, Questions } from '@tieout/messaging';
import { Database } from '@tieout/persistence';
import type { Cleanup } from '../cleanup.js';
import { ROOT } from '../config.js';

const READY_MS = 60_000;
const DEMO = join(ROOT, 'deploy/governance/demo');

/** time-ingestion alone with its database: nothing comes in, so that the plan has the machine to itself. */
export interface PlanBed {
  readonly database: Database;
  readonly questions: Questions;
  readonly process: ChildProcess;
  readonly url: string;
}

/** @param fill puts master data and entries into the migrated database, before the service starts */
export const startPlanBed = async (
  fill: (database: Database) => Promise<void>,
  profile: boolean,
  cleanup: Cleanup,
): Promise<PlanBed> => {
  const [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  for (const server of [postgres, nats]) cleanup.add(server);
  const admin = new Database({ url: postgres.url });
  await admin.query('create database time_ingestion').finally(() => admin.close());
  const databaseUrl = Object.assign(new URL(postgres.url), { pathname: '/time_ingestion' }).href;
  const link = new NatsLink({ servers: nats.url, name: 'bench' });
  await link.connect();
  cleanup.defer(() => link.close());
  await ensureStreams(link);
  // Master data sync, as far as time-ingestion asks it.
  link.nc.subscribe(QUESTIONS.masterProgress, {
    callback: (_error, message) =>
      void message.respond(JSON.stringify({ response: { idle: true, counts: {} }, isDisposed: true })),
  });
  const env = { ...unusedReferences(), DATABASE_URL: databaseUrl, NATS_URL: nats.url, POLICY_DIR: DEMO };
  const { run, log, port } = await runner(env);
  const [code] = await once(run('migrate.js'), 'exit');
  if (code !== 0) throw new Error(`time-ingestion's migrations ended with ${String(code)}: ${tail(log)}`);
  const database = new Database({ url: databaseUrl, statementTimeoutMs: 300_000 });
  cleanup.defer(() => database.close());
  await fill(database);
  const profiling = profile ? ['--cpu-prof', `--cpu-prof-dir=${join(ROOT, '.tieout/bench/profiles/plan')}`] : [];
  const child = run('main.js', ['--import', join(ROOT, 'libs/telemetry/dist/register.js'), ...profiling]);
  const ended = once(child, 'exit');
  cleanup.add({ stop: async () => void (child.kill('SIGTERM'), await ended) });
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + READY_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`time-ingestion is not ready: ${tail(log)}`);
    await delay(100);
  }
  return { database, questions: new Questions(link), process: child, url };
};

const tail = (log: string): string => readFileSync(log, 'utf8').slice(-2_000);

const runner = async (env: Readonly<Record<string, string>>) => {
  const logs = join(ROOT, '.tieout/bench/logs');
  mkdirSync(logs, { recursive: true });
  const log = join(logs, 'time-ingestion-plan.log');
  const output = openSync(log, 'w');
  const port = await freePort();
  const run = (script: string, nodeArgs: readonly string[] = []): ChildProcess =>
    spawn(process.execPath, [...nodeArgs, join(ROOT, 'apps/time-ingestion/dist', script)], {
      env: { ...env, HTTP_PORT: String(port), OIDC_ISSUER: 'http://127.0.0.1:9', LOG_LEVEL: 'warn' },
      stdio: ['ignore', output, output],
    });
  return { run, log, port };
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
