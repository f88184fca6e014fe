import { Fault, isCalendarDate, isDecimalString } from '@tieout/model';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { guarded, unguarded } from './cells.js';

/** First cell of the header; the number is the format's. */
const FORMAT = 'TIEOUT-PAY-RUN-1';

export interface FileTotals {
  readonly count: number;
  readonly hours: string;
  readonly hashTotal: string;
}
export interface FileLine {
  readonly postingKey: string;
  readonly worker: string;
  readonly payCode: string;
  readonly hours: string;
  readonly workDate: string;
  readonly project: string;
  readonly task: string;
  readonly costCentre: string;
  readonly amount: string;
  readonly kind: string;
  readonly leg: string;
  readonly entryId: string;
  readonly releaseNo: string;
  readonly reverses: string;
}
export interface PayRunFile {
  readonly documentKey: string;
  readonly legalEntity: string;
  readonly payGroup: string;
  readonly payPeriod: string;
  readonly postingDate: string;
  readonly currency: string;
  readonly totals: FileTotals;
  readonly lines: readonly FileLine[];
}

const HEADER = ['documentKey', 'legalEntity', 'payGroup', 'payPeriod', 'postingDate', 'currency'] as const;
/** Cells of a line after `D` and its number. */
const CELLS = [
  ...['postingKey', 'worker', 'payCode', 'hours', 'workDate', 'project', 'task', 'costCentre', 'amount'],
  ...['kind', 'leg', 'entryId', 'releaseNo', 'reverses'],
] as readonly (keyof FileLine)[];
const NUMBERS: ReadonlySet<keyof FileLine> = new Set(['hours', 'amount']);

/** The same file for the same content, byte by byte: no clock, no order of its own. */
export const composeFile = (file: PayRunFile): string => {
  const totals = [String(file.totals.count), file.totals.hours, file.totals.hashTotal];
  return stringify(
    [
      ['H', FORMAT, ...HEADER.map((name) => guarded(file[name])), ...totals],
      ...file.lines.map((line, index) => [
        'D',
        String(index + 1),
        ...CELLS.map((name) => (NUMBERS.has(name) ? line[name] : guarded(line[name]))),
      ]),
      ['T', ...totals],
    ],
    { record_delimiter: 'windows' },
  );
};

/** @throws Fault ContractBroken naming file, row and expectation: somebody changed the file. */
export const readFileBack = (name: string, text: string): PayRunFile => {
  const broken = (row: number, expected: string): Fault =>
    new Fault('ContractBroken', `${name}, row ${row}: expected ${expected}`);
  let rows: string[][];
  try {
    rows = parse(text, { relax_column_count: true });
  } catch (cause) {
    throw new Fault('ContractBroken', `${name}: not CSV`, { cause });
  }
  const [header = [], ...rest] = rows;
  const trailer = rest.pop() ?? [];
  if (header[0] !== 'H' || header[1] !== FORMAT || header.length !== HEADER.length + 5) throw broken(1, `H,${FORMAT},...`);
  if (trailer[0] !== 'T' || trailer.length !== 4) throw broken(rows.length, 'the trailer T,count,hours,hashTotal');
  const lines = rest.map((cells, index) => {
    if (cells[0] !== 'D' || cells.length !== CELLS.length + 2) throw broken(index + 2, `D and ${CELLS.length + 1} more cells`);
    const line = lineOf(cells.slice(2));
    if (line === undefined) throw broken(index + 2, 'hours, amount and work date');
    return line;
  });
  const head = Object.fromEntries(HEADER.map((field, at) => [field, unguarded(header[at + 2]!)]));
  const [, count = '', hours = '', hashTotal = ''] = trailer;
  if (Number(count) !== lines.length) throw broken(rows.length, `${lines.length} as count`);
  return {
    ...(head as unknown as Omit<PayRunFile, 'totals' | 'lines'>),
    totals: { count: lines.length, hours, hashTotal },
    lines,
  };
};

const lineOf = (cells: readonly string[]): FileLine | undefined => {
  const line = Object.fromEntries(
    CELLS.map((name, at) => [name, NUMBERS.has(name) ? cells[at]! : unguarded(cells[at]!)]),
  ) as unknown as FileLine;
  return isDecimalString(line.hours) && isDecimalString(line.amount) && isCalendarDate(line.workDate) ? line : undefined;
};
