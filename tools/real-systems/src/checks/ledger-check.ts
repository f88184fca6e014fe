import { costCents, decimalOf } from '../scenario/amounts.js';
import { monthOf } from '../scenario/dates.js';
import type { PlannedEntry } from '../scenario/scenario.js';
import type { Journal, JournalLine } from '../vendors/tryton-journal.js';
import type { Checklist } from './checklist.js';

/** A line that the ERP owes an entry. Reversals are negative. */
export interface OwedLine {
  readonly worker: string;
  readonly project: string;
  readonly date: string;
  readonly hours: bigint;
  readonly amount: bigint;
}

export const owedLine = (entry: Pick<PlannedEntry, 'person' | 'project' | 'date' | 'hundredths'>): OwedLine => ({
  worker: entry.person.code,
  project: entry.project.code,
  date: entry.date,
  hours: BigInt(entry.hundredths),
  amount: costCents(entry.person, entry.date, entry.hundredths),
});

export const reversed = (line: OwedLine): OwedLine => ({ ...line, hours: -line.hours, amount: -line.amount });

/** Which entry and which sign; what is wrong about a line shows when this agrees and the amount does not. */
const identity = (line: OwedLine): string => [line.worker, line.project, line.date, decimalOf(line.hours)].join(' ');

const countBy = <T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
};

interface Comparison {
  readonly missing: string[];
  readonly duplicate: string[];
  readonly wrong: string[];
}

export const compareLines = (expected: readonly OwedLine[], found: readonly JournalLine[]): Comparison => {
  const owed = countBy(expected, identity);
  const booked = countBy(found, identity);
  const missing: string[] = [];
  const duplicate: string[] = [];
  const wrong: string[] = [];
  for (const [key, lines] of owed) for (let i = booked.get(key)?.length ?? 0; i < lines.length; i += 1) missing.push(key);
  for (const [key, lines] of booked) {
    const wanted = owed.get(key) ?? [];
    if (wanted.length === 0) wrong.push(...lines.map(() => `${key}: nothing like it is owed`));
    else for (let i = wanted.length; i < lines.length; i += 1) duplicate.push(key);
    for (const line of wanted.length === 0 ? [] : lines) {
      if (line.amount !== wanted[0]!.amount)
        wrong.push(`${key}: amount ${decimalOf(line.amount)}, owed ${decimalOf(wanted[0]!.amount)}`);
      if (line.period !== monthOf(line.date)) wrong.push(`${key}: in period ${line.period}`);
    }
  }
  const keys = countBy(found, (line) => line.postingKey);
  for (const [key, lines] of keys) if (lines.length > 1) duplicate.push(`posting key ${key} on ${lines.length} lines`);
  return { missing, duplicate, wrong };
};

const totals = (lines: readonly OwedLine[], key: (line: OwedLine) => string): string[] =>
  [...countBy(lines, key)]
    .map(([name, group]) => {
      const hours = group.reduce((sum, line) => sum + line.hours, 0n);
      const amount = group.reduce((sum, line) => sum + line.amount, 0n);
      return `${name}: ${decimalOf(hours)} h, ${decimalOf(amount)} EUR`;
    })
    .sort();

const differing = (expected: string[], found: string[]): string => {
  const odd = [
    ...expected.filter((line) => !found.includes(line)).map((line) => `expected ${line}`),
    ...found.filter((line) => !expected.includes(line)).map((line) => `found ${line}`),
  ];
  return odd.length === 0 ? '' : odd.slice(0, 4).join('; ');
};

/** Line by line, and in sums per person and project. */
export const checkLedger = (list: Checklist, phase: string, expected: readonly OwedLine[], journal: Journal): void => {
  const { missing, duplicate, wrong } = compareLines(expected, journal.lines);
  list.same(`${phase}: lines in Tryton`, expected.length, journal.lines.length);
  for (const [name, lines] of Object.entries({ missing, duplicate, wrong }))
    list.check(
      `${phase}: 0 ${name} lines`,
      lines.length === 0,
      `${lines.length}${lines.length > 0 ? `: ${lines.slice(0, 3).join('; ')}` : ''}`,
    );
  const sums: [string, (line: OwedLine) => string][] = [
    ['person and project', (line) => `${line.worker} ${line.project}`],
    ['person', (line) => line.worker],
    ['project', (line) => line.project],
  ];
  for (const [name, key] of sums) {
    const owed = totals(expected, key);
    const booked = totals(journal.lines, key);
    list.check(
      `${phase}: hours and amounts equal per ${name}`,
      owed.join('\n') === booked.join('\n'),
      `${owed.length} groups${differing(owed, booked)}`,
    );
  }
  const all = (lines: readonly OwedLine[]): string => totals(lines, () => 'all')[0] ?? 'nothing';
  list.same(`${phase}: total`, all(expected), all(journal.lines));
  list.check(
    `${phase}: the ledger balances and no draft is left`,
    journal.balance === 0n && journal.drafts === 0,
    `balance ${decimalOf(journal.balance)}, ${journal.drafts} drafts`,
  );
};
