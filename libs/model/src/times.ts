import { DateTime } from 'luxon';

/** Calendar date "2026-11-23", without a zone: where the work was done says which day it was. */
export type WorkDate = string;
/** Calendar date under which an ERP books. */
export type PostingDate = string;
/** UTC instant, "2026-11-23T09:12:00.000Z". */
export type Instant = string;
/** What a clock on the wall shows, "2026-11-23T12:00": an instant only together with a zone. */
export type LocalDateTime = string;
/** IANA name, "Europe/Berlin". */
export type TimeZone = string;

const DATE = /^\d{4}-\d{2}-\d{2}$/;

// A month-end reads a million dates and instants: what is written plainly is read without a library.
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeapYear = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

export const isCalendarDate = (value: unknown): value is WorkDate => {
  if (typeof value !== 'string' || !DATE.test(value)) return false;
  const month = Number(value.slice(5, 7));
  const day = Number(value.slice(8));
  const days = month === 2 && isLeapYear(Number(value.slice(0, 4))) ? 29 : DAYS_IN_MONTH[month - 1];
  return days !== undefined && day >= 1 && day <= days;
};

const PLAIN_UTC = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?Z$/;

/** Any ISO 8601 text with an offset becomes a UTC instant. @returns undefined when it is not one. */
export const toInstant = (value: string): Instant | undefined => {
  if (PLAIN_UTC.test(value)) return isCalendarDate(value.slice(0, 10)) ? new Date(value).toISOString() : undefined;
  if (!/T.*(Z|[+-]\d{2}:?\d{2})$/i.test(value)) return undefined;
  const at = DateTime.fromISO(value, { setZone: true });
  return at.isValid ? at.toUTC().toISO()! : undefined;
};

/** The calendar date at an instant in a zone. */
export const dateIn = (instant: Instant, zone: TimeZone): WorkDate =>
  DateTime.fromISO(instant, { zone: 'utc' }).setZone(zone).toISODate()!;

const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/;

/**
 * The instant at which a clock in the zone shows this. An hour that the change to summer time skips counts as if the clock had not
 * been changed (02:30 is then 03:30); of one that comes twice, the first is meant.
 * @returns undefined when it is not a local date and time
 */
export const localInstant = (local: LocalDateTime, zone: TimeZone): Instant | undefined => {
  const at = DateTime.fromISO(local, { zone });
  if (!LOCAL.test(local) || !at.isValid) return undefined;
  const [first, second] = at.getPossibleOffsets() as [DateTime, DateTime?];
  return DateTime.min(first, second ?? first)
    .toUTC()
    .toISO()!;
};

export const isTimeZone = (zone: string): boolean => DateTime.local().setZone(zone).isValid;

const DAY_MS = 86_400_000;

export const addDays = (date: WorkDate, days: number): WorkDate => {
  const ms = isCalendarDate(date) ? Date.parse(`${date}T00:00:00Z`) + days * DAY_MS : NaN;
  // Beyond the years of four digits, ISO 8601 is written otherwise.
  if (ms >= FIRST_MS && ms <= LAST_MS) return new Date(ms).toISOString().slice(0, 10);
  return DateTime.fromISO(date, { zone: 'utc' }).plus({ days }).toISODate()!;
};
const FIRST_MS = Date.parse('0000-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Adds an ISO 8601 duration ("PT4H", "P2D") to an instant, in UTC. */
export const addDuration = (instant: Instant, isoDuration: string): Instant =>
  DateTime.fromISO(instant, { zone: 'utc' }).plus(durationParts(isoDuration)).toISO()!;

const durationParts = (iso: string): { days?: number; hours?: number; minutes?: number; seconds?: number } => {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(iso);
  if (!match || iso === 'P' || iso.endsWith('T'))
    throw new RangeError(`not a duration: "${iso}" (expected for example PT4H or P2D)`);
  const [, days, hours, minutes, seconds] = match.map((part) => (part === undefined ? undefined : Number(part)));
  return {
    ...(days !== undefined && { days }),
    ...(hours !== undefined && { hours }),
    ...(minutes !== undefined && { minutes }),
    ...(seconds !== undefined && { seconds }),
  };
};

/** Milliseconds of an ISO 8601 duration. @throws RangeError when it is not one. */
export const durationMs = (iso: string): number => {
  const { days = 0, hours = 0, minutes = 0, seconds = 0 } = durationParts(iso);
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
};

/** End of a half-open effective range: later than every date. */
export const FOREVER: WorkDate = '9999-12-31';
/** Start of what has always been so. */
export const ALWAYS: WorkDate = '0001-01-01';
