import type { DestinationEvidence } from '@tieout/connector-kit';
import { addDecimals, negate, sameDecimal, type DecimalString, type Leg, type ReasonCode, type WorkDate } from '@tieout/model';
import type { ComparisonInput, LedgerLine } from './compare.js';

/** Legs that do not carry the source's hours: they are compared with the ledger, line by line. All others are the hour itself. */
const SIDE_LEGS: ReadonlySet<Leg> = new Set<Leg>(['intercompany-due-from', 'intercompany-due-to', 'time-accrual']);
/** Of the side legs, those that belong to an hour: what stands of them follows the hour. An accrual may be of time that nobody recorded. */
const FOLLOWING_LEGS: ReadonlySet<Leg> = new Set<Leg>(['intercompany-due-from', 'intercompany-due-to']);

export const isSideLeg = (leg: Leg): boolean => SIDE_LEGS.has(leg) || leg.startsWith('carried-over:');

/** What stands in the destination for one entry, in the leg that carries its hours. */
export interface Booked {
  readonly lines: DestinationEvidence[];
  hours: DecimalString;
  amount: DecimalString;
  currency: string;
}

/** What is left of an entry's side leg once its reversals are taken off. */
export interface FollowingLeg {
  readonly entryId: string;
  readonly leg: Leg;
  readonly line: DestinationEvidence;
  readonly amount: DecimalString;
}

/** By how much the destination is off what it should be, with the sign; `place`: what is booked where, if that is what is wrong. */
export interface Off {
  readonly hours: DecimalString;
  readonly amount: DecimalString;
  readonly place?: string;
}

export interface Finding {
  readonly reason: ReasonCode;
  readonly entryId: string | null;
  readonly subject: string;
  readonly detail: string;
  readonly line?: DestinationEvidence | undefined;
  /** Hours that it is about, where they are not the line's. */
  readonly hours?: DecimalString;
  readonly off: Off;
  /** What it takes away from "approved = posted + held". */
  readonly gap?: { readonly count: number; readonly hours: DecimalString };
}

export type Report = (finding: Finding) => void;

/** The destination's lines, each found in our ledger or reported, and sorted by what they are. */
export class BookedLines {
  readonly byEntry = new Map<string, Booked>();
  readonly #following = new Map<string, FollowingLeg>();
  readonly #seen = new Set<string>();
  /** Of which as many stand as the ledger knows. */
  readonly #complete = new Set<string>();
  /** Per line of the destination, what the ledger knows of it: a surplus line that is being reversed stands under its twin's key. */
  readonly #left: Map<string, LedgerLine[][]>;

  constructor(
    private readonly input: Pick<ComparisonInput, 'booked' | 'ledger' | 'journalOursAlone' | 'window'>,
    private readonly report: Report,
  ) {
    const byLine = Map.groupBy(input.ledger.values(), (known) => known.lineKey ?? known.postingKey);
    this.#left = new Map(
      [...byLine].map(([key, known]) => [key, [...Map.groupBy(known, ({ documentKey }) => documentKey).values()]]),
    );
    for (const line of input.booked) {
      const found = line.reference === undefined ? undefined : this.#membersOf(line.reference, line);
      if (found === undefined) {
        if (line.reference !== undefined || input.journalOursAlone) this.#stranger(line);
        continue;
      }
      const inside = found.members.filter(({ workDate }) => this.#isInWindow(workDate));
      if (inside.length === 0) continue;
      if (found.surplus) this.#twice(found.members[0]!, line);
      this.#known(line, found.members, inside);
    }
  }

  /** Each document of the ledger accounts for one such line; whatever stands beyond them stands twice. */
  #membersOf(reference: string, line: DestinationEvidence): { members: readonly LedgerLine[]; surplus: boolean } | undefined {
    const groups = this.#left.get(reference);
    if (groups === undefined) return undefined;
    const index = Math.max(
      groups.findIndex(([first]) => first!.postingPeriod === line.postingPeriod),
      0,
    );
    const members = groups[index]!;
    if (groups.length > 1) groups.splice(index, 1);
    const surplus = this.#complete.has(reference);
    this.#seen.add(reference);
    if (groups[0] === members) this.#complete.add(reference);
    return { members, surplus };
  }

  #twice(first: LedgerLine, line: DestinationEvidence): void {
    const [entryId, subject] = [isSumOf(first) ? null : first.entryId, line.reference!];
    const detail = `line ${subject} stands once more than the ledger knows (${line.externalId})`;
    this.report({ reason: 'DUPLICATE_IN_DESTINATION', entryId, subject, detail, line, off: allOf(line) });
  }

  /** Side lines that the ledger says were posted and that do not stand there. */
  *missingSideLines(): Generator<LedgerLine> {
    for (const line of this.input.ledger.values())
      if (isSideLeg(line.leg) && this.#isInWindow(line.workDate) && !this.#seen.has(line.lineKey ?? line.postingKey)) yield line;
  }

  followingLegs(): IterableIterator<FollowingLeg> {
    return this.#following.values();
  }

  #isInWindow(workDate: WorkDate): boolean {
    return this.input.window.from <= workDate && workDate <= this.input.window.to;
  }

  #stranger(line: DestinationEvidence): void {
    const detail =
      line.reference !== undefined
        ? `line ${line.reference} (${line.externalId}) carries our key but is not in the ledger`
        : `line ${line.externalId} carries no key of ours`;
    this.report({
      reason: 'UNEXPECTED_IN_DESTINATION',
      entryId: null,
      subject: line.reference ?? line.externalId,
      detail,
      line,
      off: { ...allOf(line), place: line.postingPeriod },
    });
  }

  #known(line: DestinationEvidence, members: readonly LedgerLine[], inside: readonly LedgerLine[]): void {
    const [first] = members as [LedgerLine];
    const isSum = isSumOf(first);
    const [entryId, subject] = [isSum ? null : first.entryId, line.reference!];
    if (line.postingPeriod !== first.postingPeriod)
      this.report({
        reason: 'WRONG_PERIOD',
        entryId,
        subject,
        detail: `booked in ${line.postingPeriod}, the ledger says ${first.postingPeriod}`,
        line,
        off: { ...allOf(line), place: `${line.postingPeriod} for ${first.postingPeriod}` },
      });
    // An hour of its own is compared with the source; a sum and a side line can only be compared with the ledger.
    if (isSum || isSideLeg(first.leg)) this.#asInLedger(line, members, entryId);
    for (const member of inside) this.#add(member, isSum ? shareOf(line, member) : line);
  }

  #asInLedger(line: DestinationEvidence, members: readonly LedgerLine[], entryId: string | null): void {
    const [hours, amount] = [addDecimals(members.map((one) => one.hours)), addDecimals(members.map((one) => one.amount))];
    const about = { entryId, subject: line.reference!, line };
    if (line.hours !== undefined && !sameDecimal(line.hours, hours))
      this.report({
        ...about,
        reason: 'HOURS_DIFFER',
        detail: `booked ${line.hours} h, the ledger says ${hours} h`,
        hours,
        off: { hours: minus(line.hours, hours), amount: '0' },
      });
    if (!sameDecimal(line.amount, amount))
      this.report({
        ...about,
        reason: 'AMOUNT_DIFFERS',
        detail: `booked ${line.amount}, the ledger says ${amount}`,
        off: { hours: '0', amount: minus(line.amount, amount) },
      });
  }

  #add({ entryId, leg }: LedgerLine, line: DestinationEvidence): void {
    if (FOLLOWING_LEGS.has(leg)) {
      const key = `${entryId}|${leg}`;
      const amount = addDecimals([this.#following.get(key)?.amount ?? '0', line.amount]);
      this.#following.set(key, { entryId, leg, line, amount });
    }
    if (isSideLeg(leg)) return;
    const found = this.byEntry.get(entryId) ?? { lines: [], hours: '0', amount: '0', currency: line.currency };
    found.lines.push(line);
    found.hours = addDecimals([found.hours, line.hours ?? '0']);
    found.amount = addDecimals([found.amount, line.amount]);
    this.byEntry.set(entryId, found);
  }
}

/** Canonical text. */
export const minus = (a: DecimalString, b: DecimalString): DecimalString => addDecimals([a, negate(b)]);
const allOf = (line: DestinationEvidence): Off => ({ hours: line.hours ?? '0', amount: line.amount });

const isSumOf = ({ lineKey }: LedgerLine): boolean => lineKey !== null;

/** One posting's part of a summed line. Whose hour it is, a sum does not say. */
const shareOf = (line: DestinationEvidence, { hours, amount }: LedgerLine): DestinationEvidence => ({
  ...line,
  hours,
  amount,
  workerCode: undefined,
  projectCode: undefined,
});
