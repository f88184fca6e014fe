import { addDecimals, decimal, negate, sameDecimal, type ConnectionId, type DecimalString, type ReasonCode } from '@tieout/model';

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
  /** Open ones. */
  readonly differences: number;
  /** Those that people accepted: how many, and their variance. */
  readonly accepted: Totals;
}

export interface Difference {
  readonly differenceKey: string;
  /** Of the difference with the variance that it has; see `differenceIdOf`. */
  readonly differenceId: string;
  readonly reason: ReasonCode;
  readonly destination: ConnectionId;
  readonly legalEntityId: string;
  readonly entryId: string | null;
  readonly detail: string;
  readonly hours: DecimalString;
  readonly amount: DecimalString;
  readonly currency: string;
  /** By how much both ends differ, never negative. What stands in the wrong place differs by all of it. */
  readonly variance: { readonly hours: DecimalString; readonly amount: DecimalString };
  /** What it takes away from "approved = posted + held": approved entries that do not stand there, and hours. */
  readonly gap: { readonly count: number; readonly hours: DecimalString };
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
      accepted: nothing(),
    }));
  }
}

/**
 * No difference but accepted ones, nothing on its way, and every approved hour is either posted or held, or missing by an accepted
 * difference. For lines as compared: before `withAcceptances`.
 * @param accepted ids of the differences that people accepted
 */
export const tiesOut = ({ lines, differences }: Comparison, accepted: ReadonlySet<string> = new Set()): boolean =>
  differences.every(({ differenceId }) => accepted.has(differenceId)) &&
  lines.every((line) => {
    const { approved, posted, inFlight, held } = line;
    const gaps = differences.filter(({ legalEntityId }) => legalEntityId === line.legalEntityId).map(({ gap }) => gap);
    const missing = gaps.reduce((sum, { count }) => sum + count, 0);
    return (
      inFlight.count === missing &&
      approved.count === posted.count + held.count + missing &&
      sameDecimal(approved.hours, addDecimals([posted.hours, held.hours, ...gaps.map(({ hours }) => hours)]))
    );
  });

/** The lines as they are shown: what was accepted stands beside the open differences, and is on its way no more. */
export const withAcceptances = ({ lines, differences }: Comparison, accepted: ReadonlySet<string>): TieOutLine[] =>
  lines.map((line) => {
    const own = differences.filter(({ legalEntityId }) => legalEntityId === line.legalEntityId);
    const taken = own.filter(({ differenceId }) => accepted.has(differenceId));
    return {
      ...line,
      differences: own.length - taken.length,
      accepted: totalsOf(taken.map(({ variance, currency }) => ({ ...variance, currency }))),
      inFlight: less(
        line.inFlight,
        totalsOf(taken.filter(({ gap }) => gap.count > 0).map(({ variance, currency }) => ({ ...variance, currency }))),
      ),
    };
  });

const totalsOf = (parts: readonly { hours: DecimalString; amount: DecimalString; currency: string }[]): Totals => {
  const sum = nothing();
  for (const { hours, amount, currency } of parts) {
    sum.count++;
    sum.hours = addDecimals([sum.hours, hours]);
    if (!decimal(amount).isZero()) sum.amounts[currency] = addDecimals([sum.amounts[currency] ?? '0', amount]);
  }
  return sum;
};

const less = (all: Totals, some: Totals): Totals => ({
  count: all.count - some.count,
  hours: addDecimals([all.hours, negate(some.hours)]),
  amounts: Object.fromEntries(
    Object.entries(all.amounts)
      .map(([currency, amount]) => [currency, addDecimals([amount, negate(some.amounts[currency] ?? '0')])] as const)
      .filter(([, amount]) => !decimal(amount).isZero()),
  ),
});
