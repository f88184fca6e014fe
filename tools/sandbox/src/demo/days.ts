import { addDays } from '@tieout/model';

const weekday = (date: string): number => new Date(`${date}T00:00:00Z`).getUTCDay();
export const isWorkday = (date: string): boolean => weekday(date) !== 0 && weekday(date) !== 6;
export const mondayOf = (date: string): string => addDays(date, -((weekday(date) + 6) % 7));

export const datesBetween = (from: string, to: string): string[] => {
  const dates: string[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) dates.push(date);
  return dates;
};
export const monthOf = (date: string): string => date.slice(0, 7);
export const firstOfMonth = (date: string): string => `${monthOf(date)}-01`;
export const lastOfMonth = (date: string): string => addDays(firstOfMonth(addDays(firstOfMonth(date), 32)), -1);

/** The two weeks of the demo and the days around them, all relative to `today`. */
export interface DemoDays {
  readonly today: string;
  /** The 14 days that end yesterday; workdays only. Today itself has not begun everywhere. */
  readonly workdays: readonly string[];
  /** Old projects and tasks ended on the day before the two weeks. */
  readonly ended: string;
  /** A workday at most 3 days after `ended`: inside every region's grace. */
  readonly withinGrace: string;
  /** A workday more than 10 days after `ended`: beyond every region's grace. */
  readonly beyondGrace: string;
  /** In the last month whose period is closed. */
  readonly late: string;
  readonly future: string;
  /** Everything that has always been so begins here. */
  readonly longAgo: string;
}

export const demoDays = (today: string): DemoDays => {
  const workdays = datesBetween(addDays(today, -14), addDays(today, -1)).filter(isWorkday);
  const ended = addDays(today, -15);
  const early = workdays.find((date) => date <= addDays(ended, 3));
  const recent = workdays.findLast((date) => date > addDays(ended, 10));
  const lastClosed = addDays(firstOfMonth(addDays(today, -14)), -1);
  const late = datesBetween(firstOfMonth(lastClosed), lastClosed).findLast(isWorkday);
  if (early === undefined || recent === undefined || late === undefined) throw new RangeError(`no workdays around ${today}`);
  return {
    today,
    workdays,
    ended,
    withinGrace: early,
    beyondGrace: recent,
    late,
    future: addDays(today, 7),
    longAgo: addDays(today, -500),
  };
};

/** First day of the month that lies so many months later. */
export const addMonths = (date: string, months: number): string => {
  const [year = 0, month = 0] = date.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
};
