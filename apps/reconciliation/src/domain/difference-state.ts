import { addDecimals, decimal, type DecimalString, type Instant } from '@tieout/model';
import type { Difference } from './tie-out.js';

export const DIFFERENCE_STATES = ['open', 'accepted', 'resolved'] as const;
export type DifferenceState = (typeof DIFFERENCE_STATES)[number];
/** `found`: by a run, as it was before; `changed`: with another variance; `gone`: not found again. */
export const DIFFERENCE_EVENTS = ['found', 'changed', 'gone', 'accept', 'reopen'] as const;
export type DifferenceEvent = (typeof DIFFERENCE_EVENTS)[number];

/** Only a person accepts, and what was accepted is what the person saw: anything else is open. Absent: it may not happen. */
const TRANSITIONS: Readonly<Record<DifferenceState, Partial<Record<DifferenceEvent, DifferenceState>>>> = {
  open: { found: 'open', changed: 'open', gone: 'resolved', accept: 'accepted' },
  accepted: { found: 'accepted', changed: 'open', gone: 'resolved', reopen: 'open' },
  // What comes back is looked at anew, even if it was accepted before.
  resolved: { found: 'open', changed: 'open' },
};

export const nextDifferenceState = (state: DifferenceState, event: DifferenceEvent): DifferenceState | undefined =>
  TRANSITIONS[state][event];

export interface Acceptance {
  readonly acceptedAt: Instant;
  readonly acceptedBy: string;
  /** The second person; null where policy wanted none. */
  readonly approvedBy: string | null;
  readonly acceptedReason: string;
}

/** A difference as the last run that found it left it. */
export interface StandingDifference {
  readonly differenceKey: string;
  readonly differenceId: string;
  readonly runId: string;
  readonly reason: Difference['reason'];
  readonly destination: string;
  readonly legalEntityId: string;
  readonly entryId: string | null;
  readonly detail: string;
  readonly hours: DecimalString;
  readonly amount: DecimalString;
  readonly currency: string;
  readonly varianceHours: DecimalString;
  readonly varianceAmount: DecimalString;
  readonly resolvedAt: Instant | null;
  readonly acceptance: Acceptance | null;
}

export const stateOf = ({ resolvedAt, acceptance }: Pick<StandingDifference, 'resolvedAt' | 'acceptance'>): DifferenceState =>
  resolvedAt !== null ? 'resolved' : acceptance === null ? 'open' : 'accepted';

export interface TakenFinding {
  readonly difference: Difference;
  readonly state: 'open' | 'accepted';
  /** It was not open before: somebody must be told. */
  readonly isNews: boolean;
  /** What it was accepted as before it changed. */
  readonly lapsed: StandingDifference | null;
}

/** What a run's findings make of the differences that it knew. */
export const takeFindings = (
  known: ReadonlyMap<string, StandingDifference>,
  found: readonly Difference[],
): readonly TakenFinding[] =>
  found.map((difference) => {
    const before = known.get(difference.differenceKey);
    if (before === undefined) return { difference, state: 'open', isNews: true, lapsed: null };
    const was = stateOf(before);
    const event = before.differenceId === difference.differenceId ? 'found' : 'changed';
    const state = nextDifferenceState(was, event) === 'accepted' ? 'accepted' : 'open';
    return {
      difference,
      state,
      isNews: state === 'open' && was !== 'open',
      lapsed: was === 'accepted' && state === 'open' ? before : null,
    };
  });

export interface LeftAlone {
  readonly differenceId: string;
  readonly why: string;
}

const WHY_NOT: Readonly<Record<'accept' | 'reopen', Readonly<Record<DifferenceState, string>>>> = {
  accept: { open: '', accepted: 'it is accepted already', resolved: 'it is gone' },
  reopen: { open: 'it is open already', accepted: '', resolved: 'it is gone' },
};

/** Which of the differences that a person names are accepted or opened again, and why the others are not. */
export const selectDifferences = (
  event: 'accept' | 'reopen',
  differenceIds: readonly string[],
  known: ReadonlyMap<string, StandingDifference>,
): { readonly chosen: readonly StandingDifference[]; readonly leftAlone: readonly LeftAlone[] } => {
  const chosen: StandingDifference[] = [];
  const leftAlone: LeftAlone[] = [];
  for (const differenceId of new Set(differenceIds)) {
    const found = known.get(differenceId);
    if (found === undefined)
      leftAlone.push({ differenceId, why: 'no difference is like that now: it never was, or it has changed since' });
    else if (nextDifferenceState(stateOf(found), event) === undefined)
      leftAlone.push({ differenceId, why: WHY_NOT[event][stateOf(found)] });
    else chosen.push(found);
  }
  return { chosen, leftAlone };
};

const NO_CURRENCY = 'XXX';

/**
 * How much is accepted. What is too much and what is too little never cancel each other out. Hours whose money nobody knows count as an
 * amount in no currency (XXX), for which no policy has a threshold: so much needs a second person wherever money does.
 */
export const sizeOfDifferences = (
  differences: readonly Pick<StandingDifference, 'varianceHours' | 'varianceAmount' | 'currency'>[],
): { lines: number; hours: DecimalString; amounts: Record<string, DecimalString> } => {
  const amounts: Record<string, DecimalString> = {};
  for (const { varianceHours, varianceAmount, currency } of differences) {
    const amount = currency === NO_CURRENCY && decimal(varianceAmount).isZero() ? varianceHours : varianceAmount;
    amounts[currency] = addDecimals([amounts[currency] ?? '0', amount]);
  }
  return { lines: differences.length, hours: addDecimals(differences.map(({ varianceHours }) => varianceHours)), amounts };
};

/** Of one legal entity and destination, what one person accepted for one reason. */
export interface AcceptedShare {
  readonly legalEntityId: string;
  readonly destination: string;
  readonly acceptedBy: string;
  readonly approvedBy: string | null;
  readonly reason: string;
  readonly count: number;
  readonly hours: DecimalString;
  readonly amounts: Readonly<Record<string, DecimalString>>;
}

/** How many differences of a run were accepted, by whom and why. */
export const acceptedShares = (
  accepted: readonly { readonly difference: Difference; readonly acceptance: Acceptance }[],
): AcceptedShare[] => {
  const groups = Map.groupBy(accepted, ({ difference, acceptance }) =>
    JSON.stringify([
      difference.legalEntityId,
      difference.destination,
      acceptance.acceptedBy,
      acceptance.approvedBy,
      acceptance.acceptedReason,
    ]),
  );
  return [...groups.values()].map((group) => {
    const [{ difference, acceptance }] = group as [(typeof group)[number]];
    const { lines, hours, amounts } = sizeOfDifferences(
      group.map(({ difference: one }) => ({
        varianceHours: one.variance.hours,
        varianceAmount: one.variance.amount,
        currency: one.currency,
      })),
    );
    return {
      legalEntityId: difference.legalEntityId,
      destination: difference.destination,
      acceptedBy: acceptance.acceptedBy,
      approvedBy: acceptance.approvedBy,
      reason: acceptance.acceptedReason,
      count: lines,
      hours,
      amounts,
    };
  });
};
