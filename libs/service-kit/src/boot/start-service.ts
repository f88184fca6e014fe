import { Logger as NestLog, type DynamicModule, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { clockOffBy, systemClock } from '@tieout/clock';
import type { Context } from '@tieout/contracts';
import { ensureStreams, EventPublisher, NatsLink, Questions } from '@tieout/messaging';
import {
  CompletenessSweep,
  Database,
  Leases,
  Listener,
  OutboxRelay,
  pendingMigrations,
  type MigrationClass,
} from '@tieout/persistence';
import { pinoOptions } from '@tieout/telemetry';
import { pino, type Logger } from 'pino';
import { auditChainer } from '../audit-chainer.js';
import { BootProblem, EXIT } from '../boot-problem.js';
import { readConfig, type Environment, type ServiceConfig } from '../config.js';
import { NestLogger } from '../nest-logger.js';
import { governanceKeys, type GovernanceKeys } from '../governance-keys.js';
import { activationName } from '../policy/check-activation.js';
import { firstPolicies, type FirstPolicy } from '../policy/first-policy.js';
import { FollowPolicy, type Rejected } from '../policy/follow-policy.js';
import { PolicyInForce } from '../policy/policy-holder.js';
import { Readiness } from '../readiness.js';
import type { ServiceRuntime } from '../runtime.js';
import { SecretReader } from '../secrets.js';
import { createApp, listen, type App } from './create-app.js';
import { untilDone } from './waiting.js';

export interface ServiceDefinition {
  /** 'erp-posting': the name in logs, durables and queue groups. */
  readonly name: string;
  readonly context: Context;
  readonly module: (runtime: ServiceRuntime) => DynamicModule | Type;
  /** The app's own; the platform's are always there. */
  readonly migrations: readonly MigrationClass[];
  /** See DatabaseOptions. */
  readonly byKey?: boolean;
}

export interface RunningService {
  readonly runtime: ServiceRuntime;
  readonly app: NestFastifyApplication;
  readonly url: string;
  /** Resolves with the reason when the service must be started anew, with EXIT.policyChanged: what is in force changes its connections. */
  readonly startAnew: Promise<string>;
  /** Takes no more work, finishes what is in hand, publishes what is in the outbox as far as it can, closes everything. */
  stop(): Promise<void>;
}

type State = 'starting' | 'running' | 'stopping';

/**
 * Starts a service in any order with what it needs: HTTP answers at once, /health/ready says what is away, and messages flow once the
 * database with all migrations and NATS are there.
 * @throws BootProblem when configuration, policy bundle or a connection is wrong or the port is taken.
 */
export async function startService(definition: ServiceDefinition, env: Environment): Promise<RunningService> {
  const config = readConfig(env);
  const secrets = new SecretReader(env);
  const keys = governanceKeys(config.governancePublicKeys, secrets);
  const logger = pino(pinoOptions(definition.name, config.logLevel)).child({ instance: config.instanceId });
  NestLog.overrideLogger(new NestLogger(logger));
  const rejected: Rejected[] = [];
  for await (const first of firstPolicies(config, keys())) {
    try {
      return await startWith(first, { definition, config, env, secrets, keys, logger, rejected });
    } catch (error) {
      if (first.activation === undefined || !(error instanceof BootProblem) || error.exitCode !== EXIT.configuration) throw error;
      const problems = error.problems.join('; ');
      const why = `${activationName(first.activation)}: ${problems}; mend what is named and start the service again, or activate another bundle`;
      logger.error(`cannot start with ${why}`);
      rejected.push({ activation: first.activation, why });
    }
  }
  throw new Error('there is no bundle to start with');
}

interface Basis {
  readonly definition: ServiceDefinition;
  readonly config: ServiceConfig;
  readonly env: Environment;
  readonly secrets: SecretReader;
  readonly keys: GovernanceKeys;
  readonly logger: Logger;
  readonly rejected: readonly Rejected[];
}

async function startWith(first: FirstPolicy, basis: Basis): Promise<RunningService> {
  const { definition, config, logger, rejected } = basis;
  const stops: (() => Promise<void>)[] = [];
  const starts: (() => Promise<void>)[] = [];
  const readiness = new Readiness();
  const policy = new PolicyInForce(first.policy, first.origin, (err) =>
    logger.error({ err }, 'something could not follow another policy; it is tried again in some seconds'),
  );
  const runtime = createRuntime(basis, { policy, starts, stops, readiness });
  const life = { state: 'starting' as State };
  addChecks(readiness, runtime, definition, life);
  const { promise: startAnew, resolve } = Promise.withResolvers<string>();
  const following = new FollowPolicy(runtime, { inForce: policy, started: first.activation, rejected, startAnew: resolve });
  let app: App | undefined;
  try {
    app = await createApp(runtime, readiness, config, definition.module);
    const url = await listen(app.nest, config);
    logger.info({ url, policy: policy.current().digest, ...policy.origin }, `${definition.name} answers at ${url}`);
    const work = startWork(app.nest, runtime, definition, config, { life, starts, following });
    const stop = async (): Promise<void> => {
      life.state = 'stopping';
      await work.stop([...stops, () => app!.close()]);
      await closeConnections(runtime);
    };
    return { runtime, app: app.nest, url, startAnew, stop };
  } catch (error) {
    // What the app's modules had begun must not keep a process alive that could not start.
    await Promise.allSettled([...stops.map((fn) => fn()), app?.close()]);
    await closeConnections(runtime);
    throw error;
  }
}

type Parts = Pick<ServiceRuntime, 'policy'> & {
  starts: (() => Promise<void>)[];
  stops: (() => Promise<void>)[];
  readiness: Readiness;
};

function createRuntime({ definition, config, env, secrets, keys, logger }: Basis, parts: Parts): ServiceRuntime {
  const { name, context } = definition;
  const database = new Database({ url: config.databaseUrl, applicationName: name, byKey: definition.byKey ?? false });
  const link = new NatsLink({ ...config.nats, name: `${name}/${config.instanceId}` });
  return {
    name,
    context,
    instanceId: config.instanceId,
    clock: config.clockOffsetMs === 0 ? systemClock : clockOffBy(config.clockOffsetMs),
    database,
    listener: new Listener(config.databaseDirectUrl),
    leases: new Leases(database),
    link,
    publisher: new EventPublisher(link),
    questions: new Questions(link),
    policy: parts.policy,
    environment: config.environment,
    governanceKeys: keys,
    secrets,
    logger,
    env,
    onReady: (fn) => void parts.starts.push(fn),
    onStop: (fn) => void parts.stops.push(fn),
    addReadinessCheck: (checkName, check) => parts.readiness.add(checkName, check),
  };
}

/** What the database still lacks, as an instruction; undefined when it lacks nothing. */
async function lacking(runtime: ServiceRuntime, migrations: readonly MigrationClass[]): Promise<string | undefined> {
  const pending = await pendingMigrations(runtime.database, migrations);
  return pending.length === 0
    ? undefined
    : `${pending.length} migrations are not applied (first: ${pending[0]}); run: node dist/migrate.js`;
}

function addChecks(readiness: Readiness, runtime: ServiceRuntime, definition: ServiceDefinition, life: { state: State }): void {
  let migrated = false;
  readiness.add('database', async () => {
    await runtime.database.ping();
    return undefined;
  });
  readiness.add('migrations', async () => {
    // Applied once is applied: asking at every probe would cost a query for nothing.
    if (migrated) return undefined;
    const problem = await lacking(runtime, definition.migrations);
    migrated = problem === undefined;
    return problem;
  });
  readiness.add('nats', async () => (runtime.link.connected ? undefined : `not connected to ${runtime.link.options.servers}`));
  readiness.add('service', async () => (life.state === 'running' ? undefined : life.state));
}

/** Everything that needs database and NATS, started in the background when both are there. */
function startWork(
  app: NestFastifyApplication,
  runtime: ServiceRuntime,
  definition: ServiceDefinition,
  config: ServiceConfig,
  { life, starts, following }: { life: { state: State }; starts: readonly (() => Promise<void>)[]; following: FollowPolicy },
): { stop(before: readonly (() => Promise<void>)[]): Promise<void> } {
  const { database, publisher, questions, link, listener, clock, logger, context: producer } = runtime;
  const relay = new OutboxRelay({ database, publisher, producer, clock, logger, listener });
  const chainer = auditChainer(runtime);
  const { sweepEveryMs: everyMs, sweepSettleMs: settleMs } = config;
  const sweep = new CompletenessSweep({ database, questions, producer, everyMs, settleMs, clock, logger });
  const stopping = new AbortController();

  const start = async (): Promise<void> => {
    const attempt = (what: string, fn: () => Promise<void>) => untilDone(what, fn, logger, stopping.signal);
    await Promise.all([
      attempt('waiting for NATS', () => link.connect()),
      // An event that met a missing table would be a bug five times over and a dead letter: no consumer before the migrations.
      attempt('waiting for the database', async () => {
        const problem = await lacking(runtime, definition.migrations);
        if (problem !== undefined) throw new Error(problem);
      }),
    ]);
    await attempt('declaring streams', () => ensureStreams(link));
    // Nothing is decided by the bundle of POLICY_DIR while a later one is active.
    await attempt('reading the policy in force', () => following.start());
    if (following.leaving) return;
    for (const microservice of app.getMicroservices())
      await attempt('listening for messages', async () => void (await microservice.listen()));
    stopping.signal.throwIfAborted();
    relay.start();
    chainer.start();
    sweep.start();
    for (const fn of starts) await attempt('starting the work', fn);
    life.state = 'running';
    logger.info(`${runtime.name} is running`);
  };
  // Whatever is not the end of waiting is a bug, and ends the process as any other unhandled rejection.
  void start().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });

  return {
    stop: async (before) => {
      stopping.abort();
      await settle(logger, [() => following.stop(), () => sweep.stop(), ...before]);
      // Last: what the work in hand has just written should still leave.
      await settle(logger, [() => relay.stop(), () => chainer.stop()]);
    },
  };
}

/** Runs all of them at the same time; one that fails must not keep the others from stopping. */
async function settle(logger: ServiceRuntime['logger'], stops: readonly (() => unknown)[]): Promise<void> {
  const outcomes = await Promise.allSettled(stops.map(async (fn) => fn()));
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') logger.error({ err: outcome.reason }, 'a part did not stop cleanly');
}

async function closeConnections({ logger, link, listener, database }: ServiceRuntime): Promise<void> {
  await settle(logger, [() => link.close(), () => listener.close(), () => database.close()]);
}
