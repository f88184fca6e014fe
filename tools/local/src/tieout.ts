import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, requireFreePort } from '@tieout/local-servers';
import { inherited, ROOT } from './config.js';
import { databaseUrl, ensureDatabases, ownerOf } from './databases.js';
import { NatsServer } from './nats-server.js';
import { caller, reconcile, untilReady, waitUntilIdle, type Call, type ReconciliationResult } from './operate.js';
import { PostgresServer } from './postgres-server.js';
import { readProgress, type StackProgress } from './progress.js';
import { migration, processName, program, SERVICES, type Replica, type ServiceName, type ServiceSettings } from './services.js';
import { openGovernanceKeys, openSecrets, type GovernanceKeyFiles, type StackSecrets } from './stack-secrets.js';
import { Supervisor } from './supervisor.js';
import { tokenSource } from './tokens.js';
import type { Person } from './persons.js';
import { writeProfile } from './profile.js';

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
  'payroll-feed': 7406,
  'analytics-feed': 7407,
  governance: 7408,
} as const;
type Ports = Record<keyof typeof DEFAULT_PORTS, number>;
const READY_MS = 90_000;
const LOCAL = 'local';

export interface TieoutOptions {
  readonly dataDir: string;
  readonly policyDir: string;
  /** Whose policy activations count (default: local). In another one, the bundle of `policyDir` is the first to be active. */
  readonly environment?: string;
  /** What the bundle's references name: addresses and keys of the external systems. */
  readonly env: Readonly<Record<string, string>>;
  /** 'free' (default): several stacks at once; 'default': the documented addresses. */
  readonly ports?: 'free' | 'default';
  /** Ports that others know already, for example the sender of webhooks. */
  readonly chosenPorts?: Partial<Record<ServiceName, number>>;
  /** Services that do not run as usual: replicas, another build, settings of their own. */
  readonly services?: Partial<Record<ServiceName, ServiceSettings>>;
  /** A backup that the database begins with; it is migrated already. */
  readonly postgresBackup?: string;
  readonly say?: (text: string) => void;
}

export interface Tieout {
  readonly services: readonly ServiceName[];
  /** Base address by service name, of its first replica. */
  readonly urls: Readonly<Record<string, string>>;
  readonly natsUrl: string;
  readonly postgresUrl: string;
  readonly issuer: string;
  readonly dataDir: string;
  /** Restart them, take them back to an earlier point, delete a stream. */
  readonly postgres: PostgresServer;
  readonly nats: NatsServer;
  token(): Promise<string>;
  /** GET or POST as an operator. @throws Error with the problem's text unless 2xx. */
  call: Call;
  /** The same as another person. */
  as(person: Person): Call;
  readonly environment: string;
  /** What governance signs with, and what tells it. */
  readonly keys: GovernanceKeyFiles;
  progress(): Promise<StackProgress>;
  /** Until no service has work waiting or in flight, twice in a row. @throws Error saying what was still going on. */
  waitUntilIdle(timeoutMs: number): Promise<void>;
  /** Until every replica says that it is ready. @throws Error naming one that is not. */
  waitUntilReady(timeoutMs: number): Promise<void>;
  /** Starts a reconciliation run and waits for its result. */
  reconcile(): Promise<ReconciliationResult>;
  pidOf(service: ServiceName, replica?: number): number | undefined;
  /** SIGSTOP and SIGCONT too. What dies of it is started again. */
  kill(service: ServiceName, signal: NodeJS.Signals, replica?: number): void;
  stop(): Promise<void>;
}

const choosePorts = async (mode: 'free' | 'default', chosen: Partial<Ports>): Promise<Ports> => {
  const ports: Ports = { ...DEFAULT_PORTS };
  for (const name of Object.keys(ports) as (keyof Ports)[]) {
    if (mode === 'free') ports[name] = chosen[name] ?? (await freePort());
    else await requireFreePort(ports[name], name);
  }
  return ports;
};

const replicasOf = async (ports: Ports, services: TieoutOptions['services'] = {}): Promise<Replica[]> => {
  const replicas: Replica[] = [];
  for (const service of SERVICES)
    for (let index = 0; index < (services[service]?.replicas ?? 1); index += 1)
      replicas.push({ service, index, port: index === 0 ? ports[service] : await freePort() });
  return replicas;
};

const startServers = async ({ dataDir, postgresBackup }: TieoutOptions, ports: Ports, stops: (() => Promise<void>)[]) => {
  const postgres = await PostgresServer.start({ dataDir: join(dataDir, 'postgres'), port: ports.postgres }, postgresBackup);
  stops.push(() => postgres.stop());
  const nats = await NatsServer.start({ storeDir: join(dataDir, 'nats'), port: ports.nats });
  stops.push(() => nats.stop());
  return { postgres, nats };
};

const identityProvider = (port: number, secrets: StackSecrets) => ({
  name: 'identity-provider',
  script: join(ROOT, 'tools/local/dist/identity-provider.js'),
  env: {
    ...inherited(),
    IDP_PORT: String(port),
    IDP_CLIENT_SECRET: secrets.clientSecret,
    IDP_SIGNING_KEY: JSON.stringify(secrets.signingKey),
  },
});

/** PostgreSQL, NATS, the OpenID provider and the services, each its own process, restarted when it dies. */
export const startTieout = async (options: TieoutOptions): Promise<Tieout> => {
  const say = options.say ?? (() => undefined);
  mkdirSync(options.dataDir, { recursive: true });
  let fatal: ((error: Error) => void) | undefined;
  const failed = new Promise<never>((_, reject) => (fatal = reject));
  failed.catch(() => undefined);
  const supervisor = new Supervisor({ dataDir: options.dataDir, say, onFatal: (error) => (say(error.message), fatal?.(error)) });
  await supervisor.endOrphans();
  const ports = await choosePorts(options.ports ?? 'free', options.chosenPorts ?? {});
  const replicas = await replicasOf(ports, options.services);
  const secrets = openSecrets(options.dataDir, [...SERVICES, ...SERVICES.map(ownerOf)]);
  const keys = openGovernanceKeys(options.dataDir);
  const stops: (() => Promise<void>)[] = [() => supervisor.stop()];
  const stop = async () => {
    for (const end of stops.splice(0)) await end();
  };
  try {
    const { postgres, nats } = await startServers(options, ports, stops);
    say(`PostgreSQL at 127.0.0.1:${ports.postgres}, NATS at ${nats.url}`);
    await ensureDatabases(postgres.url, SERVICES, secrets.databasePasswords);
    const urlOf = (service: ServiceName, role: string = service) =>
      databaseUrl(postgres.url, service, secrets.databasePasswords[role]!, role);
    if (options.postgresBackup === undefined) {
      await Promise.all(SERVICES.map((name) => supervisor.run(migration(name, urlOf(name, ownerOf(name))))));
      say('databases migrated');
    }
    const issuer = `http://127.0.0.1:${ports.identity}`;
    supervisor.start(identityProvider(ports.identity, secrets));
    for (const replica of replicas)
      supervisor.start(
        program(replica, {
          databaseUrl: urlOf(replica.service),
          natsUrl: nats.url,
          issuer,
          policyDir: options.policyDir,
          environment: options.environment ?? LOCAL,
          keys,
          checkpointDir: join(options.dataDir, 'checkpoints'),
          env: options.env,
          settings: options.services?.[replica.service] ?? {},
        }),
      );
    const tokenOf = (person: Person) => tokenSource(issuer, secrets.clientSecret, person);
    const tieout = operate({ options, postgres, nats, issuer, keys, tokenOf, supervisor, replicas, failed, stop });
    writeProfile(tieout);
    await tieout.waitUntilReady(READY_MS);
    say('all services are ready');
    return tieout;
  } catch (error) {
    await stop();
    throw error;
  }
};

interface Parts {
  readonly options: TieoutOptions;
  readonly postgres: PostgresServer;
  readonly nats: NatsServer;
  readonly issuer: string;
  readonly keys: GovernanceKeyFiles;
  readonly tokenOf: (person: Person) => () => Promise<string>;
  readonly supervisor: Supervisor;
  readonly replicas: readonly Replica[];
  readonly failed: Promise<never>;
  readonly stop: () => Promise<void>;
}

const operate = (parts: Parts): Tieout => {
  const { options, postgres, nats, issuer, keys, tokenOf, supervisor, replicas, failed, stop } = parts;
  const token = tokenOf('tieout-cli');
  const addresses = replicas.map(({ service, index, port }) => ({
    name: processName(service, index),
    url: `http://127.0.0.1:${port}`,
  }));
  const urls = Object.fromEntries(addresses.map(({ name, url }) => [name, url]));
  const call = caller(urls, token);
  const callers = new Map<Person, Call>();
  const progress = () => readProgress(call, SERVICES);
  return {
    services: SERVICES,
    urls,
    natsUrl: nats.url,
    get postgresUrl() {
      return postgres.url;
    },
    issuer,
    dataDir: options.dataDir,
    postgres,
    nats,
    token,
    call,
    as: (person) => callers.get(person) ?? callers.set(person, caller(urls, tokenOf(person))).get(person)!,
    environment: options.environment ?? LOCAL,
    keys,
    progress,
    pidOf: (service, replica) => supervisor.pidOf(processName(service, replica)),
    kill: (service, signal, replica) => supervisor.kill(processName(service, replica), signal),
    waitUntilIdle: (timeoutMs) => Promise.race([waitUntilIdle(progress, timeoutMs), failed]),
    waitUntilReady: (timeoutMs) => Promise.race([untilReady(addresses, timeoutMs), failed]),
    reconcile: () => Promise.race([reconcile(call), failed]),
    stop,
  };
};
