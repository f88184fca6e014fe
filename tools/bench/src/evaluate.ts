import { masterData, subjects } from './evaluate/firm-data.js';
import { openEvaluation, type Evaluation, type Subject } from './evaluate/time-ingestion.js';
import { median, perSecond } from './figures.js';

export interface EvaluateFigures {
  readonly entries: number;
  readonly masterObjects: number;
  readonly tasks: number;
  /** Of all entries of a round: what kept the rules busy. */
  readonly held: number;
  /** Entries per second of processor time, per round: what one core does that has nothing else to do. */
  readonly rounds: readonly number[];
  readonly perCoreSecond: number;
  /** The same on one view of all master data, most of which no cache of the processor holds. */
  readonly onWholeFirmPerCoreSecond: number;
  readonly aim: number;
}

const ENTRIES = 200_000;
/** As assess-entries takes them. */
const BATCH = 500;
const AIM = 100_000;

/** The assessment alone, on master data in memory: no database, no messages. */
export const benchEvaluate = async (
  config: { readonly rounds: number; readonly quick: boolean },
  say: (text: string) => void,
): Promise<EvaluateFigures> => {
  const nowMs = Date.now();
  const objects = masterData(nowMs);
  const evaluation = await openEvaluation(objects);
  const entries = subjects(config.quick ? ENTRIES / 4 : ENTRIES, nowMs);
  const batches = Array.from({ length: Math.ceil(entries.length / BATCH) }, (_, n) => entries.slice(n * BATCH, (n + 1) * BATCH));
  const now = new Date(nowMs).toISOString();
  const viewOf = (batch: readonly Subject[]) => evaluation.viewOf(batch);
  const wholeView = () => evaluation.wholeView;
  // Not counted: the code gets warm.
  round(evaluation, batches, now, viewOf);
  const rounds = Array.from({ length: config.rounds }, () => round(evaluation, batches, now, viewOf));
  const whole = Array.from({ length: config.rounds }, () => round(evaluation, batches, now, wholeView));
  const rate = (of: readonly { cpuSeconds: number }[]) => median(of.map(({ cpuSeconds }) => entries.length / cpuSeconds));
  const perCoreSecond = rate(rounds);
  say(`evaluate: ${entries.length} entries, ${perSecond(perCoreSecond)} per core`);
  return {
    entries: entries.length,
    masterObjects: objects.length,
    tasks: objects.filter(({ kind }) => kind === 'task').length,
    held: rounds[0]!.held,
    rounds: rounds.map(({ cpuSeconds }) => entries.length / cpuSeconds),
    perCoreSecond,
    onWholeFirmPerCoreSecond: rate(whole),
    aim: AIM,
  };
};

const round = (
  evaluation: Evaluation,
  batches: readonly (readonly Subject[])[],
  now: string,
  viewOf: (batch: readonly Subject[]) => Evaluation['wholeView'],
) => {
  let held = 0;
  let cpuMicros = 0;
  for (const batch of batches) {
    // Reading master data is the database's work, and no part of this.
    const view = viewOf(batch);
    const before = process.cpuUsage();
    const run = evaluation.newRun(now);
    for (const entry of batch) if (evaluation.assess(run, entry, view.fresh()).kind !== 'released') held++;
    const { user, system } = process.cpuUsage(before);
    cpuMicros += user + system;
  }
  return { held, cpuSeconds: cpuMicros / 1e6 };
};
