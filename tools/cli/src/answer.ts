import Table from 'cli-table3';
import { EXIT, type ExitCode } from './exit-codes.js';

/** What a command found: for people and, with --json, for programs. */
export interface Answer {
  readonly json: unknown;
  readonly text: string;
  readonly exitCode: ExitCode;
}

export const answer = (json: unknown, text: string, exitCode: ExitCode = EXIT.ok): Answer => ({ json, text, exitCode });

type Cell = string | number | boolean | null | undefined;
const shown = (cell: Cell): string => (cell === null || cell === undefined ? '' : String(cell));

// Columns by blanks alone: fine for eyes, grep and awk.
const PLAIN = {
  chars: Object.fromEntries(
    ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'].map((part) => [part, '']), // prettier-ignore
  ),
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
};

/** @param none what to say when there is no row */
export const table = (head: readonly string[], rows: readonly (readonly Cell[])[], none = 'none'): string => {
  if (rows.length === 0) return none;
  const drawn = new Table({ ...PLAIN, chars: { ...PLAIN.chars, middle: '' }, head: head.map((name) => name.toUpperCase()) });
  for (const row of rows) drawn.push(row.map(shown));
  return trimmed(drawn.toString());
};

/** Name and value below each other; what has no value is left out. */
export const facts = (pairs: readonly (readonly [string, Cell])[]): string => {
  const given = pairs.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const width = Math.max(0, ...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${name.padEnd(width)}  ${shown(value)}`).join('\n');
};

export const section = (title: string, body: string): string => `${title}\n${indented(body)}`;

export const paragraphs = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join('\n\n');

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
const trimmed = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');

/** "12 lines", "1 line" */
export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** Amounts by currency: "1200.00 EUR, 80.00 GBP" */
export const amounts = (byCurrency: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(byCurrency ?? {})
    .map(([currency, amount]) => `${amount} ${currency}`)
    .join(', ');
