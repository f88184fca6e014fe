import type { DecimalString, EntryId, TimeEntryContent, WorkDate } from '@tieout/model';
import { sumOf } from './exact.js';
import { NO_OTHERS, type DayContext } from './facts.js';

/** An approved entry, as far as the others of its day have to do with it. */
export interface DayEntry {
  readonly entry_id: EntryId;
  readonly worker_code: string;
  readonly work_date: WorkDate;
  readonly hours: DecimalString;
  readonly content: Pick<TimeEntryContent, 'startedAt' | 'endedAt'>;
}

/** By entry: what else its worker has on that day. The days must be whole. */
export const daysOf = (entries: readonly DayEntry[]): ReadonlyMap<EntryId, DayContext> => {
  const byDay = new Map<string, DayEntry[]>();
  for (const entry of entries) {
    const key = `${entry.worker_code}|${entry.work_date}`;
    const day = byDay.get(key);
    if (day === undefined) byDay.set(key, [entry]);
    else day.push(entry);
  }
  const contexts = new Map<EntryId, DayContext>();
  for (const day of byDay.values()) for (const entry of day) contexts.set(entry.entry_id, withoutSelf(entry, day));
  return contexts;
};

const withoutSelf = (self: DayEntry, day: readonly DayEntry[]): DayContext => {
  if (day.length === 1) return NO_OTHERS;
  let otherHours = '0';
  const intervals: { startedAt: string; endedAt: string }[] = [];
  for (const entry of day) {
    if (entry === self) continue;
    otherHours = sumOf(otherHours, entry.hours);
    const { startedAt, endedAt } = entry.content;
    if (startedAt !== undefined && endedAt !== undefined) intervals.push({ startedAt, endedAt });
  }
  return { otherHours, intervals };
};
