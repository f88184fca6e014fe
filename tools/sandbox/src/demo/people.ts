import { addDays } from '@tieout/model';
import type { ListItem } from '../kit/list-store.js';
import type { DemoDays } from './days.js';
import { payGroupOf, payLists } from './pay.js';
import type { Random } from './random.js';

export interface DemoEntity {
  readonly code: string;
  readonly prefix: string;
  readonly name: string;
  readonly currency: string;
  readonly timezone: string;
  readonly region: string;
  readonly workers: number;
  readonly projects: number;
  /** Cost of an hour: from, and how far above. */
  readonly cost: readonly [number, number];
  readonly bill: number;
}

export const ENTITIES: readonly DemoEntity[] = [
  {
    code: 'US01',
    prefix: 'US',
    name: 'Demo Consulting Inc.',
    currency: 'USD',
    timezone: 'America/New_York',
    region: 'NA',
    workers: 90,
    projects: 25,
    cost: [48, 60],
    bill: 185,
  },
  {
    code: 'DE01',
    prefix: 'DE',
    name: 'Demo Beratung GmbH',
    currency: 'EUR',
    timezone: 'Europe/Berlin',
    region: 'EMEA',
    workers: 60,
    projects: 19,
    cost: [42, 45],
    bill: 150,
  },
  {
    code: 'IN01',
    prefix: 'IN',
    name: 'Demo Services Pvt. Ltd.',
    currency: 'INR',
    timezone: 'Asia/Kolkata',
    region: 'APAC',
    workers: 50,
    projects: 13,
    cost: [900, 1400],
    bill: 4200,
  },
];

/** What is special about a worker; everything else is regular. */
export type WorkerTrait =
  'manager' | 'no-cost-rate' | 'foreign-rate' | 'rate-without-exchange' | 'left' | 'moved' | 'raise' | undefined;

export interface DemoWorker {
  readonly code: string;
  readonly entity: DemoEntity;
  readonly type: 'EMP' | 'CWK';
  readonly trait: WorkerTrait;
  /** Contractors who hand in files record nothing in the PSA. */
  readonly byFile: boolean;
  readonly rate: string;
  readonly rateCurrency: string;
}

const MANAGERS = 5;
const traitOf = (entity: DemoEntity, n: number): WorkerTrait => {
  if (n < MANAGERS) return 'manager';
  if (n === 8 && entity.code !== 'DE01') return 'no-cost-rate';
  if (n === 13 && entity.code === 'DE01') return 'rate-without-exchange';
  if (n === 20) return 'foreign-rate';
  if (n === 9) return 'left';
  if (n === 10) return 'moved';
  if (n === 11 || n === 12) return 'raise';
  return undefined;
};

export const makeWorkers = (random: Random): DemoWorker[] => {
  const workers: DemoWorker[] = [];
  for (const entity of ENTITIES)
    for (let n = 0; n < entity.workers; n += 1) {
      const trait = traitOf(entity, n);
      const type = n % 7 === 6 || trait === 'rate-without-exchange' || trait === 'foreign-rate' ? 'CWK' : 'EMP';
      const [from, spread] = entity.cost;
      workers.push({
        code: `E${1001 + workers.length}`,
        entity,
        type,
        trait,
        byFile: type === 'CWK' && trait === undefined && n % 2 === 0,
        rate: (from + random.below(spread * 4) / 4).toFixed(2),
        rateCurrency: trait === 'rate-without-exchange' ? 'GBP' : trait === 'foreign-rate' ? 'USD' : entity.currency,
      });
    }
  return workers;
};

export const leftOn = (days: DemoDays): string => addDays(days.today, -8);

const costCentre = (entity: DemoEntity, n: number): string => `${entity.prefix}-CC${1 + (n % 3)}`;

const workerItem = (worker: DemoWorker, n: number, days: DemoDays): ListItem => {
  const job = {
    legalEntity: worker.entity.code,
    timezone: worker.entity.timezone,
    ...(worker.type === 'EMP' && { payGroup: payGroupOf(worker.entity.code, worker.trait === 'manager' || n % 3 === 0) }),
  };
  const jobs = [{ effective: days.longAgo, ...job, costCenter: costCentre(worker.entity, n) }];
  if (worker.trait === 'moved') jobs.push({ effective: days.workdays[5]!, ...job, costCenter: costCentre(worker.entity, n + 1) });
  return {
    id: worker.code,
    workerNo: worker.code,
    category: worker.type,
    hiredOn: days.longAgo,
    ...(worker.trait === 'left' && { leftOn: leftOn(days) }),
    jobs,
  };
};

const rateItem = (worker: DemoWorker, days: DemoDays): ListItem => {
  const rates = [{ effective: days.longAgo, hourly: worker.rate, currency: worker.rateCurrency }];
  if (worker.trait === 'raise')
    rates.push({ effective: days.workdays[5]!, hourly: (Number(worker.rate) * 1.05).toFixed(2), currency: worker.rateCurrency });
  return { id: worker.code, workerNo: worker.code, rates };
};

const FX: readonly (readonly [string, string, string])[] = [
  ['USD', 'EUR', '0.9154'],
  ['EUR', 'USD', '1.0924'],
  ['USD', 'INR', '83.215'],
  ['EUR', 'INR', '90.905'],
];

/** The HR system's lists. */
export const hrLists = (workers: readonly DemoWorker[], days: DemoDays): Record<string, ListItem[]> => ({
  'legal-entities': ENTITIES.map(({ code, name, currency, timezone, region }) => ({
    id: code,
    code,
    name,
    currency,
    timezone,
    region,
  })),
  'cost-centers': ENTITIES.flatMap((entity) =>
    [0, 1, 2].map((n) => ({
      id: costCentre(entity, n),
      code: costCentre(entity, n),
      name: ['Delivery', 'Advisory', 'Support'][n],
      legalEntity: entity.code,
    })),
  ),
  'fx-rates': FX.map(([base, quote, rate]) => ({
    id: `${base}-${quote}`,
    base,
    quote,
    rates: [{ effective: days.longAgo, rate }],
  })),
  ...payLists(days),
  workers: workers.map((worker, n) => workerItem(worker, n, days)),
  'cost-rates': workers.filter((worker) => worker.trait !== 'no-cost-rate').map((worker) => rateItem(worker, days)),
});
