import { addDecimals, entryIdOf, postingKeyOf, sameDecimal, type PostingKind } from '@tieout/model';
import { expectedCounts, type DemoEntry, type DemoFirm } from '../demo-firm.js';
import { readErpLines, type ErpLineRow } from './erp-lines.js';
import { readMadeProjects, type HandoffSystems } from './made-projects.js';

export interface DemoFirmQuestion {
  readonly firm: DemoFirm;
  readonly erpUrl: string;
  /** A key that may read is enough. */
  readonly erpKey: string;
  /** Absent: the firm ran without a CRM, and nothing is handed over. */
  readonly psa?: { readonly url: string; readonly key: string };
  /** Open items of all open cases, by reason code. An entry held for two reasons is an item of each. */
  readonly openCasesByReason: Readonly<Record<string, number>>;
}

export interface DemoFirmCheck {
  readonly name: string;
  readonly expected: number | string;
  readonly found: number | string;
  readonly ok: boolean;
  /** Where it differs: the first few, for a person to look at. */
  readonly examples: readonly string[];
}

/** The connection of the demo bundle that the firm's time is booked to. */
const DESTINATION = 'erp';
/** Of an hour of the demo firm exactly one of them stands. */
const LEGS = ['labour-cost', 'contractor-accrual'] as const;
/** An entry of the demo firm is released once or twice; a line of a later release would show as unexplained. */
const MAX_RELEASES = 20;
const EXAMPLES = 5;
const MUST_NOT_STAND = ['held', 'not-approved', 'withdrawn'] as const;

interface Booked {
  readonly kind: PostingKind;
  readonly quantity: string;
}
interface Books {
  /** By entry, as `connection key`. */
  readonly byEntry: ReadonlyMap<string, readonly Booked[]>;
  readonly duplicates: readonly string[];
  readonly strangers: readonly string[];
}

const nameOf = ({ connection, key }: DemoEntry): string => `${connection} ${key}`;

/** What each line reference stands for, release by release until all are known: nearly all are of the first. */
const resolve = (
  firm: DemoFirm,
  lines: readonly ErpLineRow[],
): Map<string, { readonly entry: string; readonly kind: PostingKind }> => {
  const ids = firm.entries.map((entry) => [nameOf(entry), entryIdOf(entry.connection, entry.key)] as const);
  const unknown = new Set(lines.map(({ lineRef }) => lineRef));
  const known = new Map<string, { entry: string; kind: PostingKind }>();
  for (let release = 1; release <= MAX_RELEASES && unknown.size > 0; release += 1)
    for (const [entry, id] of ids)
      for (const leg of LEGS)
        for (const kind of ['post', 'reversal'] as const) {
          const key = postingKeyOf(DESTINATION, id, release, leg, kind);
          if (unknown.delete(key)) known.set(key, { entry, kind });
        }
  return known;
};

const openBooks = (firm: DemoFirm, lines: readonly ErpLineRow[]): Books => {
  const keys = resolve(firm, lines);
  const byEntry = new Map<string, Booked[]>();
  const seen = new Set<string>();
  const repeated: { readonly line: string; readonly entry: string | undefined }[] = [];
  const strangers: string[] = [];
  for (const { lineRef, journalNo, quantity } of lines) {
    const key = keys.get(lineRef);
    if (key === undefined) strangers.push(`journal ${journalNo} line ${lineRef}`);
    if (seen.has(lineRef)) repeated.push({ line: `journal ${journalNo} line ${lineRef}`, entry: key?.entry });
    seen.add(lineRef);
    if (key === undefined) continue;
    const booked = byEntry.get(key.entry);
    if (booked) booked.push({ kind: key.kind, quantity });
    else byEntry.set(key.entry, [{ kind: key.kind, quantity }]);
  }
  // A line that stands twice and was reversed once is right again.
  const duplicates = repeated
    .filter(({ entry }) => entry === undefined || standing(byEntry.get(entry)).lines > 1)
    .map(({ line, entry }) => (entry === undefined ? line : `${line} of ${entry}`));
  return { byEntry, duplicates, strangers };
};

/** Hours and effective lines that are left of an entry once its reversals are taken off. */
const standing = (booked: readonly Booked[] = []): { readonly hours: string; readonly lines: number } => ({
  hours: addDecimals(booked.map(({ quantity }) => quantity)),
  lines: booked.reduce((sum, line) => sum + weightOf(line), 0),
});

/** By its sign: a reversal that stood twice was taken out by a reversal too, which puts a line back. */
const weightOf = ({ kind, quantity }: Booked): number => Math.sign(Number(quantity)) || (kind === 'post' ? 1 : -1);

const check = (name: string, expected: number | string, found: number | string, examples: readonly string[]): DemoFirmCheck => ({
  name,
  expected,
  found,
  ok: typeof expected === 'string' && typeof found === 'string' ? sameDecimal(expected, found) : expected === found,
  examples: examples.slice(0, EXAMPLES),
});

const none = (name: string, found: readonly string[]): DemoFirmCheck => check(name, 0, found.length, found);

const entryChecks = (firm: DemoFirm, { byEntry }: Books): DemoFirmCheck[] => {
  const released = firm.entries.filter(({ outcome }) => outcome === 'released');
  const wrong = released.flatMap((entry) => {
    const { hours, lines } = standing(byEntry.get(nameOf(entry)));
    return lines === 1 && sameDecimal(hours, entry.hours)
      ? []
      : [`${nameOf(entry)}: ${lines} effective line(s), ${hours} hours; expected 1 and ${entry.hours}`];
  });
  return [
    check('released entries that stand exactly once with their hours', released.length, released.length - wrong.length, wrong),
    ...MUST_NOT_STAND.map((outcome) =>
      none(
        `entries that stand though ${outcome}`,
        firm.entries.flatMap((entry) => {
          if (entry.outcome !== outcome) return [];
          const { hours, lines } = standing(byEntry.get(nameOf(entry)));
          return lines === 0 && sameDecimal(hours, '0') ? [] : [`${nameOf(entry)}: ${lines} effective line(s), ${hours} hours`];
        }),
      ),
    ),
  ];
};

const grouped = <T>(rows: readonly T[], keyOf: (row: T) => string, hoursOf: (row: T) => string): Map<string, string> => {
  const groups = new Map<string, string[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(hoursOf(row));
    else groups.set(keyOf(row), [hoursOf(row)]);
  }
  return new Map([...groups].map(([key, hours]) => [key, addDecimals(hours)]));
};

/** By what the lines themselves say of worker and project, whatever key they carry. */
const hourChecks = (firm: DemoFirm, lines: readonly ErpLineRow[]): DemoFirmCheck[] => {
  const released = firm.entries.filter(({ outcome }) => outcome === 'released');
  const expected = grouped(
    released,
    (entry) => `${entry.worker} on ${entry.project}`,
    (entry) => entry.hours,
  );
  const found = grouped(
    lines,
    (line) => `${line.employee} on ${line.project}`,
    (line) => line.quantity,
  );
  const differing = [...new Set([...expected.keys(), ...found.keys()])].flatMap((pair) => {
    const [want = '0', have = '0'] = [expected.get(pair), found.get(pair)];
    return sameDecimal(want, have) ? [] : [`${pair}: ${have} hours, expected ${want}`];
  });
  return [
    check('hours in the ERP', addDecimals(expected.values()), addDecimals(found.values()), []),
    none(`workers on projects whose hours differ, of ${expected.size}`, differing),
  ];
};

const reasonChecks = (firm: DemoFirm, open: Readonly<Record<string, number>>, withCrm: boolean): DemoFirmCheck[] => {
  const expected: Readonly<Record<string, number>> = {
    ...expectedCounts(firm).reasons,
    MALFORMED_RECORD: firm.refused.length,
    MASTER_DATA_DRIFT: firm.drifts.length,
    ...(withCrm && { HANDOFF_INCOMPLETE: firm.handoffs.incomplete.length }),
  };
  return [...new Set([...Object.keys(expected), ...Object.keys(open)])]
    .sort()
    .map((reason) => check(`open case items: ${reason}`, expected[reason] ?? 0, open[reason] ?? 0, []));
};

/** Every project of a won deal stands once in the PSA and once in the ERP, and no other was made. */
const handoffChecks = async (firm: DemoFirm, systems: HandoffSystems): Promise<DemoFirmCheck[]> => {
  const made = await readMadeProjects(systems);
  const expected = firm.handoffs.projects.map(({ code }) => code).sort();
  return Object.entries(made).flatMap(([system, codes]) => {
    const right = expected.filter((code) => codes.filter((other) => other === code).length === 1);
    const wrong = codes.filter((code) => !right.includes(code));
    return [
      check(`won deals that stand exactly once as a project in the ${system}`, expected.length, right.length, codes),
      none(`projects in the ${system} that stand twice or come from no won deal`, wrong),
    ];
  });
};

/**
 * What came of the demo firm against what must come of it, from the ERP's own list of lines and the open cases. Reads the ERP without
 * any of Tieout's connectors: a fault in them cannot hide itself. Counts and hours in texts compare as decimals.
 */
export const verifyDemoFirm = async (question: DemoFirmQuestion): Promise<DemoFirmCheck[]> => {
  const { firm, erpUrl, erpKey, psa, openCasesByReason } = question;
  const lines = await readErpLines(erpUrl, erpKey);
  const books = openBooks(firm, lines);
  return [
    ...entryChecks(firm, books),
    none('duplicate lines', books.duplicates),
    none('lines that no entry explains', books.strangers),
    ...hourChecks(firm, lines),
    ...(psa ? await handoffChecks(firm, { psa, erp: { url: erpUrl, key: erpKey } }) : []),
    ...reasonChecks(firm, openCasesByReason, psa !== undefined),
  ];
};
