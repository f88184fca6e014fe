import type { LineContent, Urgency } from '@tieout/delivery';
import type { Instant } from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';
import type { PayCalendar } from './pay-calendar.js';

const HOUR_MS = 3_600_000;

/** The next cut-off that a line of this legal entity can make. Which group the worker is in does not matter much: cut-offs lie close. */
export const nextCutOffs = (calendar: PayCalendar, now: Instant): ReadonlyMap<string, Instant> => {
  const next = new Map<string, Instant>();
  for (const { code, legalEntityId } of calendar.groups.values()) {
    const cutOff = calendar.periodsOf(code).find((period) => period.state === 'open' && period.cutOff >= now)?.cutOff;
    const known = next.get(legalEntityId);
    if (cutOff !== undefined && (known === undefined || cutOff < known)) next.set(legalEntityId, cutOff);
  }
  return next;
};

/** Fixed when the line is made, so that waiting counts by itself; near a cut-off nothing is let past. */
export const urgencyOf = (
  content: Pick<LineContent, 'legalEntityId' | 'billable'>,
  cutOffs: ReadonlyMap<string, Instant>,
  nowMs: number,
  policy: Pick<CompiledPolicy, 'lane' | 'patienceSeconds' | 'leadSeconds'>,
): Urgency => {
  const cutOff = cutOffs.get(content.legalEntityId);
  const deadlineMs = cutOff === undefined ? undefined : Date.parse(cutOff);
  const lane = policy.lane({
    feed: 'payroll',
    billable: content.billable,
    hoursToDeadline: deadlineMs === undefined ? undefined : (deadlineMs - nowMs) / HOUR_MS,
  });
  const patient = nowMs + policy.patienceSeconds(lane) * 1000;
  const due = deadlineMs === undefined ? patient : deadlineMs - policy.leadSeconds(lane) * 1000;
  return { lane, rank: Math.round(Math.min(patient, Math.max(due, nowMs))) };
};
