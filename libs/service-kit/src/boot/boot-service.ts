import { shutdownTelemetry } from '@tieout/telemetry';
import { BootProblem, EXIT } from '../boot-problem.js';
import { processEnvironment } from '../config.js';
import { startService, type RunningService, type ServiceDefinition } from './start-service.js';

// Orchestrators kill ten seconds after the signal or later; what is killed cannot say so in its log.
const STOP_LIMIT_MS = 9_000;

/** The whole of a service's main.ts. Ends the process: 0 after a signal, 78 for wrong configuration, 75 when the port is taken, 76 to be started anew with another policy, 1 for a bug. */
export async function bootService(definition: ServiceDefinition): Promise<void> {
  const early = new AbortController();
  const onEarlySignal = (): void => early.abort();
  process.once('SIGTERM', onEarlySignal).once('SIGINT', onEarlySignal);
  let service: RunningService;
  try {
    service = await startService(definition, processEnvironment());
  } catch (error) {
    process.stderr.write(`${whyNot(definition.name, error)}\n`);
    await shutdownTelemetry();
    process.exit(error instanceof BootProblem ? error.exitCode : 1);
  }
  const stop = stopper(service);
  process.off('SIGTERM', onEarlySignal).off('SIGINT', onEarlySignal);
  process.once('SIGTERM', () => stop('SIGTERM')).once('SIGINT', () => stop('SIGINT'));
  void service.startAnew.then((why) => stop(why, EXIT.policyChanged));
  if (early.signal.aborted) stop('a signal during the start');
  const { logger } = service.runtime;
  const onBug = (error: unknown): void => {
    // A state that nobody foresaw is not worth keeping: the supervisor starts us anew, and the database has the truth.
    logger.fatal({ err: error }, 'a bug ended the process');
    process.exit(1);
  };
  process.on('uncaughtException', onBug).on('unhandledRejection', onBug);
}

function whyNot(name: string, error: unknown): string {
  if (!(error instanceof BootProblem))
    return `${name} cannot start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  return [`${name} cannot start:`, ...error.problems.map((problem) => `  - ${problem}`)].join('\n');
}

function stopper(service: RunningService): (why: string, exitCode?: number) => void {
  const { logger } = service.runtime;
  let stopping = false;
  return (why, exitCode = 0) => {
    if (stopping) return;
    stopping = true;
    logger.info(`stopping: ${why}`);
    setTimeout(() => {
      logger.error(`not everything stopped within ${STOP_LIMIT_MS} ms; leaving`);
      process.exit(1);
    }, STOP_LIMIT_MS).unref();
    void service.stop().then(async () => {
      logger.info('stopped');
      await shutdownTelemetry();
      process.exit(exitCode);
    });
  };
}
