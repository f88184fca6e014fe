import type { Failure } from './invariants.js';
import { PLANTED_BUGS } from './planted/index.js';
import { scriptOf } from './script-of.js';
import { simulate } from './simulate.js';

/** Some seeds in a row, or the search for one planted bug. */
export type Job =
  | { readonly kind: 'seeds'; readonly from: number; readonly count: number }
  | { readonly kind: 'planted'; readonly bug: string; readonly from: number; readonly count: number };

export interface FailedSeed {
  readonly seed: number;
  readonly failures: readonly Failure[];
}

export interface JobResult {
  readonly job: Job;
  readonly seeds: number;
  readonly failed: readonly FailedSeed[];
  /** Sum of the trace hashes modulo 2^64: the same seeds give the same sum in any order. */
  readonly hashSum: bigint;
  readonly beyondUs: number;
  readonly virtualMs: number;
}

/** Runs a job. A search for a bug ends with the first seed that finds it. */
export const runJob = async (job: Job): Promise<JobResult> => {
  const bug = job.kind === 'planted' ? PLANTED_BUGS.find(({ name }) => name === job.bug) : undefined;
  const failed: FailedSeed[] = [];
  let [hashSum, beyondUs, virtualMs, seeds] = [0n, 0, 0, 0];
  for (let seed = job.from; seed < job.from + job.count; seed++) {
    const verdict = await simulate(scriptOf(seed), { bug });
    seeds += 1;
    hashSum = (hashSum + BigInt(`0x${verdict.traceHash}`)) & 0xffff_ffff_ffff_ffffn;
    beyondUs += verdict.beyondUs;
    virtualMs += verdict.virtualMs;
    if (verdict.failures.length > 0) failed.push({ seed, failures: verdict.failures });
    if (bug !== undefined && failed.length > 0) break;
    // A seed keeps everybody else waiting, signals too.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { job, seeds, failed, hashSum, beyondUs, virtualMs };
};
