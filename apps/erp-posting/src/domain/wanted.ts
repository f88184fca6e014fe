import type { LineContent, WantedLine } from '@tieout/delivery';
import { decimal, negate, toDecimalString, type DecimalString, type Leg, type ReleasedContent } from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';

/** "7.50" and "7.5" are one content. */
const plain = (value: DecimalString): DecimalString => toDecimalString(decimal(value));

/** What of a release is booked. A new rate id with the same amount changes nothing. */
const contentOf = (release: ReleasedContent): LineContent => ({
  legalEntityId: release.legalEntityId,
  workerCode: release.workerCode,
  workerType: release.workerType,
  projectCode: release.projectCode,
  ...(release.taskCode !== undefined && { taskCode: release.taskCode }),
  ...(release.costCentre !== undefined && { costCentre: release.costCentre }),
  workDate: release.workDate,
  hours: plain(release.hours),
  amount: plain(release.cost.amount),
  currency: release.cost.currency,
  billable: release.billable,
});

/** The legs that policy gives an hour: labour cost or contractor accrual, and between legal entities the intercompany pair. */
export const wantedLines = (release: ReleasedContent, policy: Pick<CompiledPolicy, 'legs'>): WantedLine[] => {
  const content = contentOf(release);
  const other = release.projectLegalEntityId;
  const legs = policy.legs({
    workerType: release.workerType,
    workerLegalEntityId: release.legalEntityId,
    projectLegalEntityId: other,
  });
  return legs.map((leg) => ({ leg, content: legContent(leg, content, other) }));
};

const legContent = (leg: Leg, content: LineContent, other: string | undefined): LineContent => {
  if (other === undefined) return content;
  // The worker's legal entity is owed what the hour cost; the project's owes it. Hours are counted once, with the labour cost.
  if (leg === 'intercompany-due-from') return { ...content, hours: '0', amount: negate(content.amount), counterparty: other };
  if (leg === 'intercompany-due-to') {
    const { costCentre: _, ...rest } = content;
    return { ...rest, legalEntityId: other, hours: '0', counterparty: content.legalEntityId };
  }
  return content;
};
