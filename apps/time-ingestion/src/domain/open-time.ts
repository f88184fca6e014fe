import type { UnapprovedTimeV1, WorkerTimeV1 } from '@tieout/contracts';
import {
  addDays,
  addDecimals,
  attributesOn,
  type CurrencyCode,
  type MasterAttributes,
  type MasterObject,
  type TimeEntryContent,
  type WorkDate,
} from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';
import { costOf } from './amounts.js';
import type { MasterView } from './master-view.js';

export interface Window {
  readonly from: WorkDate;
  readonly to: WorkDate;
}

/** An entry that counts, whether somebody has approved it yet or not. */
export interface RecordedTime {
  readonly content: TimeEntryContent;
  readonly approved: boolean;
}

export interface OpenTimeQuestion {
  readonly worker: MasterObject;
  readonly legalEntityId: string;
  readonly window: Window;
  readonly recorded: readonly RecordedTime[];
}

/**
 * What one worker recorded and what of it is not approved, for accruals at close. Pure.
 * @returns undefined when the worker is not of the legal entity, or not active on any day of the window
 */
export const openTimeOf = (
  { worker, legalEntityId, window, recorded }: OpenTimeQuestion,
  master: MasterView,
  policy: CompiledPolicy,
): WorkerTimeV1 | undefined => {
  const active = activeDays(worker, legalEntityId, window);
  const lastDay = active.at(-1);
  if (lastDay === undefined) return undefined;
  const { type, costCentre, region } = attributesOf(worker, lastDay)!;
  const entity = master.on('legal-entity', legalEntityId, lastDay)?.attributes;
  const currency = policy.rates.amountCurrency === 'legal-entity' ? entity?.currency : undefined;
  const hour = costOf(worker.code, { hours: '1', rateDate: lastDay, currency }, master);
  const where = region ?? entity?.region;
  return {
    workerCode: worker.code,
    workerType: type ?? 'employee',
    ...(costCentre !== undefined && { costCentre }),
    ...(where !== undefined && { region: where }),
    workingDays: active.filter(isWorkday).length,
    recordedHours: addDecimals(recorded.map(({ content }) => content.hours)),
    ...('amount' in hour && { costRate: hour.amount, currency: hour.currency }),
    unapproved: unapprovedOf(
      recorded.filter(({ approved }) => !approved).map(({ content }) => content),
      currency,
      master,
    ),
  };
};

const attributesOf = (worker: MasterObject, date: WorkDate): MasterAttributes['worker'] | undefined =>
  attributesOn(worker as MasterObject & { kind: 'worker' }, date);

const activeDays = (worker: MasterObject, legalEntityId: string, { from, to }: Window): WorkDate[] => {
  const days: WorkDate[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) {
    const found = attributesOf(worker, date);
    const isActive = (found?.activeFrom ?? date) <= date && date <= (found?.activeTo ?? date);
    if (isActive && found?.legalEntity === legalEntityId) days.push(date);
  }
  return days;
};

const isWorkday = (date: WorkDate): boolean => ![0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());

type Priced = Omit<UnapprovedTimeV1, 'hours' | 'amount'> & { readonly priced: boolean };

/** One row per project, task and whether it is billable; hours without a rate stand apart, so that no amount is short of its hours. */
const unapprovedOf = (
  contents: readonly TimeEntryContent[],
  currency: CurrencyCode | undefined,
  master: MasterView,
): UnapprovedTimeV1[] => {
  const groups = new Map<string, { group: Priced; hours: string[]; amounts: string[] }>();
  for (const { workerCode, projectCode, taskCode, workDate, hours, billable } of contents) {
    const project = master.on('project', projectCode, workDate)?.attributes;
    const cost = costOf(workerCode, { hours, rateDate: workDate, currency }, master);
    const priced = 'amount' in cost;
    const group: Priced = {
      projectCode,
      ...(project?.legalEntity !== undefined && { projectLegalEntityId: project.legalEntity }),
      ...(taskCode !== undefined && { taskCode }),
      billable: billable ?? project?.billable === 'true',
      priced,
    };
    const key = JSON.stringify(group);
    const sums = groups.get(key) ?? { group, hours: [], amounts: [] };
    sums.hours.push(hours);
    if (priced) sums.amounts.push(cost.amount);
    groups.set(key, sums);
  }
  return [...groups.values()].map(({ group: { priced, ...group }, hours, amounts }) => ({
    ...group,
    hours: addDecimals(hours),
    ...(priced && { amount: addDecimals(amounts) }),
  }));
};
