import { addDays } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PayCalendar, PayPeriod } from './pay-calendar.js';
import { payPeriodFor, type PayPeriodQuestion } from './pay-period.js';

const period = (payGroup: string, month: string, over: Partial<PayPeriod> = {}): PayPeriod => ({
  code: `${payGroup}/2026-${month}`,
  payGroup,
  startDate: `2026-${month}-01`,
  endDate: `2026-${month}-28`,
  cutOff: `2026-${month}-25T17:00:00.000Z`,
  state: 'open',
  revision: 1,
  ...over,
});
const calendarOf = (periods: readonly PayPeriod[]): PayCalendar => ({
  groups: new Map(
    ['G', 'H', 'X'].map((code) => [code, { code, legalEntityId: code === 'X' ? 'US01' : 'DE01', timeZone: 'Europe/Berlin' }]),
  ),
  periodsOf: (group) => periods.filter(({ payGroup }) => payGroup === group).sort((a, b) => (a.cutOff < b.cutOff ? -1 : 1)),
});
const MONTHS = ['09', '10', '11', '12'];
const ALL = ['G', 'H', 'X'].flatMap((group) => MONTHS.map((month) => period(group, month)));

const question = (over: Partial<PayPeriodQuestion> = {}): PayPeriodQuestion => ({
  workDate: '2026-11-10',
  legalEntityId: 'DE01',
  origin: 'original',
  madeAt: '2026-11-12T09:00:00.000Z',
  groupAtWorkDate: 'G',
  currentGroup: 'G',
  afterCutOff: 'next-run',
  ...over,
});
const answer = (over: Partial<PayPeriodQuestion> = {}, signed: readonly string[] = [], periods = ALL): string => {
  const found = payPeriodFor(question(over), calendarOf(periods), (code) => signed.includes(code));
  return found.kind === 'period' ? found.period.code : found.reason;
};

describe('which run pays for a line', () => {
  it('an original in time: the period of its work date, in the group of that date', () => {
    expect(answer()).toBe('G/2026-11');
    expect(answer({ currentGroup: 'H' })).toBe('G/2026-11');
  });

  it('approved at the very cut-off is in time, a millisecond later is not', () => {
    expect(answer({ madeAt: '2026-11-25T17:00:00.000Z' })).toBe('G/2026-11');
    expect(answer({ madeAt: '2026-11-25T17:00:00.001Z' })).toBe('G/2026-12');
    expect(answer({ madeAt: '2026-11-25T18:00:00+01:00' })).toBe('G/2026-11');
  });

  it('too late, or the run is signed or closed: the next run of the group of today', () => {
    expect(answer({ madeAt: '2026-11-26T09:00:00.000Z', currentGroup: 'H' })).toBe('H/2026-12');
    expect(answer({ currentGroup: 'H' }, ['G/2026-11'])).toBe('H/2026-11');
    expect(answer({}, ['G/2026-11'])).toBe('G/2026-12');
    expect(answer({}, [], [period('G', '11', { state: 'closed' }), period('G', '12')])).toBe('G/2026-12');
  });

  it('a correction goes into the next run of the group of today, whenever the hour was worked', () => {
    expect(answer({ origin: 'correction', workDate: '2026-09-03' })).toBe('G/2026-11');
    expect(answer({ origin: 'correction', workDate: '2026-09-03', currentGroup: 'H' })).toBe('H/2026-11');
    expect(answer({ origin: 'correction' }, ['G/2026-11'])).toBe('G/2026-12');
  });

  it('policy may hold corrections of a run that is past its cut-off or signed', () => {
    const held = { origin: 'correction', afterCutOff: 'hold' } as const;
    expect(answer({ ...held, workDate: '2026-09-03' })).toBe('CUTOFF_MISSED');
    expect(answer(held, ['G/2026-11'])).toBe('CUTOFF_MISSED');
    // The run of its own date still takes it, or nobody knows of such a run.
    expect(answer(held)).toBe('G/2026-11');
    expect(answer({ ...held, workDate: '2026-01-05' })).toBe('G/2026-11');
    // Hours that come for the first time are paid all the same.
    expect(answer({ ...held, origin: 'original', workDate: '2026-09-03' })).toBe('G/2026-11');
  });

  it('a period that payroll called closed is believed until a newer revision is heard of', () => {
    expect(answer({ refused: { 'G/2026-11': 1 } })).toBe('G/2026-12');
    expect(answer({ refused: { 'G/2026-11': 1 } }, [], [period('G', '11', { revision: 2 })])).toBe('G/2026-11');
  });

  it('a worker who moved to another legal entity is put right where the hours were paid', () => {
    expect(answer({ origin: 'correction', currentGroup: 'X' })).toBe('G/2026-11');
    expect(answer({ origin: 'correction', currentGroup: 'X', groupAtWorkDate: 'X', legalEntityId: 'DE01' })).toBe('X/2026-11');
  });

  it('nowhere to go is a reason, not a guess', () => {
    expect(answer({ groupAtWorkDate: undefined, currentGroup: undefined })).toBe('NO_OPEN_PERIOD');
    expect(answer({ madeAt: '2027-01-02T00:00:00.000Z' })).toBe('NO_OPEN_PERIOD');
    expect(answer({ groupAtWorkDate: undefined })).toBe('G/2026-11');
  });

  it('whatever the calendar: never a signed, closed or missed run, and never a later one than needed', () => {
    const periods = fc.array(
      fc.record({
        month: fc.constantFrom(...MONTHS),
        state: fc.constantFrom('open' as const, 'closed' as const),
        cutOffDay: fc.integer({ min: 1, max: 28 }),
      }),
      { maxLength: 6 },
    );
    const asked = fc.record({
      origin: fc.constantFrom('original' as const, 'correction' as const),
      workDay: fc.integer({ min: 0, max: 120 }),
      madeDay: fc.integer({ min: 0, max: 120 }),
      signed: fc.subarray(MONTHS.map((month) => `G/2026-${month}`)),
    });
    fc.assert(
      fc.property(periods, asked, (rows, { origin, workDay, madeDay, signed }) => {
        const byMonth = new Map(
          rows.map(({ month, state, cutOffDay }) => [
            month,
            period('G', month, { state, cutOff: `2026-${month}-${String(cutOffDay).padStart(2, '0')}T17:00:00.000Z` }),
          ]),
        );
        const all = [...byMonth.values()];
        const madeAt = `${addDays('2026-09-01', madeDay)}T12:00:00.000Z`;
        const workDate = addDays('2026-09-01', workDay);
        const usable = all.filter((p) => p.state === 'open' && !signed.includes(p.code) && madeAt <= p.cutOff);
        const own = usable.find((p) => p.startDate <= workDate && workDate <= p.endDate);
        const earliest = [...usable].sort((a, b) => (a.cutOff < b.cutOff ? -1 : 1))[0];
        const expected = (origin === 'original' ? own : undefined) ?? earliest;
        expect(answer({ origin, workDate, madeAt }, signed, all)).toBe(expected?.code ?? 'NO_OPEN_PERIOD');
      }),
    );
  });
});
