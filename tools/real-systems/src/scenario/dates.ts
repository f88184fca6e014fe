/** Calendar dates as text, in UTC: no time zone of the machine may shift a day. */
const DAY_MS = 86_400_000;

export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
export const monthOf = (date: string): string => date.slice(0, 7);
export const firstOfMonth = (date: string): string => `${monthOf(date)}-01`;
const weekday = (date: string): number => new Date(`${date}T00:00:00Z`).getUTCDay();
export const isWorkday = (date: string): boolean => weekday(date) >= 1 && weekday(date) <= 5;
const mondayOf = (date: string): string => addDays(date, -((weekday(date) + 6) % 7));

export interface Calendar {
  /** Three weeks, Monday to Sunday, that begin in a month which is closed and end in one that is open; all of it in the past. */
  readonly from: string;
  readonly to: string;
  readonly closedMonth: string;
  readonly openDays: readonly string[];
  readonly closedDays: readonly string[];
}

/** The last three weeks before `today` that straddle a month's end. */
export const calendarFor = (today: string): Calendar => {
  let boundary = firstOfMonth(today);
  // 20 days behind the boundary at most: none of it may lie in the future.
  if (addDays(boundary, 20) >= today) boundary = firstOfMonth(addDays(boundary, -1));
  const from = mondayOf(addDays(boundary, -1));
  const days = Array.from({ length: 21 }, (_, i) => addDays(from, i)).filter(isWorkday);
  const weekdaysBefore = days.filter((day) => day < boundary);
  return {
    from,
    to: addDays(from, 20),
    closedMonth: monthOf(addDays(boundary, -1)),
    openDays: days.filter((day) => day >= boundary),
    closedDays: weekdaysBefore,
  };
};
