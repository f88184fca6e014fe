import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';
import { WINDOW_LINES } from './policy.js';
import type { Measures } from './measure.js';
import type { Verdict } from './verify.js';

export interface FaultResult extends Verdict {
  readonly id: string;
  readonly what: string;
  readonly ok: boolean;
  readonly timed: boolean;
  /** Created while the run lasted, beside the demo firm's, and how often they were corrected. */
  readonly entries: number;
  readonly corrections: number;
  /** Lines that stood twice, were found by reconciliation and taken out again: only where the ERP offers no more than a look-up. */
  readonly reversed: number;
  /** Absent: the run did not get so far. */
  readonly measures: Measures | undefined;
  readonly tookSeconds: number;
}

/** One file per fault, so that a run that was cut short goes on where it stopped. */
export class Results {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }
  read(id: string): FaultResult | undefined {
    const file = this.#file(id);
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as FaultResult) : undefined;
  }
  write(result: FaultResult): void {
    writeFileSync(this.#file(result.id), `${JSON.stringify(result, undefined, 2)}\n`);
  }
  #file(id: string): string {
    return join(this.folder, `${id}.json`);
  }
}

const shown = (value: number | undefined): string => (value === undefined ? '-' : String(value));

/** What a fault cost on top of a run without one: both count from the end of the load, or of the fault if that came later. */
const extra = (result: FaultResult, calm: FaultResult | undefined): string => {
  const [own, usual] = [result.measures?.drainSeconds, calm?.measures?.drainSeconds];
  if (!result.timed || own === undefined || usual === undefined) return '-';
  return Math.max(0, own - usual).toFixed(1);
};

export const resultsTable = (results: readonly FaultResult[], calm: FaultResult | undefined): string => {
  const table = new Table({
    head: [
      'fault',
      'entries',
      'corrected',
      'lost',
      'twice',
      'found and reversed',
      `re-sent (window ${WINDOW_LINES})`,
      'first new post, s',
      'extra, s',
      'checks',
    ],
    style: { head: [], border: [] },
  });
  for (const result of results) {
    const { id, entries, corrections, lost, duplicated, reversed, measures, checks } = result;
    table.push([
      id,
      entries,
      corrections,
      lost,
      duplicated,
      reversed,
      shown(measures?.resentLines),
      shown(measures?.firstNewPostSeconds),
      extra(result, calm),
      result.ok ? `${checks.length} ok` : `${checks.filter(({ ok }) => !ok).length} of ${checks.length} failed`,
    ]);
  }
  return table.toString();
};

/** What went wrong, for a person to look at. */
export const failureText = ({ id, what, checks }: FaultResult): string =>
  [
    `${id} (${what}):`,
    ...checks
      .filter(({ ok }) => !ok)
      .flatMap(({ name, expected, found, examples }) => [
        `  ${name}: expected ${expected}, found ${found}`,
        ...examples.map((example) => `    ${example}`),
      ]),
  ].join('\n');
