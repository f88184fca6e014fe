import type { Checklist } from '../checks/checklist.js';
import { CUTS, type Effect } from './cut-plan.js';
import { cutsOf, type CuttingProxy } from './cutting-proxy.js';

/** Fewer would prove little. */
const LEAST_SHARE = 0.2;

const described = (proxy: CuttingProxy, effect: Effect): string => {
  const counts = proxy.counts[effect];
  const ways = CUTS.map((cut) => `${counts.cut[cut]} ${cut}`).join(', ');
  return `${cutsOf(counts)} of ${counts.requests} ${effect} requests (${ways})`;
};

/** How often the connection to Tryton was cut, and where. */
export const checkCuts = (list: Checklist, proxy: CuttingProxy, seed: number): void => {
  const { writing, reading } = proxy.counts;
  list.check(
    `cuts: at least ${LEAST_SHARE * 100} % of the requests that write, and some that read`,
    cutsOf(writing) >= LEAST_SHARE * writing.requests && cutsOf(writing) > 0 && cutsOf(reading) > 0,
    `seed ${seed}: ${described(proxy, 'writing')}; ${described(proxy, 'reading')}`,
  );
  list.check(
    'cuts: in every way, after the request was sent most of all',
    CUTS.every((cut) => writing.cut[cut] + reading.cut[cut] > 0) &&
      writing.cut.sent + writing.cut.executed > writing.cut['before-sent'] + writing.cut['mid-answer'],
  );
};
