import { rankOf, type LineContent, type Urgency } from '@tieout/delivery';
import type { CompiledPolicy } from '@tieout/policy';
import type { AccountingPeriod } from './periods.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/**
 * Lines of a lane let others pass for a while, and no longer: the rank is fixed when the line is made, so waiting counts by itself.
 * A line whose period is about to close is due before that, whatever its lane.
 */
export const urgencyOf = (
  content: LineContent,
  periods: readonly AccountingPeriod[],
  nowMs: number,
  policy: Pick<CompiledPolicy, 'lane' | 'patienceSeconds' | 'leadSeconds'>,
): Urgency => {
  const period = periods.find(({ startDate, endDate }) => startDate <= content.workDate && content.workDate <= endDate);
  const deadlineMs = period === undefined || period.state === 'closed' ? undefined : Date.parse(period.endDate) + DAY_MS;
  const lane = policy.lane({
    feed: 'posting',
    billable: content.billable,
    hoursToDeadline: deadlineMs === undefined ? undefined : (deadlineMs - nowMs) / HOUR_MS,
  });
  const rank = rankOf({
    createdMs: nowMs,
    patienceMs: policy.patienceSeconds(lane) * 1000,
    deadlineMs,
    leadMs: policy.leadSeconds(lane) * 1000,
  });
  return { lane, rank: Math.round(rank) };
};
