import { dateIn, Decimal, isCalendarDate, isDecimalString, toDecimalString, toInstant } from '@tieout/model';
import { DateTime } from 'luxon';

/** A value read, or what was expected instead. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string };
const read = <T>(value: T | undefined, expected: string): Read<T> =>
  value === undefined ? { ok: false, expected } : { ok: true, value };

/**
 * Shows a malformed value only when it is made of digits and signs: anything with letters may be a name or an e-mail
 * address that somebody typed into the wrong column.
 */
export const shownValue = (value: string): string =>
  /^[\d\s.,:;/+%*()-]{1,40}$/.test(value) ? `"${value}"` : `a text of ${value.length} characters`;

const TOKENS: Readonly<Record<string, string>> = {
  yyyy: '(?<y>\\d{4})',
  MM: '(?<m>\\d{2})',
  M: '(?<m>\\d{1,2})',
  dd: '(?<d>\\d{2})',
  d: '(?<d>\\d{1,2})',
};

/** Reads calendar dates of one format. The pattern is compiled once: a month-end has a million of them. */
export const dateReader = (format: string | undefined, zone: string | undefined): ((text: string) => Read<string>) => {
  if (format === 'instant')
    return (text) => {
      const at = toInstant(text);
      return read(at && dateIn(at, zone ?? 'utc'), 'an instant with an offset, for example 2026-11-23T09:00:00Z');
    };
  const pattern = format ?? 'yyyy-MM-dd';
  const regexp = new RegExp(`^${pattern.replace(/yyyy|MM|M|dd|d|[./ -]/g, (token) => TOKENS[token] ?? `\\${token}`)}$`);
  return (text) => {
    const parts = regexp.exec(text)?.groups;
    const date = parts && `${parts['y']}-${parts['m']!.padStart(2, '0')}-${parts['d']!.padStart(2, '0')}`;
    return read(isCalendarDate(date) ? date : undefined, `a date as ${pattern}`);
  };
};

export const instantReader = (format: string | undefined, zone: string | undefined): ((text: string) => Read<string>) => {
  if (format === undefined || format === 'instant')
    return (text) => read(toInstant(text), 'an instant with an offset, for example 2026-11-23T09:00:00Z');
  return (text) => {
    const at = DateTime.fromFormat(text, format, { zone: zone ?? 'utc' });
    return read(at.isValid ? at.toUTC().toISO()! : undefined, `a time as ${format}`);
  };
};

/** Sixty-firsts do not exist in decimals: minutes and seconds keep twelve digits, as many as a decimal carries. */
const PLACES = 12;

export const hoursReader = (unit: string | undefined, separator: string | undefined): ((text: string) => Read<string>) => {
  if (unit === 'hh:mm')
    return (text) => {
      const parts = /^(-?)(\d{1,6}):([0-5]\d)$/.exec(text);
      const value = parts && new Decimal(parts[2]!).plus(new Decimal(parts[3]!).dividedBy(60)).times(parts[1] === '-' ? -1 : 1);
      return read(value ? toDecimalString(value.toDecimalPlaces(PLACES)) : undefined, 'hours and minutes as hh:mm');
    };
  const divisor = unit === 'minutes' ? 60 : unit === 'seconds' ? 3600 : 1;
  const comma = separator === ',';
  const expected = `${unit ?? 'hours'} as a decimal number, for example ${comma ? '7,5' : '7.5'}`;
  return (text) => {
    if (comma && text.includes('.')) return read<string>(undefined, expected);
    const plain = (comma ? text.replace(',', '.') : text).replace(/^\+/, '').replace(/^(-?)\./, '$10.');
    if (!isDecimalString(plain)) return read<string>(undefined, expected);
    const value = new Decimal(plain);
    return read(toDecimalString(divisor === 1 ? value : value.dividedBy(divisor).toDecimalPlaces(PLACES)), expected);
  };
};

const TRUE = new Set(['true', '1', 'yes', 'y']);
const FALSE = new Set(['false', '0', 'no', 'n']);
export const booleanReader = (text: string): Read<boolean> => {
  const lower = text.toLowerCase();
  return read(TRUE.has(lower) ? true : FALSE.has(lower) ? false : undefined, 'true or false (list other words under "values")');
};
