import { type MasterAttributes, type ReasonCode, type WorkDate } from '@tieout/model';
import type { CalendarRules } from './compiled-policy.js';

type Period = MasterAttributes['accounting-period'];

export interface PostingPeriodQuestion {
  /** All accounting periods of the legal entity, as they are now. */
  readonly periods: readonly Period[];
  readonly workDate: WorkDate;
  /** The entry was released before: reversals and their replacements. */
  readonly correction: boolean;
  readonly calendar: CalendarRules;
}

export type PostingPeriodAnswer =
  | { readonly kind: 'period'; readonly period: Period; readonly late: boolean }
  | {
      readonly kind: 'refused';
      readonly reason: Extract<ReasonCode, 'PERIOD_CLOSED' | 'NO_OPEN_PERIOD'>;
      readonly period: string | undefined;
      readonly detail: string;
    };

/**
 * The accounting period into which an hour of `workDate` is posted. Asked twice: by the assessment, which holds what has no period, and
 * again when a document is frozen, because periods close in between.
 */
export const postingPeriodFor = ({ periods, workDate, correction, calendar }: PostingPeriodQuestion): PostingPeriodAnswer => {
  const ordered = [...periods].sort((a, b) => ((a.startDate ?? '') < (b.startDate ?? '') ? -1 : 1));
  const own = ordered.find(
    ({ startDate, endDate }) => startDate !== undefined && endDate !== undefined && startDate <= workDate && workDate <= endDate,
  );
  if (own === undefined)
    return { kind: 'refused', reason: 'NO_OPEN_PERIOD', period: undefined, detail: `no accounting period covers ${workDate}` };
  if (takes(own, correction, calendar)) return { kind: 'period', period: own, late: false };
  const rule = correction ? calendar.lateCorrections : calendar.lateOriginals;
  if (rule === 'hold')
    return {
      kind: 'refused',
      reason: 'PERIOD_CLOSED',
      period: own.code,
      detail: `period ${own.code} is ${own.state ?? 'of unknown state'}, and policy holds ${correction ? 'late corrections' : 'late time'}`,
    };
  const next = ordered.find((period) => (period.startDate ?? '') > workDate && takes(period, correction, calendar));
  if (next === undefined)
    return {
      kind: 'refused',
      reason: 'NO_OPEN_PERIOD',
      period: own.code,
      detail: `period ${own.code} is ${own.state ?? 'of unknown state'}, and no later period is open`,
    };
  return { kind: 'period', period: next, late: true };
};

/** A period whose state is unknown takes nothing: never guess that it is open. */
const takes = (period: Period, correction: boolean, calendar: CalendarRules): boolean =>
  period.state === 'open' ||
  (period.state === 'closing' && calendar.closingTakes.includes(correction ? 'correction' : 'late-approval'));
