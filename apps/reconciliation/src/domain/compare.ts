import {
  addDecimals,
  decimal,
  differenceIdOf,
  entryIdOf,
  negate,
  sameDecimal,
  toDecimalString,
  UNASSIGNED,
  type ConnectionId,
  type DecimalString,
  type Instant,
  type Leg,
  type WorkDate,
} from '@tieout/model';
import type { DestinationEvidence, SourceEvidence } from '@tieout/connector-kit';
import { BookedLines, isSideLeg, minus, type Booked, type Finding, type Off } from './booked-lines.js';
import { TieOutTotals, type Comparison, type Difference } from './tie-out.js';

/** What time-ingestion last said of an entry. */
export interface EntryStatus {
  readonly entryId: string;
  readonly state: 'released' | 'held' | 'withdrawn';
  readonly legalEntityId: string;
  readonly workDate: WorkDate | null;
  readonly workerCode: string | null;
  readonly projectCode: string | null;
  readonly hours: DecimalString | null;
  readonly amount: DecimalString | null;
  readonly currency: string | null;
  readonly routes: readonly ConnectionId[];
  readonly decidedAt: Instant;
}

/** A line that the posting ledger says was posted. */
export interface LedgerLine {
  readonly postingKey: string;
  readonly documentKey: string;
  readonly entryId: string;
  readonly workDate: WorkDate;
  readonly postingPeriod: string;
  readonly postedAt: Instant;
  readonly leg: Leg;
  /** The line of the destination that sums this one with others; null: its own. */
  readonly lineKey: string | null;
  readonly hours: DecimalString;
  readonly amount: DecimalString;
}

export interface ComparisonInput {
  readonly asOf: Instant;
  readonly destination: ConnectionId;
  readonly window: { readonly from: WorkDate; readonly to: WorkDate };
  readonly source: readonly (SourceEvidence & { readonly connection: ConnectionId })[];
  readonly booked: readonly DestinationEvidence[];
  readonly statuses: ReadonlyMap<string, EntryStatus>;
  readonly ledger: ReadonlyMap<string, LedgerLine>;
  /** Entries with a line that the destination rejected or that has no open period: held, and a case says so. */
  readonly stuckEntries: ReadonlySet<string>;
  /** Source records that could not be read, as "connection|source id": held, and a case says so. */
  readonly refusedRecords: ReadonlySet<string>;
  /** True: a line without our reference in the destination's journal is a difference. */
  readonly journalOursAlone: boolean;
  /** Changes younger than this may still be on their way. */
  readonly inFlightMs: number;
}

const NO_CURRENCY = 'XXX';

/** Compares both ends entry by entry. Hours come from the two systems themselves, never from our own books. Pure. */
export const compare = (input: ComparisonInput): Comparison => new Comparer(input).run();

class Comparer {
  readonly #totals = new TieOutTotals();
  readonly #differences = new Map<string, Difference>();
  readonly #findings = new Map<string, Finding[]>();
  readonly #lines: BookedLines;
  readonly #booked: ReadonlyMap<string, Booked>;

  constructor(private readonly input: ComparisonInput) {
    this.#lines = new BookedLines(input, (finding) => this.#differ(finding));
    this.#booked = this.#lines.byEntry;
  }

  run(): Comparison {
    const seen = new Set<string>();
    for (const evidence of this.input.source) {
      const entryId = entryIdOf(evidence.connection, evidence.sourceId);
      seen.add(entryId);
      if (evidence.approved) this.#approved(entryId, evidence);
      else this.#notApproved(entryId, evidence.updatedAt);
    }
    // Entries that the source no longer has: nothing of them may stand.
    for (const entryId of this.#booked.keys()) if (!seen.has(entryId)) this.#notApproved(entryId, undefined);
    this.#compareSideLines();
    const differences = [...this.#differences.values()];
    return { lines: this.#totals.lines(this.input.destination, differences), differences };
  }

  /** What hangs on an hour stands when the hour does, with its cost (one side owes, the other is owed), and else not at all. */
  #compareSideLines(): void {
    for (const { entryId, leg, line, amount } of this.#lines.followingLegs()) {
      const status = this.input.statuses.get(entryId);
      const expected = status?.state === 'released' ? (status.amount ?? '0') : '0';
      if (sameDecimal(absolute(amount), absolute(expected)) || this.#recent(status?.decidedAt)) continue;
      const detail = `${leg}: released ${expected} ${line.currency}, destination ${amount} ${line.currency}`;
      this.#differ({
        reason: 'AMOUNT_DIFFERS',
        entryId,
        subject: `${entryId}|${leg}`,
        detail,
        line,
        off: { hours: '0', amount: minus(absolute(amount), absolute(expected)) },
      });
    }
    for (const { entryId, postingKey, leg, hours, amount, postedAt } of this.#lines.missingSideLines())
      if (!this.#recent(postedAt))
        this.#differ({
          reason: 'MISSING_IN_DESTINATION',
          entryId,
          subject: postingKey,
          detail: `${leg}: the ledger says posted, the destination has no line`,
          hours,
          off: { hours: negate(hours), amount: negate(amount) },
        });
  }

  #approved(entryId: string, evidence: SourceEvidence & { connection: ConnectionId }): void {
    const status = this.input.statuses.get(entryId);
    const booked = this.#booked.get(entryId);
    const entity = status?.legalEntityId ?? UNASSIGNED;
    // Excluded by policy: the entry goes to other destinations only.
    if (booked === undefined && status !== undefined && entity !== UNASSIGNED && !status.routes.includes(this.input.destination))
      return;
    const amounts = (
      value: DecimalString | null | undefined,
      currency: string | null | undefined,
    ): Record<string, DecimalString> => (value && currency ? { [currency]: value } : {});
    this.#totals.add(entity, 'approved', evidence.hours, amounts(status?.amount, status?.currency));
    const bucket = this.#bucketOf(entryId, evidence, status, booked);
    if (bucket === 'posted' && booked) this.#totals.add(entity, 'posted', booked.hours, amounts(booked.amount, booked.currency));
    else if (bucket !== 'posted') this.#totals.add(entity, bucket, evidence.hours, amounts(status?.amount, status?.currency));
  }

  /** Where an approved entry stands; what disagrees is noted on the way. */
  #bucketOf(
    entryId: string,
    evidence: SourceEvidence & { connection: ConnectionId },
    status: EntryStatus | undefined,
    booked: Booked | undefined,
  ): 'posted' | 'inFlight' | 'held' {
    if (this.input.refusedRecords.has(`${evidence.connection}|${evidence.sourceId}`)) return 'held';
    const recent = this.#recent(evidence.updatedAt) || this.#recent(status?.decidedAt);
    if (status === undefined || status.state === 'withdrawn') {
      if (!recent) this.#missing(entryId, evidence, status, `approved at ${evidence.connection}, but never assessed`);
      return 'inFlight';
    }
    if (status.state === 'held') return booked === undefined || decimal(booked.hours).isZero() ? 'held' : 'inFlight';
    if (booked === undefined || booked.lines.length === 0) {
      if (this.input.stuckEntries.has(entryId)) return 'held';
      const posted = [...this.#ledgerOf(entryId)].some((line) => !this.#recent(line.postedAt));
      if (posted || !recent)
        this.#missing(
          entryId,
          evidence,
          status,
          posted ? 'the ledger says posted, the destination has no line' : 'released, but not posted',
        );
      return 'inFlight';
    }
    return this.#sameOnBothEnds(entryId, evidence, status, booked, recent) ? 'posted' : recent ? 'inFlight' : 'posted';
  }

  #sameOnBothEnds(entryId: string, evidence: SourceEvidence, status: EntryStatus, booked: Booked, recent: boolean): boolean {
    const last = booked.lines.at(-1)!;
    const hoursAgree = sameDecimal(booked.hours, evidence.hours);
    const amountAgrees = status.amount === null || sameDecimal(booked.amount, status.amount);
    const effective = booked.lines.filter((line) => !decimal(line.hours ?? line.amount).isNegative()).at(-1) ?? last;
    const dimensionsAgree = [
      [effective.workerCode, status.workerCode],
      [effective.projectCode, status.projectCode],
    ].every(([there, here]) => there === undefined || here === null || there === here);
    if (hoursAgree && amountAgrees && dimensionsAgree) return true;
    if (recent) return false;
    const about = { entryId, subject: entryId, line: last };
    if (!hoursAgree)
      this.#differ({
        ...about,
        reason: 'HOURS_DIFFER',
        detail: `source ${evidence.hours} h, destination ${booked.hours} h`,
        hours: evidence.hours,
        off: { hours: minus(booked.hours, evidence.hours), amount: '0' },
        gap: { count: 0, hours: minus(evidence.hours, booked.hours) },
      });
    if (!amountAgrees)
      this.#differ({
        ...about,
        reason: 'AMOUNT_DIFFERS',
        detail: `released ${status.amount} ${status.currency}, destination ${booked.amount} ${booked.currency}`,
        off: { hours: '0', amount: minus(booked.amount, status.amount ?? '0') },
      });
    if (!dimensionsAgree) {
      const places = [effective, status].map(({ workerCode, projectCode }) => `${workerCode}/${projectCode}`);
      this.#differ({
        ...about,
        reason: 'WRONG_DIMENSION',
        detail: `booked for ${places[0]}, released for ${places[1]}`,
        off: { hours: booked.hours, amount: booked.amount, place: places.join(' for ') },
      });
    }
    return false;
  }

  #missing(entryId: string, { hours }: SourceEvidence, status: EntryStatus | undefined, detail: string): void {
    this.#differ({
      reason: 'MISSING_IN_DESTINATION',
      entryId,
      subject: entryId,
      detail,
      hours,
      off: { hours: negate(hours), amount: negate(status?.amount ?? '0') },
      gap: { count: 1, hours },
    });
  }

  #notApproved(entryId: string, updatedAt: Instant | undefined): void {
    const booked = this.#booked.get(entryId);
    if (booked === undefined || (decimal(booked.hours).isZero() && decimal(booked.amount).isZero())) return;
    const status = this.input.statuses.get(entryId);
    if (this.#recent(updatedAt) || this.#recent(status?.decidedAt)) return;
    this.#differ({
      reason: 'UNEXPECTED_IN_DESTINATION',
      entryId,
      subject: entryId,
      detail: `${booked.hours} h stand in the destination, but the source has no approved time`,
      line: booked.lines.at(-1),
      off: { hours: booked.hours, amount: booked.amount },
    });
  }

  #recent(at: Instant | undefined): boolean {
    return at !== undefined && Date.parse(this.input.asOf) - Date.parse(at) < this.input.inFlightMs;
  }

  *#ledgerOf(entryId: string): Generator<LedgerLine> {
    this.#byEntry ??= groupByEntry(this.input.ledger);
    yield* this.#byEntry.get(entryId) ?? [];
  }
  #byEntry: Map<string, LedgerLine[]> | undefined;

  #differ(finding: Finding): void {
    const { reason, entryId, subject, detail, line, hours, gap } = finding;
    const { destination } = this.input;
    const status = entryId === null ? undefined : this.input.statuses.get(entryId);
    const differenceKey = `${destination}|${reason}|${subject}`;
    // The same may be found more than once: a line that stands three times is two too many.
    const findings = [...(this.#findings.get(differenceKey) ?? []), finding];
    this.#findings.set(differenceKey, findings);
    const legalEntityId = status?.legalEntityId ?? line?.legalEntityId ?? UNASSIGNED;
    const currency = line?.currency ?? status?.currency ?? NO_CURRENCY;
    this.#differences.set(differenceKey, {
      differenceKey,
      differenceId: differenceIdOf(differenceKey, [legalEntityId, currency, ...findings.map(({ off }) => textOf(off)).sort()]),
      reason,
      destination,
      legalEntityId,
      entryId,
      detail,
      hours: hours ?? line?.hours ?? '0',
      amount: line?.amount ?? status?.amount ?? '0',
      currency,
      variance: {
        hours: addDecimals(findings.map(({ off }) => absolute(off.hours))),
        amount: addDecimals(findings.map(({ off }) => absolute(off.amount))),
      },
      gap: gap ?? { count: 0, hours: '0' },
    });
  }
}

/** Without the sign, in canonical text. */
const absolute = (value: DecimalString): DecimalString => toDecimalString(decimal(value).abs());
const textOf = ({ hours, amount, place }: Off): string => [addDecimals([hours]), addDecimals([amount]), place ?? ''].join('|');

const groupByEntry = (ledger: ReadonlyMap<string, LedgerLine>): Map<string, LedgerLine[]> => {
  const groups = new Map<string, LedgerLine[]>();
  for (const line of ledger.values()) {
    if (isSideLeg(line.leg)) continue;
    const group = groups.get(line.entryId);
    if (group) group.push(line);
    else groups.set(line.entryId, [line]);
  }
  return groups;
};
