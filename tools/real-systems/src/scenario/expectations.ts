import { owedLine, reversed, type OwedLine } from '../checks/ledger-check.js';
import type { RecordedEntry } from '../vendors/redmine-firm.js';

/** What is done to approved time after the first sync. */
export interface Corrections {
  readonly edited: readonly { readonly entry: RecordedEntry; readonly hundredths: number }[];
  readonly deleted: readonly RecordedEntry[];
  readonly unapproved: readonly RecordedEntry[];
}

const EDITED = 10;
const DELETED = 3;
const UNAPPROVED = 2;

export const planCorrections = (recorded: readonly RecordedEntry[]): Corrections => {
  const plain = recorded.filter((entry) => entry.situation === 'plain');
  // Every 20th: different people, projects and days, and documents of the first sync.
  const chosen = Array.from({ length: EDITED + DELETED + UNAPPROVED }, (_, i) => plain[i * 20 + 3]!);
  return {
    // Hours that no entry of the plan has: 0.10 and up, or 4.60 and up.
    edited: chosen.slice(0, EDITED).map((entry, i) => ({ entry, hundredths: (i % 2 === 0 ? 10 : 460) + i })),
    deleted: chosen.slice(EDITED, EDITED + DELETED),
    unapproved: chosen.slice(EDITED + DELETED),
  };
};

export const linesAfterFirstSync = (recorded: readonly RecordedEntry[]): OwedLine[] =>
  recorded.filter((entry) => entry.situation === 'plain').map(owedLine);

/** What was booked stays; a correction is a reversal and, where there is something left, a new line. */
export const linesAfterCorrections = (recorded: readonly RecordedEntry[], corrections: Corrections): OwedLine[] => {
  const gone = [...corrections.edited.map(({ entry }) => entry), ...corrections.deleted, ...corrections.unapproved];
  return [
    ...linesAfterFirstSync(recorded),
    ...gone.map((entry) => reversed(owedLine(entry))),
    ...corrections.edited.map(({ entry, hundredths }) => owedLine({ ...entry, hundredths })),
    ...recorded.filter((entry) => entry.situation === 'unknown-person').map(owedLine),
  ];
};
