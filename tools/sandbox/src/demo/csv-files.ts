import { createHash } from 'node:crypto';
import { addDecimals, isDecimalString } from '@tieout/model';
import { stringify } from 'csv-stringify/sync';
import type { DemoEntry } from './entries.js';
import { mondayOf } from './days.js';

export interface DemoFile {
  /** Without extension. */
  readonly name: string;
  readonly csv: string;
  readonly control: { readonly sha256: string; readonly rows: number; readonly hours: string };
}

const COLUMNS = [
  'entryNo',
  'revision',
  'status',
  'worker',
  'project',
  'task',
  'activity',
  'date',
  'hours',
  'billable',
  'approvedBy',
  'approvedAt',
] as const;
type Row = Partial<Record<(typeof COLUMNS)[number], string>>;

const rowOf = (entry: DemoEntry): Row => ({
  entryNo: entry.key,
  revision: String(entry.revision),
  status: entry.status,
  worker: entry.worker,
  project: entry.project,
  ...(entry.task !== undefined && { task: entry.task }),
  activity: entry.activity,
  date: entry.date,
  hours: entry.hours,
  billable: String(entry.billable),
  ...(entry.approvedBy !== undefined && { approvedBy: entry.approvedBy }),
  ...(entry.approvedAt !== undefined && { approvedAt: entry.approvedAt }),
});

const fileOf = (name: string, rows: readonly Row[], wrongHours?: string): DemoFile => {
  const csv = stringify([...rows], { header: true, columns: [...COLUMNS] });
  const hours = addDecimals(rows.map((row) => row.hours ?? '').filter(isDecimalString));
  return {
    name,
    csv,
    control: { sha256: createHash('sha256').update(csv).digest('hex'), rows: rows.length, hours: wrongHours ?? hours },
  };
};

export interface CsvFolder {
  readonly files: readonly DemoFile[];
  /** What the folder finally says of each entry: corrections and withdrawals applied. */
  readonly entries: readonly DemoEntry[];
  /** Keys of the records that must be refused. */
  readonly refused: readonly string[];
}

/** Two entries corrected, one withdrawn: in a later file, as the hand-over asks. */
const corrected = (entries: readonly DemoEntry[]): { later: DemoEntry[]; final: DemoEntry[] } => {
  const released = entries.filter((entry) => entry.outcome === 'released');
  const later = released
    .slice(0, 3)
    .map((entry, n): DemoEntry =>
      n < 2
        ? { ...entry, revision: 2, hours: '3.75' }
        : { ...entry, revision: 2, status: 'withdrawn', outcome: 'withdrawn', approvedBy: undefined, approvedAt: undefined },
    );
  const byKey = new Map(later.map((entry) => [entry.key, entry]));
  return { later, final: entries.map((entry) => byKey.get(entry.key) ?? entry) };
};

/** Contractors' timesheets: one file per legal entity and week, some bad rows, one bad file, one file of corrections. */
export const csvFolder = (entries: readonly DemoEntry[], today: string): CsvFolder => {
  const groups = new Map<string, Row[]>();
  for (const entry of entries) {
    const name = `contractors-${entry.legalEntityId}-${mondayOf(entry.date)}`;
    groups.set(name, [...(groups.get(name) ?? []), rowOf(entry)]);
  }
  const refused: string[] = [];
  const [[first, rows] = []] = groups;
  if (first === undefined || !rows?.[0]) throw new RangeError('the demo firm has no contractors with files');
  const sample = rows[0];
  rows.push(
    { ...sample, entryNo: 'CT-BAD-1', hours: '7h30' },
    { ...sample, entryNo: 'CT-BAD-2', date: '2026/11/31' },
    { ...sample, entryNo: '' },
  );
  // The heading is row 1.
  refused.push('CT-BAD-1', 'CT-BAD-2', `${first}.csv:${rows.length + 1}`);

  const broken = `contractors-US01-${today}-late`;
  refused.push(`${broken}.csv`);
  const { later, final } = corrected(entries);
  const files = [
    ...[...groups].map(([name, list]) => fileOf(name, list)),
    fileOf(
      broken,
      [1, 2, 3, 4].map((n) => ({ ...sample, entryNo: `CT-LATE-${n}`, hours: '4' })),
      '12',
    ),
    fileOf(`contractors-corrections-${today}`, later.map(rowOf)),
  ];
  return { files, entries: final, refused };
};
