import { describe, expect, it } from 'vitest';
import { localInstant } from './times.js';

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
