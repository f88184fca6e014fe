import { addDecimals, sameDecimal, type ConnectionId, type DecimalString, type ReasonCode } from '@tieout/model';

export interface Totals {
  count: number;
  hours: DecimalString;
  amounts: Record<string, DecimalString>;
}

export interface TieOutLine {
  readonly legalEntityId: string;
  readonly destination: ConnectionId;
  readonly approved: Totals;
  readonly posted: Totals;
  readonly inFlight: Totals;
  readonly held: Totals;
  readonly differences: number;
}

export interface Difference {
  readonly differenceKey: string;
  readonly reason: ReasonCode;
  readonly destination: ConnectionId;
  readonly legalEntityId: string;
  readonly entryId: string | null;
  readonly detail: string;
  readonly hours: DecimalString;
  readonly amount: DecimalString;
  readonly currency: string;
}

export interface Comparison {
  readonly lines: readonly TieOutLine[];
  readonly differences: readonly Difference[];
}

export type Bucket = 'approved' | 'posted' | 'inFlight' | 'held';

const nothing = (): Totals => ({ count: 0, hours: '0', amounts: {} });
const nothings = (): Record<Bucket, Totals> => ({ approved: nothing(), posted: nothing(), inFlight: nothing(), held: nothing() });

/** Adds up count, hours and amounts per legal entity and bucket. */
export class TieOutTotals {
  readonly #byEntity = new Map<string, Record<Bucket, Totals>>();

  add(legalEntityId: string, bucket: Bucket, hours: DecimalString, amounts: Readonly<Record<string, DecimalString>>): void {
    const totals = this.#byEntity.get(legalEntityId) ?? nothings();
    const sum = totals[bucket];
    sum.count++;
    sum.hours = addDecimals([sum.hours, hours]);
    for (const [currency, amount] of Object.entries(amounts))
      sum.amounts[currency] = addDecimals([sum.amounts[currency] ?? '0', amount]);
    this.#byEntity.set(legalEntityId, totals);
  }

  /** One line per legal entity that has time or differences. */
  lines(destination: ConnectionId, differences: readonly Difference[]): TieOutLine[] {
    const entities = new Set([...this.#byEntity.keys(), ...differences.map((difference) => difference.legalEntityId)]);
    return [...entities].sort().map((legalEntityId) => ({
      legalEntityId,
      destination,
      ...(this.#byEntity.get(legalEntityId) ?? nothings()),
      differences: differences.filter((difference) => difference.legalEntityId === legalEntityId).length,
    }));
  }
}

/** No difference, nothing on its way, and every approved hour is either posted or held. */
export const tiesOut = ({ lines, differences }: Comparison): boolean =>
  differences.length === 0 &&
  lines.every(
    ({ approved, posted, inFlight, held }) =>
      inFlight.count === 0 &&
      approved.count === posted.count + held.count &&
      sameDecimal(approved.hours, addDecimals([posted.hours, held.hours])),
  );
