import { dateIn, type Instant, type MasterAttributes } from '@tieout/model';

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
