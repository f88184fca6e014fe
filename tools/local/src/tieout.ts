import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, requireFreePort, startNats, startPostgres } from '@tieout/local-servers';
import { inherited, ROOT } from './config.js';
import { databaseUrl, ensureDatabases } from './databases.js';
import { readProgress, type StackProgress } from './progress.js';
import { openSecrets } from './stack-secrets.js';
import { Supervisor } from './supervisor.js';
import { tokenSource } from './tokens.js';

export const SERVICES = ['master-data-sync', 'time-ingestion', 'erp-posting', 'reconciliation', 'exception-management'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Fixed, so that addresses are the same at every start. */
export const DEFAULT_PORTS = {
  identity: 7400,
  postgres: 7432,
  nats: 7422,
  'master-data-sync': 7401,
  'time-ingestion': 7402,
  'erp-posting': 7403,
  reconciliation: 7404,
  'exception-management': 7405,
};
const READY_MS = 90_000;

export interface TieoutOptions {
  readonly dataDir: string;
  readonly policyDir: string;
  /** What the bundle's references name: addresses and keys of the external systems. */
  readonly env: Readonly<Record<string, string>>;
  /** 'free' (default): several stacks at once; 'default': the documented addresses. */
  readonly ports?: 'free' | 'default';
  /** Ports that others know already, for example the sender of webhooks. */
  readonly chosenPorts?: Partial<Record<ServiceName, number>>;
  readonly say?: (text: string) => void;
}

export interface Tieout {
  /** Base address by service name. */
  readonly urls: Readonly<Record<string, string>>;
  readonly natsUrl: string;
  readonly postgresUrl: string;
  readonly issuer: string;
  readonly dataDir: string;
  token(): Promise<string>;
  /** GET or POST as an operator. @throws Error with the problem's text unless 2xx. */
  call<T>(service: ServiceName, method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>;
  progress(): Promise<StackProgress>;
  /** Until no service has work waiting or in flight, twice in a row. @throws Error saying what was still going on. */
  waitUntilIdle(timeoutMs: number): Promise<void>;
  /** Starts a reconciliation run and waits for its result. */
  reconcile(): Promise<ReconciliationResult>;
  pidOf(service: ServiceName): number | undefined;
  kill(service: ServiceName, signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

export interface TotalsView {
  readonly count: number;
  readonly hours: string;
  readonly amounts: Readonly<Record<string, string>>;
}

export interface ReconciliationResult {
  readonly runId: string;
  readonly completedAt: string;
  readonly tiesOut: boolean;
  readonly failure: string | null;
  readonly lines: readonly {
    readonly legalEntityId: string;
    readonly destination: string;
    readonly approved: TotalsView;
    readonly posted: TotalsView;
    readonly inFlight: TotalsView;
    readonly held: TotalsView;
    readonly differences: number;
  }[];
}

type Ports = Record<keyof typeof DEFAULT_PORTS, number>;

const choosePorts = async (mode: 'free' | 'default', chosen: Partial<Ports>): Promise<Ports> => {
  const ports: Ports = { ...DEFAULT_PORTS };
  for (const name of Object.keys(ports) as (keyof Ports)[]) {
    if (mode === 'free') ports[name] = chosen[name] ?? (await freePort());
    else await requireFreePort(ports[name], name);
  }
  return ports;
};

/** PostgreSQL, NATS, the OpenID provider and the five services, each its own process, restarted when it dies. */
export const startTieout = async (options: TieoutOptions): Promise<Tieout> => {
  const say = options.say ?? (() => undefined);
  mkdirSync(options.dataDir, { recursive: true });
  let fatal: ((error: Error) => void) | undefined;
  const failed = new Promise<never>((_, reject) => (fatal = reject));
  failed.catch(() => undefined);
  const supervisor = new Supervisor({ dataDir: options.dataDir, say, onFatal: (error) => (say(error.message), fatal?.(error)) });
  await supervisor.endOrphans();
  const ports = await choosePorts(options.ports ?? 'free', options.chosenPorts ?? {});
  const secrets = openSecrets(options.dataDir, SERVICES);
  const stops: (() => Promise<void>)[] = [() => supervisor.stop()];
  const stop = async () => {
    for (const end of stops.splice(0)) await end();
  };
  try {
    const postgres = await startPostgres({ dataDir: join(options.dataDir, 'postgres'), port: ports.postgres });
    stops.push(() => postgres.stop());
    say(`PostgreSQL at 127.0.0.1:${ports.postgres}`);
    const nats = await startNats({ storeDir: join(options.dataDir, 'nats'), port: ports.nats });
    stops.push(() => nats.stop());
    say(`NATS at ${nats.url}`);
    await ensureDatabases(postgres.url, secrets.databasePasswords);
    const urlOf = (service: ServiceName) => databaseUrl(postgres.url, service, secrets.databasePasswords[service]!);
    await Promise.all(
      SERVICES.map((name) =>
        supervisor.run({
          name: `${name}-migrate`,
          script: join(ROOT, 'apps', name, 'dist/migrate.js'),
          env: { ...inherited(), DATABASE_URL: urlOf(name) },
        }),
      ),
    );
    say('databases migrated');
    const issuer = `http://127.0.0.1:${ports.identity}`;
    supervisor.start({
      name: 'identity-provider',
      script: join(ROOT, 'tools/local/dist/identity-provider.js'),
      env: {
        ...inherited(),
        IDP_PORT: String(ports.identity),
        IDP_CLIENT_SECRET: secrets.clientSecret,
        IDP_SIGNING_KEY: JSON.stringify(secrets.signingKey),
      },
    });
    for (const name of SERVICES)
      supervisor.start({
        name,
        script: join(ROOT, 'apps', name, 'dist/main.js'),
        nodeArgs: ['--import', join(ROOT, 'libs/telemetry/dist/register.js')],
        env: {
          ...inherited(),
          ...options.env,
          OTEL_SERVICE_NAME: name,
          DATABASE_URL: urlOf(name),
          NATS_URL: nats.url,
          HTTP_PORT: String(ports[name]),
          OIDC_ISSUER: issuer,
          POLICY_DIR: options.policyDir,
          SWEEP_EVERY_MS: options.env['SWEEP_EVERY_MS'] ?? '3000',
          SWEEP_SETTLE_MS: options.env['SWEEP_SETTLE_MS'] ?? '3000',
        },
      });
    const urls = Object.fromEntries(SERVICES.map((name) => [name, `http://127.0.0.1:${ports[name]}`]));
    await Promise.race([untilReady(urls), failed]);
    say('all services are ready');
    return operate({
      urls,
      natsUrl: nats.url,
      postgresUrl: postgres.url,
      issuer,
      options,
      supervisor,
      stop,
      failed,
      token: tokenSource(issuer, secrets.clientSecret),
    });
  } catch (error) {
    await stop();
    throw error;
  }
};

const untilReady = async (urls: Readonly<Record<string, string>>): Promise<void> => {
  const deadline = Date.now() + READY_MS;
  for (const [name, url] of Object.entries(urls)) {
    for (;;) {
      const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
      if (answer?.ok) break;
      if (Date.now() > deadline)
        throw new Error(
          `${name} at ${url} is not ready after ${READY_MS / 1000} s: ${answer ? await answer.text() : 'no answer'}`,
        );
      await delay(200);
    }
  }
};

interface Parts {
  readonly urls: Readonly<Record<string, string>>;
  readonly natsUrl: string;
  readonly postgresUrl: string;
  readonly issuer: string;
  readonly options: TieoutOptions;
  readonly supervisor: Supervisor;
  readonly failed: Promise<never>;
  readonly token: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

const operate = ({ urls, natsUrl, postgresUrl, issuer, options, supervisor, failed, token, stop }: Parts): Tieout => {
  const call = async <T>(service: ServiceName, method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${urls[service]}${path}`, {
      method,
      headers: { authorization: `Bearer ${await token()}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${service}${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
  const progress = () => readProgress(call);
  return {
    urls,
    natsUrl,
    postgresUrl,
    issuer,
    dataDir: options.dataDir,
    token,
    call,
    progress,
    pidOf: (service) => supervisor.pidOf(service),
    kill: (service, signal) => supervisor.kill(service, signal),
    waitUntilIdle: (timeoutMs) => Promise.race([waitUntilIdle(progress, timeoutMs), failed]),
    reconcile: () => Promise.race([reconcile(call), failed]),
    stop,
  };
};

const waitUntilIdle = async (progress: () => Promise<StackProgress>, timeoutMs: number): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  let last: StackProgress | undefined;
  for (let quiet = 0; quiet < 2;) {
    if (Date.now() > deadline) throw new Error(`not idle after ${timeoutMs / 1000} s: ${JSON.stringify(last)}`);
    last = await progress().catch(() => undefined);
    quiet = last?.idle === true ? quiet + 1 : 0;
    await delay(500);
  }
};

const RUN_MS = 120_000;

const reconcile = async (call: Tieout['call']): Promise<ReconciliationResult> => {
  const latest = async () => (await call<{ items: ReconciliationResult[] }>('reconciliation', 'GET', '/runs')).items[0];
  const deadline = Date.now() + RUN_MS;
  const before = (await latest())?.runId;
  // A run that was under way when we asked has read too early: wait for one that began afterwards.
  while (!(await call<{ accepted: boolean }>('reconciliation', 'POST', '/runs', {})).accepted) {
    if (Date.now() > deadline) throw new Error('another reconciliation run does not end');
    await delay(300);
  }
  for (;;) {
    const run = await latest();
    if (run !== undefined && run.runId !== before) return run;
    if (Date.now() > deadline) throw new Error(`no reconciliation result within ${RUN_MS / 1000} s`);
    await delay(300);
  }
};
