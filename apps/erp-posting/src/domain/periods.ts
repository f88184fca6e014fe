import { attributesOn, periodCode, type MasterObject, type ReasonCode, type WorkDate } from '@tieout/model';
import { postingPeriodFor, type CalendarRules } from '@tieout/policy';
import type { Origin, PostingPeriod } from '@tieout/delivery';

/** An accounting period as it is now. */
export interface AccountingPeriod extends PostingPeriod {
  readonly state: 'open' | 'closing' | 'closed';
  /** Revision of the master object: says whether we have heard of the period since a destination refused it. */
  readonly revision: number;
}

export interface PeriodQuestion {
  readonly workDate: WorkDate;
  readonly origin: Origin;
  /** A reversal goes where its line stands, while that period takes it. */
  readonly anchorPeriod?: string | undefined;
  /** Periods that a destination called closed, with the revision that we knew then: believed until a newer one arrives. */
  readonly refused?: Readonly<Record<string, number>> | undefined;
}

export type PeriodAnswer =
  | { readonly kind: 'period'; readonly period: AccountingPeriod }
  | {
      readonly kind: 'blocked';
      readonly reason: Extract<ReasonCode, 'PERIOD_CLOSED' | 'NO_OPEN_PERIOD'>;
      readonly detail: string;
    };

/** Periods of one legal entity from master data. Ambiguous or incomplete ones are nobody's period. */
export const accountingPeriods = (legalEntityId: string, objects: readonly MasterObject[], today: WorkDate): AccountingPeriod[] =>
  objects.flatMap((object): AccountingPeriod[] => {
    const attributes = attributesOn({ kind: 'accounting-period', timeline: object.timeline }, today);
    if (object.ambiguous || !attributes?.startDate || !attributes.endDate || !attributes.state) return [];
    if ((attributes.legalEntity ?? object.legalEntityId) !== legalEntityId) return [];
    const prefix = periodCode(legalEntityId, '');
    const code = object.code.startsWith(prefix) ? object.code.slice(prefix.length) : object.code;
    return [
      { code, startDate: attributes.startDate, endDate: attributes.endDate, state: attributes.state, revision: object.revision },
    ];
  });

/** Where a line is booked: by the rule that the assessment uses too, and what only the ledger knows. */
export const resolvePeriod = (
  question: PeriodQuestion,
  all: readonly AccountingPeriod[],
  calendar: CalendarRules,
): PeriodAnswer => {
  const refused = new Map(Object.entries(question.refused ?? {}));
  const periods = all.map((period) =>
    period.revision <= (refused.get(period.code) ?? -1) ? { ...period, state: 'closed' as const } : period,
  );
  const correction = question.origin === 'correction';
  const answerFor = (workDate: WorkDate) => postingPeriodFor({ periods, workDate, correction, calendar });

  const anchor = periods.find((period) => period.code === question.anchorPeriod);
  if (anchor !== undefined) {
    const there = answerFor(anchor.startDate);
    if (there.kind === 'period' && !there.late) return { kind: 'period', period: anchor };
  }
  const answer = answerFor(question.workDate);
  if (answer.kind === 'refused') return { kind: 'blocked', reason: answer.reason, detail: answer.detail };
  return { kind: 'period', period: periods.find((period) => period.code === answer.period.code)! };
};

export type AccrualAnswer = PeriodAnswer | { readonly kind: 'not-yet' };

/**
 * Where an accrual is booked: in the period that it was made for, as long as that takes anything at all; its reversal in the period after,
 * and not before that opens, or the two would come to nothing within one period.
 */
export const resolveAccrual = (
  question: Pick<PeriodQuestion, 'workDate' | 'refused'> & { readonly reversal: boolean; readonly reverseInto: string },
  all: readonly AccountingPeriod[],
  calendar: CalendarRules,
): AccrualAnswer => {
  const refusedAt = (period: AccountingPeriod): number => question.refused?.[period.code] ?? -1;
  const periods = all.map((period) => (period.revision <= refusedAt(period) ? { ...period, state: 'closed' as const } : period));
  const own = periods.find(({ startDate, endDate }) => startDate <= question.workDate && question.workDate <= endDate);
  if (!question.reversal) {
    if (own !== undefined && own.state !== 'closed') return { kind: 'period', period: own };
    return {
      kind: 'blocked',
      reason: 'PERIOD_CLOSED',
      detail: `an accrual of ${question.workDate} can be booked in no other period`,
    };
  }
  const next = periods.find(({ code }) => code === question.reverseInto);
  if (next !== undefined && next.state !== 'closed') return { kind: 'period', period: next };
  const passed = next !== undefined && periods.some(({ startDate, state }) => startDate > next.endDate && state !== 'closed');
  if (next === undefined || !passed) return { kind: 'not-yet' };
  return resolvePeriod({ workDate: next.startDate, origin: 'correction', refused: question.refused }, all, calendar);
};
