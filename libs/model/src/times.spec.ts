import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { addDays, isCalendarDate, localInstant, toInstant } from './times.js';

describe('localInstant', () => {
  it.each([
    ['2026-11-25T12:00', 'Europe/Berlin', '2026-11-25T11:00:00.000Z'],
    ['2026-06-25T12:00', 'Europe/Berlin', '2026-06-25T10:00:00.000Z'],
    ['2026-11-25T12:00:30', 'Asia/Kolkata', '2026-11-25T06:30:30.000Z'],
    // Skipped in spring: the clock that was not put forward would show it half an hour after the change.
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    // Twice in autumn, east and west of Greenwich: the first.
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-11-01T01:30', 'America/New_York', '2026-11-01T05:30:00.000Z'],
    ['2026-04-05T02:30', 'Australia/Sydney', '2026-04-04T15:30:00.000Z'],
  ])('%s in %s is %s', (local, zone, instant) => {
    expect(localInstant(local, zone)).toBe(instant);
  });
  it.each([
    ['2026-11-25', 'Europe/Berlin'],
    ['2026-11-25T12:00Z', 'Europe/Berlin'],
    ['2026-11-25T25:00', 'Europe/Berlin'],
    ['2026-11-25T12:00', 'Europe/Bielefeld'],
  ])('%s in %s is none', (local, zone) => {
    expect(localInstant(local, zone)).toBeUndefined();
  });
});

describe('what is read without a library is read as the library reads it', () => {
  const two = (most: number) => fc.integer({ min: 0, max: most }).map((n) => String(n).padStart(2, '0'));
  const date = fc
    .tuple(fc.oneof(fc.integer({ min: 0, max: 9999 }), fc.constantFrom(1900, 2000, 2024, 2026)), two(13), two(32))
    .map(([year, month, day]) => `${String(year).padStart(4, '0')}-${month}-${day}`);
  const time = fc
    .tuple(
      two(25),
      two(61),
      two(61),
      fc.constantFrom('', '.5', '.25', '.123', '.1234'),
      fc.constantFrom('Z', 'z', '+00:00', '-05:30', ''),
    )
    .map(([h, m, s, fraction, zone]) => `${h}:${m}:${s}${fraction}${zone}`);

  it('dates', () => {
    fc.assert(fc.property(date, (text) => isCalendarDate(text) === DateTime.fromISO(text, { zone: 'utc' }).isValid));
    expect(['2026-1-1', '20260101', '2026-W01-1', '', 20260101].map(isCalendarDate)).toEqual([false, false, false, false, false]);
  });
  it('instants', () => {
    const byLibrary = (text: string): string | undefined => {
      const at = DateTime.fromISO(text, { setZone: true });
      return /(Z|[+-]\d{2}:?\d{2})$/i.test(text) && at.isValid ? at.toUTC().toISO()! : undefined;
    };
    fc.assert(
      fc.property(date, time, (day, hour) => {
        expect(toInstant(`${day}T${hour}`)).toBe(byLibrary(`${day}T${hour}`));
      }),
      { numRuns: 1000 },
    );
  });
  it('days later and earlier', () => {
    const days = fc.oneof(fc.integer({ min: -800, max: 800 }), fc.integer({ min: -4_000_000, max: 4_000_000 }));
    fc.assert(
      fc.property(date, days, (from, count) => {
        expect(addDays(from, count)).toBe(DateTime.fromISO(from, { zone: 'utc' }).plus({ days: count }).toISODate());
      }),
      { numRuns: 1000 },
    );
  });
});
