import { setTimeout as delay } from 'node:timers/promises';
import type { Cleanup } from '../cleanup.js';
import type { BenchConfig } from '../config.js';
import { perSecond } from '../figures.js';
import { documentsOf } from './bundle.js';
import { startFeed, type FeedBed } from './feed-bed.js';
import { postNaively } from './naive.js';
import {
  checkBooks,
  figuresOf,
  perThousand,
  untilReadBack,
  type ThroughputFigures,
  type ThroughputRound,
  type ThroughputScenario,
} from './throughput.js';

/** A change window ends on a full minute. */
const MINUTE_MS = 60_000;
/** Start, take, plan and freeze: as measured, with room. */
const PREPARING_MS = 20_000;
const PREPARED_PER_SECOND = 1_500;
const LOOK_MS = 100;

/**
 * A change window of the ERP ends while everything is frozen: what sending alone makes of the slots. Every round has a feed of its own,
 * since a window is in its bundle. Counted from the end of the window until the ledger says posted.
 */
export const benchOpening = async (
  scenario: ThroughputScenario,
  config: BenchConfig,
  cleanup: Cleanup,
  say: (text: string) => void,
): Promise<ThroughputFigures> => {
  const entries = config.quick ? scenario.quickEntries : scenario.entries;
  const rounds: ThroughputRound[] = [];
  const peaks = { mostAtOnce: 0, memoryMb: null as number | null };
  for (let n = 1; n <= config.rounds; n++) {
    const { round, bed } = await openOnce(scenario, entries, config, cleanup);
    rounds.push(round);
    peaks.mostAtOnce = Math.max(peaks.mostAtOnce, (await bed.erp.counts()).mostAtOnce);
    peaks.memoryMb = Math.max(peaks.memoryMb ?? 0, bed.memoryMb() ?? 0) || null;
    await checkBooks(bed, entries);
    await cleanup.run();
    say(
      `${scenario.part}, round ${n}: naive ${perSecond(round.naive)}, ours ${perSecond(round.ours)}, ratio ${round.ratio.toFixed(2)}`,
    );
  }
  return figuresOf(scenario, entries, rounds, peaks);
};

const openOnce = async (
  { part, slots, linesPerDocument, erp }: ThroughputScenario,
  count: number,
  { profile }: BenchConfig,
  cleanup: Cleanup,
): Promise<{ round: ThroughputRound; bed: FeedBed }> => {
  const opensMs = Math.ceil((Date.now() + PREPARING_MS + (count / PREPARED_PER_SECOND) * 1_000) / MINUTE_MS) * MINUTE_MS;
  const connection = documentsOf(linesPerDocument, { slots });
  const bed = await startFeed({ name: part, connection, erp, profile, closedUntilMs: opensMs }, cleanup);
  const naive = await postNaively(bed.erp, { entries: count, linesPerDocument, slots });
  await bed.release(count);
  // What does not fill a document waits until the queue is shorter.
  while ((await bed.frozenLines()) <= count - 2 * linesPerDocument) {
    if (Date.now() > opensMs) throw new Error(`the window ended before all ${count} lines were frozen`);
    await delay(LOOK_MS);
  }
  await delay(opensMs - Date.now());
  const before = bed.cpu();
  const posted = await untilReadBack(bed, opensMs, count);
  return {
    bed,
    round: {
      naive: count / naive,
      ours: count / posted.seconds,
      ratio: naive / posted.seconds,
      documents: posted.documents,
      cpu: perThousand(before, bed.cpu(), count),
    },
  };
};
