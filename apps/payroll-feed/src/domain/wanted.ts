import type { LineContent, WantedLine } from '@tieout/delivery';
import { decimal, toDecimalString, type Leg, type ReleasedContent } from '@tieout/model';
import type { PayrollRules } from '@tieout/policy';

/** A leg per pay code, so that a change of code takes from the one and gives to the other. */
export const payLeg = (payCode: string): Leg => `pay:${payCode}`;

/**
 * What payroll shall pay for of a release. Contractors are paid by invoice, and time off that HR tells payroll itself would be paid twice.
 * Hours matter alone: payroll reckons pay itself, so what the hour cost is not told. Without a pay code the line is owed all the same,
 * and held back where it is placed: an hour that nobody can pay must not vanish.
 */
export const wantedLines = (release: ReleasedContent, rules: Pick<PayrollRules, 'excludedPayCodes'>): readonly WantedLine[] => {
  if (release.workerType !== 'employee') return [];
  const payCode = release.payCode ?? '';
  if (rules.excludedPayCodes(release.legalEntityId).includes(payCode)) return [];
  const content: LineContent = {
    legalEntityId: release.legalEntityId,
    workerCode: release.workerCode,
    workerType: release.workerType,
    projectCode: release.projectCode,
    ...(release.taskCode !== undefined && { taskCode: release.taskCode }),
    ...(release.costCentre !== undefined && { costCentre: release.costCentre }),
    workDate: release.workDate,
    hours: toDecimalString(decimal(release.hours)),
    amount: '0',
    currency: release.cost.currency,
    billable: release.billable,
    payCode,
    ...(release.approvedAt !== undefined && { approvedAt: release.approvedAt }),
  };
  return [{ leg: payLeg(payCode), content }];
};
