import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, startNats, startPostgres } from '@tieout/local-servers';
import { ensureStreams, EventPublisher, NatsLink } from '@tieout/messaging';
import { Database } from '@tieout/persistence';
import type { Cleanup } from '../cleanup.js';
import { ROOT } from '../config.js';
import { cpuMs, peakMemoryMb } from '../usage.js';
import { COMPANY, WORK_DATE } from '../released-events.js';
import { startErp, UNLIMITED, type BenchErp, type ErpSettings } from './bench-erp.js';
import { benchBundle, type ConnectionChange } from './bundle.js';
import { publishPeriod, publishReleases } from './releases.js';

const READY_MS = 60_000;

export interface FeedSetting {
  readonly name: string;
  /** Of the connection `erp`. */
  readonly connection: ConnectionChange;
  readonly erp: Partial<ErpSettings>;
  readonly profile: boolean;
  /** Nothing may be sent before; ms since 1970, a full minute. */
  readonly closedUntilMs?: number;
  /** For Node, before the service is loaded. */
  readonly nodeArgs?: readonly string[];
}

/** erp-posting alone, between a stream that the bench fills and an ERP: real PostgreSQL, real NATS, a process each. */
export interface FeedBed {
  readonly erp: BenchErp;
  readonly databaseUrl: string;
  /** How many audit records it has written. */
  auditRecords(): Promise<number>;
  /** Releases stand on the stream when this resolves; meanwhile the feed is stopped in its tracks. @returns when it goes on, ms since 1970 */
  release(count: number): Promise<number>;
  /** Lines posted by documents that the ledger has as posted since then, and when the last was. */
  postedSince(sinceMs: number): Promise<{ lines: number; documents: number; lastMs: number }>;
  /** Lines in documents that wait to be sent. */
  frozenLines(): Promise<number>;
  /** Documents that are not read back yet. */
  unconfirmed(): Promise<number>;
  /** Peak resident memory of erp-posting so far, MB; undefined where the system does not tell. */
  memoryMb(): number | undefined;
  /** Processor time used so far, ms; undefined where the system does not tell. */
  cpu(): Cpu;
}

export const CPU_USERS = ['feed', 'postgres', 'nats', 'erp'] as const;
export type Cpu = Readonly<Record<(typeof CPU_USERS)[number], number | undefined>>;

const MONTH = WORK_DATE.slice(0, 7);
const PERIOD = { name: MONTH, from: `${MONTH}-01`, to: `${MONTH}-28` };

export const startFeed = async (setting: FeedSetting, cleanup: Cleanup): Promise<FeedBed> => {
  const folder = mkdtempSync(join(tmpdir(), 'tieout-bench-'));
  cleanup.defer(() => Promise.resolve(rmSync(folder, { recursive: true, force: true })));
  const [postgres, nats, erp] = await Promise.all([startPostgres(), startNats(), startErp()]);
  for (const server of [postgres, nats, erp]) cleanup.add(server);
  await prepareErp(erp, setting.erp);
  const databaseUrl = await createDatabase(postgres.url);
  const database = new Database({ url: databaseUrl });
  cleanup.defer(() => database.close());
  const link = new NatsLink({ servers: nats.url, name: 'bench' });
  await link.connect();
  cleanup.defer(() => link.close());
  await ensureStreams(link);
  const publisher = new EventPublisher(link);
  await publishPeriod(publisher, PERIOD);
  const policyDir = benchBundle(join(folder, 'bundle'), { erp: setting.connection }, setting.closedUntilMs);
  const service = await startService(setting, {
    DATABASE_URL: databaseUrl,
    NATS_URL: nats.url,
    POLICY_DIR: policyDir,
    ERP_URL: erp.url,
    ERP_KEY: erp.key,
  });
  cleanup.add(service);
  return {
    erp,
    databaseUrl,
    auditRecords: async () => (await database.query<{ n: number }>('select count(*)::float as n from audit_record'))[0]!.n,
    release: async (count) => {
      // Publishing costs as much as working: the feed begins when all of it stands on the stream, as after a weekend.
      service.process.kill('SIGSTOP');
      await publishReleases(publisher, count).finally(() => service.process.kill('SIGCONT'));
      return Date.now();
    },
    postedSince: async (sinceMs) => {
      const [row] = await database.query<{ lines: number; documents: number; lastMs: number }>(
        `select coalesce(sum(cardinality(posting_keys)), 0)::float as lines, count(*)::float as documents,
           coalesce(extract(epoch from max(posted_at)) * 1000, 0)::float as "lastMs" from document where posted_at >= $1`,
        [new Date(sinceMs).toISOString()],
      );
      return row!;
    },
    frozenLines: async () => {
      const [row] = await database.query<{ n: number }>(
        `select coalesce(sum(cardinality(posting_keys)), 0)::float as n from document where state = 'frozen'`,
      );
      return row!.n;
    },
    unconfirmed: async () => {
      const [row] = await database.query<{ n: number }>(
        `select count(*)::float as n from document where state in ('frozen', 'sending', 'unknown', 'posted')`,
      );
      return row!.n;
    },
    memoryMb: () => peakMemoryMb(service.process.pid),
    cpu: () => ({ feed: cpuMs(service.process.pid), postgres: cpuMs(postgres.pid), nats: cpuMs(nats.pid), erp: cpuMs(erp.pid) }),
  };
};

const prepareErp = async (erp: BenchErp, settings: Partial<ErpSettings>): Promise<void> => {
  await erp.put(`/companies/${COMPANY}`, { currency: 'EUR' });
  await erp.put(`/accounting-periods/${COMPANY}/${PERIOD.name}`, { from: PERIOD.from, to: PERIOD.to, state: 'open' });
  await erp.set({ ...UNLIMITED, ...settings });
};

const createDatabase = async (serverUrl: string): Promise<string> => {
  const admin = new Database({ url: serverUrl });
  await admin.query('create database erp_posting').finally(() => admin.close());
  return Object.assign(new URL(serverUrl), { pathname: '/erp_posting' }).href;
};

interface Service {
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

const startService = async (setting: FeedSetting, env: Readonly<Record<string, string>>): Promise<Service> => {
  const logs = join(ROOT, '.tieout/bench/logs');
  mkdirSync(logs, { recursive: true });
  const log = join(logs, `erp-posting-${setting.name}.log`);
  const output = openSync(log, 'w');
  const port = await freePort();
  const run = (script: string, nodeArgs: readonly string[] = []): ChildProcess =>
    spawn(process.execPath, [...nodeArgs, join(ROOT, 'apps/erp-posting/dist', script)], {
      // What else the demo bundle names: nobody is asked.
      env: { ...UNUSED, ...env, HTTP_PORT: String(port), OIDC_ISSUER: 'http://127.0.0.1:9', LOG_LEVEL: 'warn' },
      stdio: ['ignore', output, output],
    });
  const [code] = await once(run('migrate.js'), 'exit');
  if (code !== 0)
    throw new Error(`erp-posting's migrations ended with ${String(code)}: ${readFileSync(log, 'utf8').slice(-2_000)}`);
  const profiling = setting.profile ? ['--cpu-prof', `--cpu-prof-dir=${join(ROOT, '.tieout/bench/profiles', setting.name)}`] : [];
  const child = run('main.js', [
    '--import',
    join(ROOT, 'libs/telemetry/dist/register.js'),
    ...(setting.nodeArgs ?? []),
    ...profiling,
  ]);
  const ended = once(child, 'exit');
  const deadline = Date.now() + READY_MS;
  while (!(await isReady(port))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`erp-posting is not ready: ${readFileSync(log, 'utf8').slice(-2_000)}`);
    await delay(100);
  }
  return {
    process: child,
    stop: async () => {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await ended;
    },
  };
};

const UNUSED = {
  PSA_URL: 'http://127.0.0.1:9',
  PSA_KEY: 'none',
  PSA_WEBHOOK_SECRET: 'none',
  HR_URL: 'http://127.0.0.1:9',
  HR_KEY: 'none',
  CSV_FOLDER: tmpdir(),
};

const isReady = async (port: number): Promise<boolean> => {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(
    () => undefined,
  );
  return answer?.ok === true;
};
