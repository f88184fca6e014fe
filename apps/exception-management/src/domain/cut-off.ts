import { dateIn, localInstant, type Instant, type MasterAttributes } from '@tieout/model';

const HOUR_MS = 3_600_000;

/** Hours until the end of the earliest accounting period that still takes postings; undefined when none is known. */
export const hoursToCutOff = (periods: readonly MasterAttributes['accounting-period'][], now: Instant): number | undefined => {
  const today = dateIn(now, 'UTC');
  const ends = periods
    .flatMap(({ state, endDate }) => (state !== 'closed' && endDate !== undefined && endDate >= today ? [endDate] : []))
    .sort();
  const [first] = ends;
  return first === undefined ? undefined : (Date.parse(`${first}T23:59:59.999Z`) - Date.parse(now)) / HOUR_MS;
};

/** Hours until the next pay cut-off of these groups, in each group's time zone; undefined when none is known. */
export const hoursToPayCutOff = (
  groups: readonly MasterAttributes['pay-group'][],
  periods: readonly MasterAttributes['pay-period'][],
  now: Instant,
): number | undefined => {
  const zones = new Map(groups.flatMap(({ code, timeZone }) => (timeZone === undefined ? [] : [[code, timeZone] as const])));
  const ahead = periods.flatMap(({ payGroup, cutOff, state }) => {
    const zone = zones.get(payGroup ?? '');
    const at = zone === undefined || cutOff === undefined || state === 'closed' ? undefined : localInstant(cutOff, zone);
    return at !== undefined && at > now ? [Date.parse(at)] : [];
  });
  return ahead.length === 0 ? undefined : (Math.min(...ahead) - Date.parse(now)) / HOUR_MS;
};

/** The nearer of two, where either is known. */
export const nearer = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
