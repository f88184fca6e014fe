import type { DestinationEvidence } from '@tieout/connector-kit';
import { addDecimals, sameDecimal, type DecimalString, type Leg, type ReasonCode, type WorkDate } from '@tieout/model';
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

export type Report = (
  reason: ReasonCode,
  entryId: string | null,
  subject: string,
  detail: string,
  line: DestinationEvidence | undefined,
  hours?: DecimalString,
) => void;

/** The destination's lines, each found in our ledger or reported, and sorted by what they are. */
export class BookedLines {
  readonly byEntry = new Map<string, Booked>();
  readonly #following = new Map<string, FollowingLeg>();
  readonly #seen = new Map<string, number>();

  constructor(
    private readonly input: Pick<ComparisonInput, 'booked' | 'ledger' | 'journalOursAlone' | 'window'>,
    private readonly report: Report,
  ) {
    const byLine = Map.groupBy(input.ledger.values(), (known) => known.lineKey ?? known.postingKey);
    for (const line of input.booked) {
      const members = line.reference === undefined ? undefined : byLine.get(line.reference);
      if (members === undefined) {
        if (line.reference !== undefined || input.journalOursAlone) this.#stranger(line);
        continue;
      }
      const inside = members.filter(({ workDate }) => this.#isInWindow(workDate));
      if (inside.length > 0) this.#known(line, members, inside);
    }
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
    this.report('UNEXPECTED_IN_DESTINATION', null, line.reference ?? line.externalId, detail, line);
  }

  #known(line: DestinationEvidence, members: readonly LedgerLine[], inside: readonly LedgerLine[]): void {
    const [first] = members as [LedgerLine];
    const isSum = first.lineKey !== null;
    const [entryId, subject] = [isSum ? null : first.entryId, line.reference!];
    const times = (this.#seen.get(subject) ?? 0) + 1;
    this.#seen.set(subject, times);
    if (times > 1)
      this.report(
        'DUPLICATE_IN_DESTINATION',
        entryId,
        subject,
        `line ${subject} stands ${times} times (${line.externalId})`,
        line,
      );
    if (line.postingPeriod !== first.postingPeriod)
      this.report(
        'WRONG_PERIOD',
        entryId,
        subject,
        `booked in ${line.postingPeriod}, the ledger says ${first.postingPeriod}`,
        line,
      );
    // An hour of its own is compared with the source; a sum and a side line can only be compared with the ledger.
    if (isSum || isSideLeg(first.leg)) this.#asInLedger(line, members, entryId);
    for (const member of inside) this.#add(member, isSum ? shareOf(line, member) : line);
  }

  #asInLedger(line: DestinationEvidence, members: readonly LedgerLine[], entryId: string | null): void {
    const [hours, amount] = [addDecimals(members.map((one) => one.hours)), addDecimals(members.map((one) => one.amount))];
    if (line.hours !== undefined && !sameDecimal(line.hours, hours))
      this.report('HOURS_DIFFER', entryId, line.reference!, `booked ${line.hours} h, the ledger says ${hours} h`, line, hours);
    if (!sameDecimal(line.amount, amount))
      this.report('AMOUNT_DIFFERS', entryId, line.reference!, `booked ${line.amount}, the ledger says ${amount}`, line);
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

/** One posting's part of a summed line. Whose hour it is, a sum does not say. */
const shareOf = (line: DestinationEvidence, { hours, amount }: LedgerLine): DestinationEvidence => ({
  ...line,
  hours,
  amount,
  workerCode: undefined,
  projectCode: undefined,
});
