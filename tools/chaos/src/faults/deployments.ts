import { SERVICES, type ServiceName, type ServiceSettings } from '@tieout/local';
import type { Fault } from '../fault.js';
import { buildBefore } from '../other-build.js';

const OFF_MS = 300_000;
const STOPPED_MS = 10_000;

const everywhere = (settings: ServiceSettings): Partial<Record<ServiceName, ServiceSettings>> =>
  Object.fromEntries(SERVICES.map((service) => [service, settings]));

const clock = (where: ServiceName | 'all', direction: 'fast' | 'slow'): Fault => ({
  id: `clock-${direction}-${where}`,
  what: `the clock of ${where === 'all' ? 'every service' : where} is five minutes ${direction}`,
  lastsMs: 0,
  services: async () => {
    const settings = { env: { CLOCK_OFFSET_MS: String(direction === 'fast' ? OFF_MS : -OFF_MS) } };
    return where === 'all' ? everywhere(settings) : { [where]: settings };
  },
  strike: async () => undefined,
});

/** The new build beside the one before it, as during every deployment; then the old one goes. */
const twoBuilds = (service: ServiceName): Fault => ({
  id: `two-builds-${service}`,
  what: `two builds of ${service} at once; then the new one is killed`,
  lastsMs: 0,
  services: async () => ({ [service]: { replicas: 2, builds: [undefined, await buildBefore(service)] } }),
  strike: async ({ tieout }) => tieout.kill(service, 'SIGKILL'),
});

export const DEPLOYMENT_FAULTS: readonly Fault[] = [
  {
    id: 'two-replicas',
    what: 'two replicas of each service; the first of each is stopped and goes on',
    lastsMs: STOPPED_MS,
    services: async () => everywhere({ replicas: 2 }),
    strike: async ({ tieout }) => SERVICES.forEach((service) => tieout.kill(service, 'SIGSTOP')),
    heal: async ({ tieout }) => SERVICES.forEach((service) => tieout.kill(service, 'SIGCONT')),
  },
  {
    id: 'two-replicas-killed',
    what: 'two replicas of each service; the first of each is killed',
    lastsMs: 0,
    services: async () => everywhere({ replicas: 2 }),
    strike: async ({ tieout }) => SERVICES.forEach((service) => tieout.kill(service, 'SIGKILL')),
  },
  twoBuilds('time-ingestion'),
  twoBuilds('erp-posting'),
  ...(['fast', 'slow'] as const).flatMap((direction) => [
    clock('time-ingestion', direction),
    clock('erp-posting', direction),
    clock('all', direction),
  ]),
];
