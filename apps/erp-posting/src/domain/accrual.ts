import type { WorkerTimeV1 } from '@tieout/contracts';
import type { LineContent } from '@tieout/delivery';
import { decimal, entryIdOf, roundMoney, toDecimalString, type EntryId } from '@tieout/model';
import type { AccrualRules } from '@tieout/policy';

/** One amount to accrue, with the id under which it is the same amount when it is asked again. */
export interface Accrual {
  readonly entryId: EntryId;
  readonly content: LineContent;
}

export interface AccrualQuestion {
  readonly legalEntityId: string;
  /** Code of the period in the destination's words, its last day, and the period that takes the reversal. */
  readonly period: string;
  readonly lastDay: string;
  readonly reverseInto: string;
}

export interface AccrualPlan {
  readonly accruals: readonly Accrual[];
  /** Workers without a known cost rate: what they did cannot be accrued. */
  readonly withoutRate: readonly string[];
}

/** What one close accrues: time that was recorded and not approved, and time that should have been recorded. Pure. */
export const accrualsOf = (workers: readonly WorkerTimeV1[], question: AccrualQuestion, policy: AccrualRules): AccrualPlan => {
  const withoutRate = new Set<string>();
  const accruals = workers.flatMap((worker) => {
    const found = [
      ...(policy.unapproved === 'accrue' ? unapproved(worker, question) : []),
      ...(policy.missing === 'accrue' ? missing(worker, question, policy) : []),
    ];
    if (found.some((accrual) => accrual === 'no rate')) withoutRate.add(worker.workerCode);
    return found.filter((accrual) => accrual !== 'no rate');
  });
  return { accruals, withoutRate: [...withoutRate] };
};

const unapproved = (worker: WorkerTimeV1, question: AccrualQuestion): (Accrual | 'no rate')[] =>
  worker.unapproved.map((time) => {
    if (time.amount === undefined || worker.currency === undefined) return 'no rate';
    return accrual(worker, question, {
      projectCode: time.projectCode,
      ...(time.taskCode !== undefined && { taskCode: time.taskCode }),
      billable: time.billable,
      hours: time.hours,
      amount: time.amount,
    });
  });

const missing = (worker: WorkerTimeV1, question: AccrualQuestion, policy: AccrualRules): (Accrual | 'no rate')[] => {
  const projectCode = policy.missingProject(question.legalEntityId);
  // Nobody expects hours of a contractor, who bills what was done.
  if (projectCode === undefined || worker.workerType === 'contractor') return [];
  const hours = decimal(policy.expectedHoursPerDay(worker.region)).times(worker.workingDays).minus(decimal(worker.recordedHours));
  if (hours.lessThanOrEqualTo(0)) return [];
  const { costRate, currency } = worker;
  if (costRate === undefined || currency === undefined) return ['no rate'];
  const amount = toDecimalString(decimal(roundMoney(decimal(costRate).times(hours), currency)));
  return [accrual(worker, question, { projectCode, billable: false, hours: toDecimalString(hours), amount })];
};

const accrual = (
  worker: WorkerTimeV1,
  { legalEntityId, period, lastDay, reverseInto }: AccrualQuestion,
  what: Pick<LineContent, 'projectCode' | 'taskCode' | 'billable' | 'hours' | 'amount'>,
): Accrual => ({
  entryId: entryIdOf(
    'accrual',
    JSON.stringify([legalEntityId, period, worker.workerCode, what.projectCode, what.taskCode ?? '']),
  ),
  content: {
    legalEntityId,
    workerCode: worker.workerCode,
    workerType: worker.workerType,
    ...(worker.costCentre !== undefined && { costCentre: worker.costCentre }),
    workDate: lastDay,
    currency: worker.currency!,
    reverseInto,
    ...what,
  },
});
