import { addDecimals, sameDecimal, LEGS } from '@tieout/model';
import type { BookedLine } from './books.js';
import type { LedgerLine, LedgerTarget } from './ledger.js';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: number | string;
  readonly expected: number | string;
  /** The first few that are wrong. */
  readonly examples: readonly string[];
}

const EXAMPLES = 5;
const STANDS = new Set(['posted', 'confirmed']);
const UNDER_WAY = new Set(['pending', 'sending', 'posted', 'unknown']);

export const none = (name: string, wrong: readonly string[]): Check => ({
  name,
  ok: wrong.length === 0,
  expected: 0,
  found: wrong.length,
  examples: wrong.slice(0, EXAMPLES),
});

export const failedCheck = (name: string, error: unknown): Check => ({
  name,
  ok: false,
  expected: 'no error',
  found: error instanceof Error ? error.message : String(error),
  examples: [],
});

const repeated = (texts: readonly string[]): string[] => [
  ...[...Map.groupBy(texts, (text) => text)].filter(([, all]) => all.length > 1).map(([text]) => text),
];

/** Document keys under which the ERP holds more than one journal. */
export const bookedTwice = (books: readonly BookedLine[]): string[] => {
  // An ERP that offers nothing keeps no reference either.
  const journals = Map.groupBy(
    books.filter(({ reference }) => reference !== ''),
    ({ reference }) => reference,
  );
  return [...journals].filter(([, lines]) => new Set(lines.map((line) => line.journalNo)).size > 1).map(([key]) => key);
};

/** The books without lines of which the ledger knows that they stand twice, and has reversed one; the reversals are lines like any other. */
export const surplusLines = (books: readonly BookedLine[], { lines }: Ledger): BookedLine[] => {
  const twins = lines.filter(({ postingKey, standsAs }) => standsAs !== postingKey);
  const reversed = new Set(lines.filter(({ state }) => STANDS.has(state)).map(({ reverses }) => reverses));
  const left = new Map<string, number>();
  for (const twin of twins) if (reversed.has(twin.postingKey)) left.set(twin.standsAs, (left.get(twin.standsAs) ?? 0) + 1);
  return books.filter(({ lineRef }) => {
    const more = left.get(lineRef) ?? 0;
    if (more > 0) left.set(lineRef, more - 1);
    return more === 0;
  });
};

interface Ledger {
  readonly lines: readonly LedgerLine[];
  readonly targets: readonly LedgerTarget[];
}

/** Those of the entries of which nothing at all stands. */
export const notStanding = (entryIds: readonly string[], books: readonly BookedLine[], { lines }: Ledger): string[] => {
  const entryOf = new Map(lines.map(({ postingKey, entryId }) => [postingKey, entryId]));
  const standing = new Set(books.map(({ lineRef }) => entryOf.get(lineRef)));
  return entryIds.filter((id) => !standing.has(id));
};

/** The ERP's books against the ledger of erp-posting: line by line, and per entry against the latest release. */
export const compareBooks = (books: readonly BookedLine[], ledger: Ledger): Check[] => {
  const booked = new Set(books.map(({ lineRef }) => lineRef));
  const beyond = surplusLines(books, ledger);
  const known = new Map(ledger.lines.map((line) => [line.postingKey, line]));
  const amounts = Map.groupBy(books, ({ lineRef }) => `${known.get(lineRef)?.entryId} ${known.get(lineRef)?.leg}`);
  const stands = (entryId: string, leg: string): string =>
    addDecimals((amounts.get(`${entryId} ${leg}`) ?? []).map(({ value }) => value));
  const differing = ledger.targets.flatMap(({ entryId, wanted, releaseNo }) =>
    LEGS.flatMap((leg) => {
      const want = addDecimals(wanted.filter((line) => line.leg === leg).map(({ content }) => content.amount));
      const have = stands(entryId, leg);
      return sameDecimal(have, want) ? [] : [`entry ${entryId}, ${leg}: ${have} stands, release ${releaseNo} says ${want}`];
    }),
  );
  return [
    none('posting keys that stand twice, without a reversal', repeated(beyond.map(({ lineRef }) => lineRef))),
    none('documents that stand twice, without a reversal', bookedTwice(beyond)),
    none(
      'lines that the ledger calls posted and the ERP does not have',
      ledger.lines
        .filter(({ state, standsAs }) => STANDS.has(state) && !booked.has(standsAs))
        .map(({ postingKey }) => postingKey),
    ),
    none(
      'lines that the ERP has and the ledger does not call posted',
      [...booked]
        .filter((key) => !STANDS.has(known.get(key)?.state ?? ''))
        .map((key) => `${key} (${known.get(key)?.state ?? 'not known'})`),
    ),
    none(`entries whose amount is not that of their latest release, of ${ledger.targets.length}`, differing),
    none(
      'lines still under way',
      ledger.lines.filter(({ state }) => UNDER_WAY.has(state)).map(({ postingKey, state }) => `${postingKey} ${state}`),
    ),
  ];
};
