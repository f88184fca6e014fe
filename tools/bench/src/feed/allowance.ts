import { setTimeout as delay } from 'node:timers/promises';
import type { Cleanup } from '../cleanup.js';
import type { BenchConfig } from '../config.js';
import { type ErpSettings } from './bench-erp.js';
import { documentsOf, type Budget } from './bundle.js';
import { startFeed, type FeedBed } from './feed-bed.js';
import { postNaively } from './naive.js';
import { backAfterSeconds, rateShare, slotShare, type Sample } from './share.js';

export interface AllowanceScenario {
  readonly part: 'd' | 'e';
  readonly title: string;
  readonly budget: Budget;
  readonly erp: Partial<ErpSettings>;
  /** Requests per second at best. */
  readonly perSecond: number;
  /** Of the allowance, between two samples. */
  readonly share: (samples: readonly Sample[]) => number;
}

export const ALLOWANCES: readonly AllowanceScenario[] = [
  {
    part: 'd',
    title: 'ERP takes 20 requests per second',
    budget: { slots: 16, perSecond: 20 },
    erp: { latencyMs: 20, ratePerSecond: 20 },
    perSecond: 20,
    share: rateShare(20),
  },
  {
    part: 'e',
    title: 'ERP takes 15 requests at once, 500 ms each',
    budget: { slots: 15 },
    erp: { latencyMs: 500, concurrency: 15 },
    perSecond: 30,
    share: slotShare(15),
  },
];

export interface AllowanceFigures {
  readonly part: string;
  readonly title: string;
  readonly seconds: number;
  /** Of the allowance, over the window: posting and reading together, refused ones not counted. */
  readonly share: number;
  /** Of the naive script, told the same limit, for a few seconds before: what the machine lets anybody use. */
  readonly naiveShare: number;
  /** Requests that the ERP refused because of its limit, over the whole scenario. */
  readonly refused: number;
  readonly outageSeconds: number;
  /** From the end of the outage until the first 5 seconds at the aim; null: not within a minute. */
  readonly backAfterSeconds: number | null;
  /** The same, until back at as much as before the outage. */
  readonly asBeforeAfterSeconds: number | null;
  readonly aim: { readonly share: number; readonly refused: number; readonly backAfterSeconds: number };
  readonly memoryMb: number | null;
}

const AIM = { share: 0.98, refused: 0, backAfterSeconds: 10 } as const;
const WINDOW_S = { full: 300, quick: 40 } as const;
const NAIVE_S = 10;
const RAMP_S = 5;
const OUTAGE_S = 20;
const AFTER_S = 60;
const SAMPLE_MS = 100;

/** How much of what the ERP allows is used while there is always more to post than it takes. */
export const benchAllowance = async (
  scenario: AllowanceScenario,
  config: BenchConfig,
  cleanup: Cleanup,
  say: (text: string) => void,
): Promise<AllowanceFigures> => {
  const { part, title, budget, erp, share } = scenario;
  const seconds = config.quick ? WINDOW_S.quick : WINDOW_S.full;
  const connection = documentsOf(1, budget);
  const bed = await startFeed({ name: part, connection, erp, profile: config.profile }, cleanup);
  const naiveShare = await naively(bed, scenario);
  const { limited: notOurs } = await bed.erp.counts();
  // A fifth more than can be posted: the queue never runs dry.
  await bed.release(Math.ceil(scenario.perSecond * (RAMP_S + seconds + AFTER_S) * 1.2));
  await delay(RAMP_S * 1_000);
  const window = await sample(bed, seconds);
  const used = share(window);
  say(
    `${part}: ${(used * 100).toFixed(1)} % of the allowance over ${seconds} s (naive ${(naiveShare * 100).toFixed(1)} %), ${window.at(-1)!.limited - notOurs} refused`,
  );
  await bed.erp.fail();
  await delay(OUTAGE_S * 1_000);
  await bed.erp.recover();
  const after = await sample(bed, AFTER_S);
  const back = backAfterSeconds(after, share, AIM.share);
  const asBefore = backAfterSeconds(after, share, AIM.share * used);
  const shown = (value: number | undefined): string => (value === undefined ? `more than ${AFTER_S}` : value.toFixed(1));
  say(`${part}: back after ${shown(back)} s, as before after ${shown(asBefore)} s`);
  return {
    part,
    title,
    seconds,
    share: used,
    naiveShare,
    refused: after.at(-1)!.limited - notOurs,
    outageSeconds: OUTAGE_S,
    backAfterSeconds: back ?? null,
    asBeforeAfterSeconds: asBefore ?? null,
    aim: AIM,
    memoryMb: bed.memoryMb() ?? null,
  };
};

const naively = async (bed: FeedBed, { budget, perSecond, share }: AllowanceScenario): Promise<number> => {
  const work = { entries: perSecond * (NAIVE_S + 2), linesPerDocument: 1, slots: budget.slots };
  const posting = postNaively(bed.erp, { ...work, ...(budget.perSecond !== undefined && { perSecond: budget.perSecond }) });
  await delay(1_000);
  const samples = await sample(bed, NAIVE_S);
  await posting;
  return share(samples);
};

const sample = async ({ erp }: FeedBed, seconds: number): Promise<Sample[]> => {
  const samples: Sample[] = [];
  const until = Date.now() + seconds * 1_000;
  do {
    const { requests, limited, running } = await erp.counts();
    samples.push({ atMs: Date.now(), requests, limited, running });
    await delay(SAMPLE_MS);
  } while (Date.now() <= until);
  return samples;
};
