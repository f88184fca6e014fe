import { createHash } from 'node:crypto';
import { addDecimals, isDecimalString, sameDecimal } from '@tieout/model';
import { parse } from 'csv-parse/sync';

/** One line of a file, cells by column name. */
export interface FileRow {
  /** As an editor counts: the heading is row 1. */
  readonly row: number;
  readonly cells: Readonly<Record<string, string>>;
  /** Set when the line is no proper CSV, or has too many or too few columns. */
  readonly broken?: string;
}

export interface FileRefusal {
  readonly why: string;
  readonly expected: unknown;
  readonly found: unknown;
}

export const REQUIRED_COLUMNS = ['entryNo', 'revision', 'status', 'worker', 'project', 'date', 'hours'] as const;

interface Control {
  readonly sha256: string;
  readonly rows: number;
  readonly hours: string;
}

/** Checks a file against its control file and splits it into rows. Any mismatch refuses the whole file. */
export const openTimesheetFile = (content: Buffer, controlText: string): { readonly rows: readonly FileRow[] } | FileRefusal => {
  const control = readControl(controlText);
  if (!control)
    return {
      why: 'the control file is unreadable',
      expected: '{"sha256": "64 hex digits", "rows": number, "hours": "decimal"}',
      found: controlText.slice(0, 200),
    };
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (sha256 !== control.sha256.toLowerCase()) return mismatch('sha256', control.sha256, sha256);
  const text = decode(content);
  if (text === undefined) return { why: 'the file is not UTF-8', expected: 'UTF-8', found: 'other bytes' };
  const read = split(text);
  if ('why' in read) return read;
  const { rows } = read;
  if (rows.length !== control.rows) return mismatch('the number of rows', control.rows, rows.length);
  const hours = addDecimals(rows.map((row) => row.cells['hours'] ?? '').filter(isDecimalString));
  if (!sameDecimal(hours, control.hours)) return mismatch('the sum of the hours', control.hours, hours);
  return { rows };
};

const mismatch = (what: string, expected: unknown, found: unknown): FileRefusal => ({
  why: `${what} differs: the control file says ${String(expected)}, the file has ${String(found)}; the whole file is refused`,
  expected,
  found,
});

const readControl = (text: string): Control | undefined => {
  try {
    const { sha256, rows, hours } = JSON.parse(text) as Partial<Record<keyof Control, unknown>>;
    const total = typeof hours === 'number' ? String(hours) : hours;
    if (typeof sha256 !== 'string' || typeof rows !== 'number' || !isDecimalString(total)) return undefined;
    return { sha256, rows, hours: total };
  } catch {
    return undefined;
  }
};

const decode = (content: Buffer): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
};

const split = (text: string): { rows: FileRow[] } | FileRefusal => {
  const broken: FileRow[] = [];
  const parsed = parse(text, {
    bom: true,
    trim: true,
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      broken.push({ row: Number(error?.lines ?? 0), cells: {}, broken: error?.message ?? 'not CSV' });
      return undefined;
    },
  }) as unknown as { record: string[]; info: { lines: number } }[];
  const [heading, ...lines] = parsed;
  const columns = heading?.record ?? [];
  const missing = REQUIRED_COLUMNS.filter((name) => !columns.includes(name));
  if (missing.length > 0)
    return { why: `row 1: column ${missing.join(', ')} missing`, expected: REQUIRED_COLUMNS, found: columns };
  const rows = lines.map(({ record, info }): FileRow => {
    const cells = Object.fromEntries(columns.map((name, i) => [name, record[i] ?? '']));
    return {
      row: info.lines,
      cells,
      ...(record.length !== columns.length && { broken: `${record.length} columns, expected ${columns.length}` }),
    };
  });
  return { rows: [...rows, ...broken].sort((a, b) => a.row - b.row) };
};
