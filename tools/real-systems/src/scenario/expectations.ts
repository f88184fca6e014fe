import { owedLine, reversed, type OwedLine } from '../checks/ledger-check.js';
import type { OwedTieOut, Share } from '../checks/tie-out-check.js';
import type { RecordedEntry } from '../vendors/redmine-firm.js';

const shareOf = (entries: readonly { readonly hundredths: number }[]): Share => ({
  count: entries.length,
  hours: entries.reduce((sum, entry) => sum + BigInt(entry.hundredths), 0n),
});

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

const isHeld = (entry: RecordedEntry): boolean => entry.situation === 'ended-project' || entry.situation === 'closed-period';

/** Entries, not lines: what is corrected counts once, with what it has become. */
export const tieOutAfterFirstSync = (recorded: readonly RecordedEntry[]): OwedTieOut => {
  const posted = recorded.filter((entry) => entry.situation === 'plain');
  const held = recorded.filter((entry) => isHeld(entry) || entry.situation === 'unknown-person');
  return { approved: shareOf([...posted, ...held]), posted: shareOf(posted), held: shareOf(held) };
};

export const tieOutAfterCorrections = (recorded: readonly RecordedEntry[], corrections: Corrections): OwedTieOut => {
  const gone = new Set([...corrections.deleted, ...corrections.unapproved]);
  const hours = new Map(corrections.edited.map(({ entry, hundredths }) => [entry, hundredths]));
  const posted = recorded
    .filter((entry) => (entry.situation === 'plain' || entry.situation === 'unknown-person') && !gone.has(entry))
    .map((entry) => ({ hundredths: hours.get(entry) ?? entry.hundredths }));
  const held = recorded.filter(isHeld);
  return { approved: shareOf([...posted, ...held]), posted: shareOf(posted), held: shareOf(held) };
};
