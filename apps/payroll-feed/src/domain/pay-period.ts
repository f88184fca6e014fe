import type { Origin } from '@tieout/delivery';
import type { Instant, ReasonCode, WorkDate } from '@tieout/model';
import type { PayCalendar, PayPeriod } from './pay-calendar.js';

export interface PayPeriodQuestion {
  readonly workDate: WorkDate;
  readonly legalEntityId: string;
  /** Of the line in this destination: what puts an earlier line right never goes back into a run of the past. */
  readonly origin: Origin;
  /** Approval, or receipt where nobody says when it was approved. */
  readonly madeAt: Instant;
  readonly groupAtWorkDate: string | undefined;
  readonly currentGroup: string | undefined;
  /** What becomes of a correction when the run of its work date takes nothing any more. */
  readonly afterCutOff: 'next-run' | 'hold';
  /** Periods that payroll called closed, with the revision that we knew then: believed until a newer one arrives. */
  readonly refused?: Readonly<Record<string, number>> | undefined;
}

export type PayPeriodAnswer =
  | { readonly kind: 'period'; readonly period: PayPeriod }
  | {
      readonly kind: 'blocked';
      readonly reason: Extract<ReasonCode, 'NO_OPEN_PERIOD' | 'CUTOFF_MISSED'>;
      readonly detail: string;
    };

/**
 * Which run pays for a line. An original that makes the cut-off is paid with the group that the worker had on the work date, in the
 * period of that date; everything else in the next run of the worker's group of today that it makes, unless policy holds it. Nothing
 * joins a signed run.
 */
export const payPeriodFor = (
  question: PayPeriodQuestion,
  calendar: PayCalendar,
  isSigned: (periodCode: string) => boolean,
): PayPeriodAnswer => {
  const { workDate, madeAt, origin, groupAtWorkDate } = question;
  const takes = (period: PayPeriod): boolean =>
    period.state === 'open' &&
    Date.parse(madeAt) <= Date.parse(period.cutOff) &&
    period.revision > (question.refused?.[period.code] ?? -1) &&
    !isSigned(period.code);

  const own = calendar
    .periodsOf(groupAtWorkDate ?? '')
    .find(({ startDate, endDate }) => startDate <= workDate && workDate <= endDate);
  if (origin === 'original' && own !== undefined && takes(own)) return { kind: 'period', period: own };
  if (origin === 'correction' && question.afterCutOff === 'hold' && own !== undefined && !takes(own))
    return {
      kind: 'blocked',
      reason: 'CUTOFF_MISSED',
      detail: `pay period ${own.code} of ${workDate} is past its cut-off or signed, and policy holds corrections for it; let the next run take them in calendars.yaml (correctionsAfterPayCutOff), or settle them by hand`,
    };
  const group = groupOf(question, calendar);
  if (group === undefined) return blocked('the worker has no pay group; assign one in the HR system');
  const next = calendar.periodsOf(group).find(takes);
  if (next !== undefined) return { kind: 'period', period: next };
  return blocked(`pay group ${group} has no open, unsigned pay period with a cut-off at or after ${madeAt}; create the next one`);
};

/** A worker who moved to another legal entity is put right where the hours were paid: the new group's payroll knows nothing of them. */
const groupOf = (question: PayPeriodQuestion, calendar: PayCalendar): string | undefined => {
  const { currentGroup, groupAtWorkDate, legalEntityId } = question;
  const ours = (code: string | undefined): boolean =>
    code !== undefined && calendar.groups.get(code)?.legalEntityId === legalEntityId;
  if (ours(currentGroup) || !ours(groupAtWorkDate)) return currentGroup ?? groupAtWorkDate;
  return groupAtWorkDate;
};

const blocked = (detail: string): PayPeriodAnswer => ({ kind: 'blocked', reason: 'NO_OPEN_PERIOD', detail });
