import {
  decimal,
  entryIdOf,
  sameDecimal,
  UNASSIGNED,
  type ConnectionId,
  type DecimalString,
  type Instant,
  type Leg,
  type ReasonCode,
  type WorkDate,
} from '@tieout/model';
import type { DestinationEvidence, SourceEvidence } from '@tieout/connector-kit';
import { BookedLines, isSideLeg, type Booked } from './booked-lines.js';
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
  readonly #lines: BookedLines;
  readonly #booked: ReadonlyMap<string, Booked>;

  constructor(private readonly input: ComparisonInput) {
    this.#lines = new BookedLines(input, (...difference) => this.#differ(...difference));
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
      if (decimal(amount).abs().equals(decimal(expected).abs()) || this.#recent(status?.decidedAt)) continue;
      const detail = `${leg}: released ${expected} ${line.currency}, destination ${amount} ${line.currency}`;
      this.#differ('AMOUNT_DIFFERS', entryId, `${entryId}|${leg}`, detail, line);
    }
    for (const { entryId, postingKey, leg, hours, postedAt } of this.#lines.missingSideLines())
      if (!this.#recent(postedAt))
        this.#differ(
          'MISSING_IN_DESTINATION',
          entryId,
          postingKey,
          `${leg}: the ledger says posted, the destination has no line`,
          undefined,
          hours,
        );
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
      if (!recent)
        this.#differ(
          'MISSING_IN_DESTINATION',
          entryId,
          entryId,
          `approved at ${evidence.connection}, but never assessed`,
          undefined,
          evidence.hours,
        );
      return 'inFlight';
    }
    if (status.state === 'held') return booked === undefined || decimal(booked.hours).isZero() ? 'held' : 'inFlight';
    if (booked === undefined || booked.lines.length === 0) {
      if (this.input.stuckEntries.has(entryId)) return 'held';
      const posted = [...this.#ledgerOf(entryId)].some((line) => !this.#recent(line.postedAt));
      if (posted || !recent)
        this.#differ(
          'MISSING_IN_DESTINATION',
          entryId,
          entryId,
          posted ? 'the ledger says posted, the destination has no line' : 'released, but not posted',
          undefined,
          evidence.hours,
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
    if (!hoursAgree)
      this.#differ(
        'HOURS_DIFFER',
        entryId,
        entryId,
        `source ${evidence.hours} h, destination ${booked.hours} h`,
        last,
        evidence.hours,
      );
    if (!amountAgrees)
      this.#differ(
        'AMOUNT_DIFFERS',
        entryId,
        entryId,
        `released ${status.amount} ${status.currency}, destination ${booked.amount} ${booked.currency}`,
        last,
      );
    if (!dimensionsAgree)
      this.#differ(
        'WRONG_DIMENSION',
        entryId,
        entryId,
        `booked for ${effective.workerCode}/${effective.projectCode}, released for ${status.workerCode}/${status.projectCode}`,
        last,
      );
    return false;
  }

  #notApproved(entryId: string, updatedAt: Instant | undefined): void {
    const booked = this.#booked.get(entryId);
    if (booked === undefined || (decimal(booked.hours).isZero() && decimal(booked.amount).isZero())) return;
    const status = this.input.statuses.get(entryId);
    if (this.#recent(updatedAt) || this.#recent(status?.decidedAt)) return;
    this.#differ(
      'UNEXPECTED_IN_DESTINATION',
      entryId,
      entryId,
      `${booked.hours} h stand in the destination, but the source has no approved time`,
      booked.lines.at(-1),
    );
  }

  #recent(at: Instant | undefined): boolean {
    return at !== undefined && Date.parse(this.input.asOf) - Date.parse(at) < this.input.inFlightMs;
  }

  *#ledgerOf(entryId: string): Generator<LedgerLine> {
    this.#byEntry ??= groupByEntry(this.input.ledger);
    yield* this.#byEntry.get(entryId) ?? [];
  }
  #byEntry: Map<string, LedgerLine[]> | undefined;

  #differ(
    reason: ReasonCode,
    entryId: string | null,
    subject: string,
    detail: string,
    line: DestinationEvidence | undefined,
    hours?: DecimalString,
  ): void {
    const { destination } = this.input;
    const status = entryId === null ? undefined : this.input.statuses.get(entryId);
    const differenceKey = `${destination}|${reason}|${subject}`;
    this.#differences.set(differenceKey, {
      differenceKey,
      reason,
      destination,
      legalEntityId: status?.legalEntityId ?? line?.legalEntityId ?? UNASSIGNED,
      entryId,
      detail,
      hours: hours ?? line?.hours ?? '0',
      amount: line?.amount ?? status?.amount ?? '0',
      currency: line?.currency ?? status?.currency ?? NO_CURRENCY,
    });
  }
}

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
