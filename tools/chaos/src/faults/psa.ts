import type { FaultRule } from '@tieout/sandbox';
import type { Fault } from '../fault.js';

const LASTS_MS = 8_000;

const webhooks = (...rules: FaultRule[]): Pick<Fault, 'strike' | 'lastsMs' | 'heal' | 'fires'> => ({
  fires: { system: 'psa', kinds: rules.map(({ kind }) => kind) },
  lastsMs: LASTS_MS,
  strike: async ({ psa }) => {
    await psa.arm(...rules);
  },
  heal: async ({ psa }) => {
    await psa.clear();
  },
});

export const PSA_FAULTS: readonly Fault[] = [
  {
    id: 'f40-webhooks-lost',
    what: 'no webhook arrives',
    catalogue: 'F40',
    ...webhooks({ kind: 'webhook-drop', times: 0 }),
  },
  {
    id: 'f41-webhooks-out-of-order',
    what: 'webhooks arrive twice and out of order',
    catalogue: 'F41',
    ...webhooks({ kind: 'webhook-reorder', times: 0, every: 2 }, { kind: 'webhook-duplicate', times: 0, every: 3 }),
  },
];
