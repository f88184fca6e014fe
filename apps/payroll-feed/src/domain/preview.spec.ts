import { addDecimals } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { previewOf, totalsDiffer, type PaidHours, type PreviewQuestion } from './preview.js';

const hours = (workerCode: string, amount: string, payCode = 'NORMAL'): PaidHours => ({ workerCode, payCode, hours: amount });
const preview = (over: Partial<PreviewQuestion>) =>
  previewOf({
    runId: 'r1',
    endDate: '2026-11-30',
    totals: { count: 1, hours: '1', hashTotal: '00' },
    now: [],
    last: [],
    activeTo: new Map(),
    rules: { changePercent: 20, zeroHours: true, leavers: true },
    ...over,
  });
const alertsOf = (over: Partial<PreviewQuestion>) =>
  Object.fromEntries(preview(over).people.map((p) => [p.workerCode, p.alerts]));

describe('preview of a pay run', () => {
  it('compares each person and pay code with the last run', () => {
    const { people } = preview({
      now: [hours('E1', '150'), hours('E1', '8', 'NIGHT'), hours('E2', '160')],
      last: [hours('E1', '160'), hours('E2', '152'), hours('E2', '8', 'NIGHT')],
    });
    expect(people).toEqual([
      {
        workerCode: 'E1',
        now: '158',
        last: '160',
        payCodes: [
          { payCode: 'NIGHT', now: '8', last: '0' },
          { payCode: 'NORMAL', now: '150', last: '160' },
        ],
        alerts: [],
      },
      {
        workerCode: 'E2',
        now: '160',
        last: '160',
        payCodes: [
          { payCode: 'NIGHT', now: '0', last: '8' },
          { payCode: 'NORMAL', now: '160', last: '152' },
        ],
        alerts: [],
      },
    ]);
  });

  it('points out leavers, people without hours, large changes, new people and negative hours', () => {
    const now = [
      hours('left', '40'),
      hours('more', '193'),
      hours('less', '127'),
      hours('same', '192'),
      hours('new', '8'),
      hours('back', '-4'),
    ];
    const last = [...['left', 'more', 'less', 'same', 'none', 'gone', 'back'].map((code) => hours(code, '160'))];
    const activeTo = new Map([
      ['left', '2026-11-15'],
      ['gone', '2026-10-31'],
      ['same', '2026-11-30'],
    ]);
    expect(alertsOf({ now, last, activeTo })).toEqual({
      left: ['leaver', 'large-change'],
      more: ['large-change'],
      less: ['large-change'],
      same: [],
      new: ['new-person'],
      none: ['zero-hours'],
      gone: ['leaver'],
      back: ['large-change', 'negative'],
    });
    expect(preview({ now, last, activeTo }).alerts).toEqual({
      leaver: 2,
      'zero-hours': 1,
      'large-change': 4,
      'new-person': 1,
      negative: 1,
    });
  });

  it('a negative pay code shows although the total does not, and is never cut to zero', () => {
    const { people } = preview({ now: [hours('E1', '-3.25', 'NIGHT'), hours('E1', '40')], last: [hours('E1', '40')] });
    expect(people[0]).toMatchObject({ now: '36.75', alerts: ['negative'], payCodes: [{ payCode: 'NIGHT', now: '-3.25' }, {}] });
  });

  it('without an earlier run nobody is new and nothing has changed', () => {
    const { people } = preview({ now: [hours('E1', '40')], last: undefined });
    expect(people).toEqual([{ workerCode: 'E1', now: '40', payCodes: [{ payCode: 'NORMAL', now: '40' }], alerts: [] }]);
  });

  it('says nothing that policy does not ask for', () => {
    const rules = { changePercent: 1000, zeroHours: false, leavers: false };
    const activeTo = new Map([['E1', '2026-11-01']]);
    expect(alertsOf({ now: [], last: [hours('E1', '160')], activeTo, rules })).toEqual({ E1: [] });
  });

  it('every change of a figure or of the lines behind it changes the hash, and their order does not', () => {
    const paid = fc.record({
      workerCode: fc.constantFrom('E1', 'E2', 'E3'),
      payCode: fc.constantFrom('NORMAL', 'NIGHT'),
      hours: fc.integer({ min: -800, max: 800 }).map((n) => String(n / 4)),
    });
    const rows = fc.uniqueArray(paid, { selector: (one) => `${one.workerCode} ${one.payCode}`, minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rows, fc.nat(), (now, at) => {
        const { hash, people } = preview({ now });
        expect(preview({ now: [...now].reverse() }).hash).toBe(hash);
        const changed = now.map((one, n) => (n === at % now.length ? { ...one, hours: addDecimals([one.hours, '0.25']) } : one));
        expect(preview({ now: changed }).hash).not.toBe(hash);
        expect(preview({ now, totals: { count: 2, hours: '1', hashTotal: '01' } }).hash).not.toBe(hash);
        expect(addDecimals(people.map((person) => person.now))).toBe(addDecimals(now.map((one) => one.hours)));
      }),
    );
  });
});

describe('control totals of a run', () => {
  it.each([
    [{ count: 2, hours: '8.0', hashTotal: 'a' }, undefined],
    [{ count: 1, hours: '8', hashTotal: 'a' }, '1 lines are acknowledged, 2 were signed'],
    [{ count: 2, hours: '11', hashTotal: 'a' }, '11 hours are acknowledged, 8 were signed'],
    [{ count: 2, hours: '8', hashTotal: 'b' }, 'other lines are acknowledged than were signed: the hash totals differ'],
  ])('%j against what was signed: %s', (acknowledged, difference) => {
    expect(totalsDiffer({ count: 2, hours: '8', hashTotal: 'a' }, acknowledged)).toBe(difference);
  });
});
