import { addDays, type FormerCode, type MasterObject, type TimelineSegment, type WorkDate } from '@tieout/model';

/**
 * The codes that an object had. A source that tells since when a code holds is believed; otherwise the day counts on which we saw it
 * change. A code that the object has again is no former one.
 */
export const formerCodes = (
  before: Pick<MasterObject, 'code' | 'formerCodes'> | undefined,
  code: string,
  creatorTimeline: readonly TimelineSegment[],
  today: WorkDate,
): FormerCode[] => {
  const until = new Map((before?.formerCodes ?? []).map((one) => [one.code, one.until]));
  if (before !== undefined && before.code !== code) until.set(before.code, addDays(today, -1));
  creatorTimeline.forEach((segment, i) => {
    const [was, next] = [segment.attributes['code'], creatorTimeline[i + 1]];
    if (was !== undefined && next !== undefined && next.attributes['code'] !== was) until.set(was, addDays(next.validFrom, -1));
  });
  until.delete(code);
  return [...until]
    .map(([former, last]) => ({ code: former, until: last }))
    .sort((a, b) => (a.until < b.until ? -1 : a.until > b.until ? 1 : a.code < b.code ? -1 : 1));
};
