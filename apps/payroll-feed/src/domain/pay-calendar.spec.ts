import type { MasterObject } from '@tieout/model';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { payCalendar, payGroupOn } from './pay-calendar.js';

const object = (kind: 'pay-group' | 'pay-period', code: string, attributes: Record<string, string>, over = {}): MasterObject => ({
  kind,
  id: code,
  code,
  revision: 1,
  legalEntityId: 'DE01',
  timeline: [{ validFrom: '0001-01-01', attributes: { code, ...attributes } }],
  crossReferences: [],
  attributeSources: {},
  ambiguous: false,
  ...over,
});
const group = (timeZone: string) => object('pay-group', 'G', { timeZone, legalEntity: 'DE01' });
const period = (name: string, cutOff: string, over = {}) =>
  object(
    'pay-period',
    `G/${name}`,
    { payGroup: 'G', startDate: '2026-01-01', endDate: '2026-12-31', cutOff, state: 'open' },
    over,
  );
const cutOffIn = (zone: string, local: string) =>
  payCalendar([group(zone)], [period('P', local)], '2026-11-23').periodsOf('G')[0]?.cutOff;

describe('pay calendar', () => {
  it.each([
    ['Europe/Berlin', '2026-03-27T18:00', '2026-03-27T17:00:00.000Z'],
    // The Sunday on which the clock goes forward: 18:00 is an hour closer to Greenwich than the day before.
    ['Europe/Berlin', '2026-03-29T18:00', '2026-03-29T16:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25T18:00', '2026-10-25T17:00:00.000Z'],
    ['America/New_York', '2026-11-01T23:59', '2026-11-02T04:59:00.000Z'],
    ['Asia/Kolkata', '2026-11-25T18:00', '2026-11-25T12:30:00.000Z'],
    ['Pacific/Auckland', '2026-11-25T09:00', '2026-11-24T20:00:00.000Z'],
  ])('a cut-off in %s at %s is the instant %s', (zone, local, instant) => {
    expect(cutOffIn(zone, local)).toBe(instant);
  });

  it('every cut-off reads as the local time that was asked for, unless the clock never showed it', () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/Sao_Paulo'];
    const minutes = fc.integer({ min: 0, max: 365 * 24 * 60 - 1 });
    fc.assert(
      fc.property(fc.constantFrom(...zones), minutes, (zone, minute) => {
        const local = DateTime.utc(2026, 1, 1).plus({ minutes: minute }).toFormat("yyyy-MM-dd'T'HH:mm");
        const shown = DateTime.fromISO(cutOffIn(zone, local)!, { zone }).toFormat("yyyy-MM-dd'T'HH:mm");
        const exists = DateTime.fromISO(local, { zone }).toFormat("yyyy-MM-dd'T'HH:mm") === local;
        expect(shown === local).toBe(exists);
      }),
    );
  });

  it('leaves out what is ambiguous or incomplete, and orders by cut-off', () => {
    const calendar = payCalendar(
      [group('Europe/Berlin'), object('pay-group', 'H', {})],
      [
        period('late', '2026-12-20T12:00'),
        period('early', '2026-11-20T12:00'),
        period('twice', '2026-11-21T12:00', { ambiguous: true }),
        period('unreadable', 'on Friday'),
        object('pay-period', 'H/1', {
          payGroup: 'H',
          startDate: '2026-01-01',
          endDate: '2026-01-31',
          cutOff: '2026-01-31T12:00',
        }),
      ],
      '2026-11-23',
    );
    expect(calendar.periodsOf('G').map(({ code }) => code)).toEqual(['G/early', 'G/late']);
    expect([...calendar.groups.keys()]).toEqual(['G']);
    expect(calendar.periodsOf('H')).toEqual([]);
  });

  it('knows the group of a worker on each day, and none of an ambiguous one', () => {
    const worker = {
      ambiguous: false,
      timeline: [
        { validFrom: '0001-01-01', attributes: { code: 'E1', payGroup: 'G' } },
        { validFrom: '2026-11-16', attributes: { code: 'E1', payGroup: 'H' } },
      ],
    };
    expect([payGroupOn(worker, '2026-11-15'), payGroupOn(worker, '2026-11-16')]).toEqual(['G', 'H']);
    expect([payGroupOn(undefined, '2026-11-15'), payGroupOn({ ...worker, ambiguous: true }, '2026-11-15')]).toEqual([
      undefined,
      undefined,
    ]);
  });
});
