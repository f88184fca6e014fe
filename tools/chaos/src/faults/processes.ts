import { SERVICES, type ServiceName } from '@tieout/local';
import type { Fault } from '../fault.js';

const STOPPED_MS = 30_000;

const killed = (service: ServiceName): Fault => ({
  id: `kill-${service}`,
  what: `kill -9 ${service}`,
  lastsMs: 0,
  strike: async ({ tieout }) => tieout.kill(service, 'SIGKILL'),
});

/** Frozen, not dead: when it goes on, it believes that no time has passed, and finishes what others may have finished since. */
const stopped = (service: ServiceName): Fault => ({
  id: `stop-${service}`,
  what: `SIGSTOP ${service} for ${STOPPED_MS / 1000} s`,
  lastsMs: STOPPED_MS,
  strike: async ({ tieout }) => tieout.kill(service, 'SIGSTOP'),
  heal: async ({ tieout }) => tieout.kill(service, 'SIGCONT'),
});

export const PROCESS_FAULTS: readonly Fault[] = [...SERVICES.map(killed), ...SERVICES.map(stopped)];
