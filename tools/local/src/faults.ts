import { setTimeout as delay } from 'node:timers/promises';
import { progressLine, type StackProgress } from './progress.js';
import type { ServiceName } from './services.js';
import type { Tieout } from './tieout.js';

interface PlannedFault {
  readonly what: string;
  /** Strikes in the middle of this work, or after WAIT_MS. */
  readonly when: (progress: StackProgress) => boolean;
  readonly strike: (tieout: Tieout) => Promise<void> | void;
}

/** Latency of the sandbox ERP while faults strike: without it everything would be posted before the second one. */
export const ERP_LATENCY_MS = 400;
const WAIT_MS = 10_000;
const LOOK_MS = 20;

const kill = (service: ServiceName, when: PlannedFault['when']): PlannedFault => ({
  what: `kill -9 ${service}`,
  when,
  strike: (tieout) => tieout.kill(service, 'SIGKILL'),
});
const count = ({ counts }: StackProgress['posting'], state: string): number => counts[state] ?? 0;

const FAULTS: readonly PlannedFault[] = [
  kill('master-data-sync', ({ master }) => count(master, 'read') > 0),
  kill('time-ingestion', ({ time }) => count(time, 'released') > 0 && count(time, 'toAssess') > 0),
  {
    what: 'delete the stream TIME',
    when: ({ time }) => count(time, 'released') > 0,
    strike: ({ nats }) => nats.deleteStream('TIME'),
  },
  kill('erp-posting', ({ posting }) => count(posting, 'sending') > 0 && count(posting, 'pending') > 0),
  kill('governance', ({ posting }) => count(posting, 'sending') > 0),
  kill('exception-management', ({ posting }) => count(posting, 'sending') > 0),
  kill('reconciliation', ({ posting }) => count(posting, 'posted') > 0),
];

/** Kills each service once with kill -9 in the middle of its work, and deletes the whole stream TIME in between. */
export const injectFaults = async (tieout: Tieout, say: (text: string) => void): Promise<void> => {
  for (const { what, when, strike } of FAULTS) {
    const deadline = Date.now() + WAIT_MS;
    let progress: StackProgress | undefined;
    do {
      progress = (await tieout.progress().catch(() => undefined)) ?? progress;
      if (progress !== undefined && when(progress)) break;
      await delay(LOOK_MS);
    } while (Date.now() < deadline);
    say(`fault: ${what}; ${progress ? progressLine(progress) : 'no progress known'}`);
    await strike(tieout);
  }
};
