import { setTimeout as delay } from 'node:timers/promises';
import type { Cleanup } from '../cleanup.js';
import type { BenchConfig } from '../config.js';
import { median, perSecond } from '../figures.js';
import { UNLIMITED, type ErpSettings } from './bench-erp.js';
import { documentsOf } from './bundle.js';
import { CPU_USERS, startFeed, type Cpu, type FeedBed } from './feed-bed.js';
import { postNaively } from './naive.js';

export interface ThroughputScenario {
  readonly part: 'a' | 'b' | 'c' | 'w';
  readonly title: string;
  readonly slots: number;
  readonly linesPerDocument: number;
  readonly erp: Partial<ErpSettings>;
  readonly entries: number;
  readonly quickEntries: number;
  /** Least ratio to the naive script. */
  readonly aim?: number;
}

const SLOTS = 16;
const IN_BATCHES: Partial<ErpSettings> = { latencyMs: 20, latencyPerLineMs: 1 };

export const THROUGHPUT: readonly ThroughputScenario[] = [
  {
    part: 'a',
    title: 'single lines, ERP at 20 ms',
    slots: SLOTS,
    linesPerDocument: 1,
    erp: { latencyMs: 20 },
    entries: 6_000,
    quickEntries: 3_000,
    aim: 0.9,
  },
  {
    part: 'b',
    title: '200 lines, ERP at 20 ms + 1 ms per line',
    slots: SLOTS,
    linesPerDocument: 200,
    erp: IN_BATCHES,
    // 15 times all slots.
    entries: 48_000,
    quickEntries: 22_400,
    aim: 0.8,
  },
  {
    part: 'c',
    title: '200 lines, ERP at 0 ms',
    slots: SLOTS,
    linesPerDocument: 200,
    erp: {},
    entries: 40_000,
    quickEntries: 20_000,
  },
];

/** The batches of (b), all frozen before the first may be sent. */
export const OPENING: ThroughputScenario = {
  part: 'w',
  title: 'the same, frozen before a window opens',
  slots: SLOTS,
  linesPerDocument: 200,
  erp: IN_BATCHES,
  entries: 48_000,
  quickEntries: 22_400,
  aim: 0.8,
};

/** Entries per second. */
export interface ThroughputRound {
  readonly naive: number;
  readonly ours: number;
  readonly ratio: number;
  readonly documents: number;
  /** Processor time that ours used for a thousand entries until all was read back, ms; null: the system does not tell. */
  readonly cpu: Readonly<Record<keyof Cpu, number | null>>;
}

export interface ThroughputFigures {
  readonly part: string;
  readonly title: string;
  readonly slots: number;
  readonly entries: number;
  readonly rounds: readonly ThroughputRound[];
  readonly median: ThroughputRound;
  readonly aim: number | null;
  /** Of our own making: the ERP has no limit here but the slots. */
  readonly mostAtOnce: number;
  readonly memoryMb: number | null;
}

const LIMIT_MS = 180_000;
const LOOK_MS = 400;

/** The feed against the naive script, in turns, on the same ERP. Counted until the ledger says posted; read-back goes on meanwhile. */
export const benchThroughput = async (
  scenario: ThroughputScenario,
  config: BenchConfig,
  cleanup: Cleanup,
  say: (text: string) => void,
): Promise<ThroughputFigures> => {
  const { part, slots, linesPerDocument } = scenario;
  const entries = config.quick ? scenario.quickEntries : scenario.entries;
  const connection = documentsOf(linesPerDocument, { slots });
  const bed = await startFeed({ name: part, connection, erp: scenario.erp, profile: config.profile }, cleanup);
  let released = 0;
  const round = async (count: number): Promise<ThroughputRound> => {
    const seconds = await postNaively(bed.erp, { entries: count, linesPerDocument, slots });
    const before = bed.cpu();
    const ours = await post(bed, count);
    released += count;
    return {
      naive: count / seconds,
      ours: count / ours.seconds,
      ratio: seconds / ours.seconds,
      documents: ours.documents,
      cpu: perThousand(before, bed.cpu(), count),
    };
  };
  // Not counted: code warms up, files and connections are made.
  await round(Math.ceil(entries / 4));
  const rounds: ThroughputRound[] = [];
  for (let n = 1; n <= config.rounds; n++) {
    const one = await round(entries);
    rounds.push(one);
    say(`${part}, round ${n}: naive ${perSecond(one.naive)}, ours ${perSecond(one.ours)}, ratio ${one.ratio.toFixed(2)}`);
  }
  const { mostAtOnce } = await bed.erp.counts();
  await checkBooks(bed, released);
  return figuresOf(scenario, entries, rounds, { mostAtOnce, memoryMb: bed.memoryMb() ?? null });
};

export const figuresOf = (
  { part, title, slots, aim }: ThroughputScenario,
  entries: number,
  rounds: readonly ThroughputRound[],
  peaks: Pick<ThroughputFigures, 'mostAtOnce' | 'memoryMb'>,
): ThroughputFigures => {
  const of = (name: Exclude<keyof ThroughputRound, 'cpu'>): number => median(rounds.map((one) => one[name]));
  const cpuOf = (user: keyof Cpu): number | null => {
    const known = rounds.flatMap(({ cpu }) => cpu[user] ?? []);
    return known.length === 0 ? null : median(known);
  };
  return {
    part,
    title,
    slots,
    entries,
    rounds,
    median: {
      naive: of('naive'),
      ours: of('ours'),
      ratio: of('ratio'),
      documents: of('documents'),
      cpu: forEach(cpuOf),
    },
    aim: aim ?? null,
    ...peaks,
  };
};

const forEach = <T>(value: (user: keyof Cpu) => T): Record<keyof Cpu, T> =>
  Object.fromEntries(CPU_USERS.map((user) => [user, value(user)])) as Record<keyof Cpu, T>;

export const perThousand = (before: Cpu, after: Cpu, entries: number): ThroughputRound['cpu'] =>
  forEach((user) => {
    const [from, to] = [before[user], after[user]];
    return from === undefined || to === undefined ? null : ((to - from) / entries) * 1_000;
  });

/** From the moment when all releases stand on the stream until the ledger has the last line as posted; then waits for rest. */
const post = async (bed: FeedBed, count: number): ReturnType<typeof untilReadBack> => {
  return untilReadBack(bed, await bed.release(count), count);
};

/** `began`: ms since 1970, from where the seconds count. */
export const untilReadBack = async (
  bed: FeedBed,
  began: number,
  count: number,
): Promise<{ seconds: number; documents: number }> => {
  const deadline = Date.now() + LIMIT_MS;
  let posted = await bed.postedSince(began);
  while (posted.lines < count) {
    if (Date.now() > deadline) throw new Error(`${posted.lines} of ${count} lines posted after ${LIMIT_MS / 1_000} s`);
    await delay(LOOK_MS);
    posted = await bed.postedSince(began);
  }
  while ((await bed.unconfirmed()) > 0) {
    if (Date.now() > deadline) throw new Error(`not all documents were read back after ${LIMIT_MS / 1_000} s`);
    await delay(LOOK_MS);
  }
  return { seconds: (posted.lastMs - began) / 1_000, documents: posted.documents };
};

/** A fast figure for lost or doubled lines would be worth nothing. */
export const checkBooks = async ({ erp }: FeedBed, expected: number): Promise<void> => {
  await erp.set(UNLIMITED);
  const ours = (await erp.lines()).filter(({ lineRef }) => !lineRef.startsWith('naive '));
  const different = new Set(ours.map(({ lineRef }) => lineRef)).size;
  if (ours.length !== expected || different !== expected)
    throw new Error(`expected ${expected} lines of ours in the ERP, found ${ours.length}, of which ${different} differ`);
};
