import type { Logger } from 'pino';

/** Says once what is being waited for, then again each minute, and once when it is there. */
export async function untilDone(what: string, attempt: () => Promise<void>, logger: Logger, stopped: AbortSignal): Promise<void> {
  const FIRST_MS = 100;
  const LONGEST_MS = 2_000;
  const TELL_EVERY_MS = 60_000;
  let toldAt = -Infinity;
  for (let delay = FIRST_MS; !stopped.aborted; delay = Math.min(delay * 2, LONGEST_MS)) {
    try {
      await attempt();
      if (toldAt > -Infinity) logger.info(`${what}: done`);
      return;
    } catch (error) {
      if (stopped.aborted) break;
      if (performance.now() - toldAt >= TELL_EVERY_MS) {
        logger.warn(`${what}: ${error instanceof Error ? error.message : String(error)}; trying again until it works`);
        toldAt = performance.now();
      }
      await pause(delay, stopped);
    }
  }
  throw new Error(`stopped while waiting: ${what}`);
}

const pause = (ms: number, stopped: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stopped.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stopped.addEventListener('abort', end);
  });
