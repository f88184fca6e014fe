import { addDays } from '@tieout/model';
import type { ListItem } from '../kit/list-store.js';
import type { PayPeriod } from '../payroll/payroll-state.js';
import { addMonths, firstOfMonth, lastOfMonth, mondayOf, monthOf, type DemoDays } from './days.js';

export interface DemoPayGroup {
  readonly code: string;
  readonly name: string;
  readonly legalEntity: string;
  readonly timezone: string;
}

interface GroupPeriod {
  /** Unique within the group. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** As a clock in the group's zone shows it. */
  readonly cutOff: string;
  readonly paidOn: string;
}

/** Monday to Sunday; cut-off at noon of the Monday after, paid on the Friday of the week after that. */
const weeks = (today: string): GroupPeriod[] =>
  Array.from({ length: 12 }, (_, n) => {
    const from = addDays(mondayOf(today), 7 * (n - 8));
    const to = addDays(from, 6);
    return { name: `W${from}`, from, to, cutOff: `${addDays(to, 1)}T12:00`, paidOn: addDays(to, 12) };
  });

const months = (today: string): string[] => Array.from({ length: 6 }, (_, n) => addMonths(firstOfMonth(today), n - 3));

/** First to fifteenth and the rest of the month. */
const halfMonths = (today: string): GroupPeriod[] =>
  months(today).flatMap((first) =>
    [
      { name: `${monthOf(first)}-A`, from: first, to: addDays(first, 14) },
      { name: `${monthOf(first)}-B`, from: addDays(first, 15), to: lastOfMonth(first) },
    ].map((half) => ({ ...half, cutOff: `${addDays(half.to, 2)}T17:00`, paidOn: addDays(half.to, 7) })),
  );

/** From the 21st to the 20th, so that the pay is there at the end of the month. */
const payMonths = (today: string): GroupPeriod[] =>
  months(today).map((first) => {
    const to = addDays(first, 19);
    return {
      name: monthOf(first),
      from: addDays(addMonths(first, -1), 20),
      to,
      cutOff: `${addDays(to, 2)}T18:00`,
      paidOn: lastOfMonth(first),
    };
  });

const calendarMonths = (today: string): GroupPeriod[] =>
  months(today).map((first) => {
    const to = lastOfMonth(first);
    return { name: monthOf(first), from: first, to, cutOff: `${addDays(to, 1)}T10:30`, paidOn: addDays(to, 5) };
  });

const GROUPS: readonly (DemoPayGroup & { readonly periods: (today: string) => GroupPeriod[] })[] = [
  { code: 'US-HOURLY', name: 'US hourly, weekly', legalEntity: 'US01', timezone: 'America/New_York', periods: weeks },
  {
    code: 'US-SALARIED',
    name: 'US salaried, twice a month',
    legalEntity: 'US01',
    timezone: 'America/New_York',
    periods: halfMonths,
  },
  { code: 'DE-MONTHLY', name: 'Germany, monthly', legalEntity: 'DE01', timezone: 'Europe/Berlin', periods: payMonths },
  { code: 'IN-MONTHLY', name: 'India, monthly', legalEntity: 'IN01', timezone: 'Asia/Kolkata', periods: calendarMonths },
];

/** The pay group of an employee; every third person and all managers in the US are salaried. Contractors have none. */
export const payGroupOf = (legalEntity: string, salaried: boolean): string => {
  if (legalEntity === 'US01') return salaried ? 'US-SALARIED' : 'US-HOURLY';
  return GROUPS.find((group) => group.legalEntity === legalEntity)!.code;
};

const PAY_CODES: readonly (readonly [code: string, name: string, timeOff: boolean])[] = [
  ['REG', 'Regular time', false],
  ['TRV', 'Travel time', false],
  ['TRN', 'Training', false],
  ['PTO', 'Paid time off', true],
  ['SICK', 'Sick leave', true],
];

/**
 * What HR says of pay. Periods before the two weeks of the demo were paid by what was there before Tieout; of the hourly group at
 * least one period with time in it is always past its cut-off and one is before it.
 */
export const payLists = (days: DemoDays): Record<string, ListItem[]> => ({
  'pay-groups': GROUPS.map(({ code, name, legalEntity, timezone }) => ({ id: code, code, name, legalEntity, timezone })),
  'pay-periods': GROUPS.flatMap((group) =>
    group.periods(days.today).map((period) => ({
      id: `${group.code}-${period.name}`,
      payGroup: group.code,
      ...period,
      status: period.to < addDays(days.today, -14) ? 'paid' : 'open',
    })),
  ),
  'pay-codes': PAY_CODES.map(([code, name, timeOff]) => ({ id: code, code, name, timeOff })),
});

/** What the payroll bureau knows of the firm: the same as HR says of pay. */
export const payrollOf = (
  hr: Readonly<Record<string, readonly ListItem[]>>,
): { readonly employees: string[]; readonly payCodes: string[]; readonly periods: PayPeriod[] } => ({
  employees: hr['workers']!.flatMap(({ id, jobs }) =>
    (jobs as readonly { readonly payGroup?: string }[]).some(({ payGroup }) => payGroup !== undefined) ? [id] : [],
  ),
  payCodes: PAY_CODES.map(([code]) => code),
  periods: hr['pay-periods']!.map((period) => ({
    payGroup: period['payGroup'] as string,
    name: period['name'] as string,
    from: period['from'] as string,
    to: period['to'] as string,
    state: period['status'] === 'open' ? 'open' : 'closed',
  })),
});
