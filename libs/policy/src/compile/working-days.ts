import { addDays, type WorkDate } from '@tieout/model';

export const DAY_NAMES = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type DayName = (typeof DAY_NAMES)[number];

export const weekday = (date: WorkDate): DayName => DAY_NAMES[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7]!;

/** "2026-11" */
export type Month = string;

export const monthOf = (date: WorkDate): Month => date.slice(0, 7);
export const addMonths = (month: Month, count: number): Month => {
  const [year, index] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, index - 1 + count, 1)).toISOString().slice(0, 7);
};
/** The day of the month, or its last day where it has no such day. */
export const dayOfMonth = (month: Month, day: number | 'last'): WorkDate => {
  const last = addDays(`${addMonths(month, 1)}-01`, -1);
  const asked = `${month}-${String(day).padStart(2, '0')}`;
  return day === 'last' || asked > last ? last : asked;
};

/** Which days people work on: weekdays that are no holidays. */
export class WorkingDays {
  constructor(
    private readonly days: readonly DayName[],
    private readonly holidays: ReadonlySet<WorkDate>,
  ) {}

  includes(date: WorkDate): boolean {
    return this.days.includes(weekday(date)) && !this.holidays.has(date);
  }

  /** The n-th working day of the month, from its end for negative n; of a month with fewer, the one that comes nearest. */
  ofMonth(month: Month, n: number): WorkDate {
    const first = dayOfMonth(month, 1);
    const last = dayOfMonth(month, 'last');
    let found = n > 0 ? first : last;
    let left = Math.abs(n);
    for (let date = found; left > 0 && first <= date && date <= last; date = addDays(date, Math.sign(n)))
      if (this.includes(date)) {
        found = date;
        left--;
      }
    return found;
  }

  /** So many working days after the date, or before it where `count` is negative; the date itself for none. */
  shift(date: WorkDate, count: number): WorkDate {
    let found = date;
    for (let left = Math.abs(count); left > 0;) {
      found = addDays(found, Math.sign(count));
      if (this.includes(found)) left--;
    }
    return found;
  }
}
