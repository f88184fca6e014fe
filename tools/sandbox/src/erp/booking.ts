import type { Panel } from '../kit/panel.js';
import { VendorError } from '../kit/system.js';
import type { ErpState } from './erp-state.js';
import type { ErpJournal, ErpLine, LineProblem, NewJournal } from './erp-words.js';

/** What may be booked of a journal, and what is left out. */
export interface Screened {
  readonly lines: readonly ErpLine[];
  readonly refused: readonly LineProblem[];
}

/** @throws VendorError 422 for what cannot be booked: by document, or by line where the ERP does not take parts. */
export const screen = (state: ErpState, panel: Panel, journal: NewJournal, mayTakePart: boolean): Screened => {
  const { partialAcceptance, namesBadLines, refusedCodes } = panel.settings;
  state.masters.checkHead(journal);
  const refused = state.masters.lineProblems(journal.lines, refusedCodes);
  if (refused.length === 0) return { lines: journal.lines, refused };
  if (!partialAcceptance || !mayTakePart)
    throw new VendorError(422, 'LINES_INVALID', `${refused.length} line error(s)`, namesBadLines ? { lines: refused } : {});
  const bad = new Set(refused.map((problem) => problem.lineRef));
  return { lines: journal.lines.filter((line) => !bad.has(line.lineRef)), refused };
};

const isNegative = (value: string): boolean => value.startsWith('-');

/** Negative corrections end at zero, and nobody says so. */
const cutNegatives = (lines: readonly ErpLine[]): readonly ErpLine[] =>
  lines.map((line) =>
    isNegative(line.quantity) || isNegative(line.value)
      ? { ...line, quantity: isNegative(line.quantity) ? '0' : line.quantity, value: isNegative(line.value) ? '0' : line.value }
      : line,
  );

/** Books what was screened. With protocol `none` the ERP keeps no reference. */
export const book = (
  state: ErpState,
  panel: Panel,
  journal: NewJournal,
  { lines, refused }: Screened,
  use: { readonly key?: string | undefined; readonly ticket?: string | undefined } = {},
): ErpJournal => {
  const kept = panel.settings.protocol === 'none' ? { ...journal, reference: '' } : journal;
  const booked = panel.take('cut-negatives') ? cutNegatives(lines) : lines;
  const journalNo = state.book(kept, { ...use, lines: booked, ...(refused.length > 0 && { refused }) });
  if (panel.take('duplicate-accept')) state.book(kept, { lines: booked });
  return journalNo;
};

export const headOf = ({ lines, ...journal }: ErpJournal): Record<string, unknown> => ({ ...journal, lineCount: lines.length });

/** One result per problem, as the ERP names what it left out. */
export const resultsOf = (refused: readonly LineProblem[], code = 'LINE_INVALID'): Record<string, unknown>[] =>
  refused.map((problem) => ({ ...problem, status: 'refused', code }));

/** 201 for the whole, 207 for a part, 200 for nothing at all. */
export const bookedAnswer = (
  journal: ErpJournal,
  refused: readonly LineProblem[] = [],
): { readonly status: number; readonly body: Record<string, unknown> } =>
  refused.length === 0
    ? { status: 201, body: headOf(journal) }
    : { status: 207, body: { ...headOf(journal), results: resultsOf(refused) } };

/** Every line refused, with status 200. */
export const allRefused = (refused: readonly LineProblem[], code?: string): Record<string, unknown> => ({
  status: 'failed',
  results: resultsOf(refused, code),
});

/** Not the lines' fault, and gone later: nothing was booked. */
export const allLocked = (journal: NewJournal): Record<string, unknown> =>
  allRefused(
    journal.lines.map(({ lineRef }) => ({ lineRef, field: '', message: 'the ledger is locked by another user' })),
    'LOCKED',
  );
