import { masterData, subjects } from './evaluate/firm-data.js';
import { openEvaluation, type Evaluation, type Subject } from './evaluate/time-ingestion.js';
import { median, perSecond } from './figures.js';

export interface EvaluateFigures {
  readonly entries: number;
  readonly masterObjects: number;
  readonly tasks: number;
  /** Of all entries of a round: what kept the rules busy. */
  readonly held: number;
  /** Entries per second of processor time, per round: what one core does when it has nothing else to do. */
  readonly rounds: readonly number[];
  readonly perCoreSecond: number;
  /** By the clock on the wall, which others on this machine slow down. */
  readonly perSecond: number;
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
  // Not counted: the code gets warm.
  round(evaluation, entries, nowMs);
  const rounds = Array.from({ length: config.rounds }, () => round(evaluation, entries, nowMs));
  const perCoreSecond = median(rounds.map(({ cpuSeconds }) => entries.length / cpuSeconds));
  say(`evaluate: ${entries.length} entries, ${perSecond(perCoreSecond)} per core`);
  return {
    entries: entries.length,
    masterObjects: objects.length,
    tasks: objects.filter(({ kind }) => kind === 'task').length,
    held: rounds[0]!.held,
    rounds: rounds.map(({ cpuSeconds }) => entries.length / cpuSeconds),
    perCoreSecond,
    perSecond: median(rounds.map(({ seconds }) => entries.length / seconds)),
    aim: AIM,
  };
};

const round = (evaluation: Evaluation, entries: readonly Subject[], nowMs: number) => {
  let held = 0;
  const now = new Date(nowMs).toISOString();
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (let from = 0; from < entries.length; from += BATCH) {
    const run = evaluation.newRun(now);
    for (let at = from; at < Math.min(from + BATCH, entries.length); at++)
      if (evaluation.assess(run, entries[at]!, evaluation.view.fresh()).kind !== 'released') held++;
  }
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { held, seconds, cpuSeconds: (user + system) / 1e6 };
};
