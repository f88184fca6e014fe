import type { LineContent, PostingPeriod, WantedLine } from '@tieout/delivery';
import { addDays, decimal, toDecimalString, type DecimalString, type ReleasedContent, type WorkDate } from '@tieout/model';

/** "7.50" and "7.5" are one content. */
const plain = (value: DecimalString): DecimalString => toDecimalString(decimal(value));

/** What a release says to a warehouse. A new rate id with the same amount changes nothing. */
const contentOf = (release: ReleasedContent): LineContent => ({
  legalEntityId: release.legalEntityId,
  workerCode: release.workerCode,
  workerType: release.workerType,
  projectCode: release.projectCode,
  ...(release.taskCode !== undefined && { taskCode: release.taskCode }),
  ...(release.costCentre !== undefined && { costCentre: release.costCentre }),
  ...(release.payCode !== undefined && { payCode: release.payCode }),
  workDate: release.workDate,
  hours: plain(release.hours),
  amount: plain(release.cost.amount),
  currency: release.cost.currency,
  billable: release.billable,
  ...(release.bill !== undefined && { billAmount: plain(release.bill.amount), billCurrency: release.bill.currency }),
});

/** One fact per hour; its legs are the ledger's affair. */
export const wantedFacts = (release: ReleasedContent): WantedLine[] => [{ leg: 'fact', content: contentOf(release) }];

/** A warehouse has no accounting periods: a fact belongs to the month of its work date, also years later. */
export const monthOf = (workDate: WorkDate): PostingPeriod => {
  const code = workDate.slice(0, 7);
  const startDate = `${code}-01`;
  // The 28th and four days are in the next month, whichever it is.
  const next = `${addDays(`${code}-28`, 4).slice(0, 7)}-01`;
  return { code, startDate, endDate: addDays(next, -1) };
};
