import { describe, expect, it } from 'vitest';
import { hoursToCutOff, hoursToPayCutOff, nearer } from './cut-off.js';
import { latestSignals, type Problem, type Signal } from './signals.js';

const problem: Problem = {
  reason: 'DESTINATION_REJECTED',
  groupKey: 'destination:erp',
  legalEntityId: 'DE01',
  detail: 'no',
  entryId: null,
  workDate: null,
  hours: null,
  amount: null,
  currency: null,
};
const raised = (orderNo: number, itemKey = 'posting:1'): Signal => ({ itemKey, orderNo, problems: [problem] });
const cleared = (orderNo: number, itemKey = 'posting:1'): Signal => ({ itemKey, orderNo, problems: [] });

describe('latestSignals', () => {
  it.each([
    ['the newer one, whatever comes last', [raised(2), cleared(1)], [raised(2)]],
    ['the newer one, whatever comes first', [cleared(1), raised(2)], [raised(2)]],
    ['of the same moment, the one that clears', [cleared(1), raised(1)], [cleared(1)]],
    ['of the same moment, the one that clears, also told later', [raised(1), cleared(1)], [cleared(1)]],
    ['one per item', [raised(1, 'a'), raised(1, 'b')], [raised(1, 'a'), raised(1, 'b')]],
  ])('keeps %s', (_what, signals, expected) => expect(latestSignals(signals)).toEqual(expected));
});

describe('hoursToCutOff', () => {
  const NOW = '2026-11-29T12:00:00.000Z';
  const period = (endDate: string, state: 'open' | 'closing' | 'closed') => ({
    code: `DE01/${endDate.slice(0, 7)}`,
    legalEntity: 'DE01',
    startDate: `${endDate.slice(0, 7)}-01`,
    endDate,
    state,
  });
  it('counts to the end of the earliest period that still takes postings', () =>
    expect(hoursToCutOff([period('2026-12-31', 'open'), period('2026-11-30', 'open')], NOW)).toBeCloseTo(36, 3));
  it('passes over closed and past periods', () =>
    expect(
      hoursToCutOff([period('2026-11-30', 'closed'), period('2026-10-31', 'open'), period('2026-12-01', 'closing')], NOW),
    ).toBeCloseTo(60, 3));
  it('knows none', () => expect(hoursToCutOff([period('2026-11-30', 'closed')], NOW)).toBeUndefined());
});

describe('hoursToPayCutOff', () => {
  const NOW = '2026-11-23T12:00:00.000Z';
  const group = { code: 'US-HOURLY', legalEntity: 'US01', timeZone: 'America/New_York' };
  const period = (cutOff: string, more: object = {}) => ({ code: `US-HOURLY/${cutOff}`, payGroup: 'US-HOURLY', cutOff, ...more });
  it('counts to the next one on the clocks of the group', () =>
    expect(
      hoursToPayCutOff([group], [period('2026-11-30T12:00'), period('2026-11-23T12:00'), period('2026-11-16T12:00')], NOW),
    ).toBe(5));
  it('passes over closed periods and other groups', () =>
    expect(
      hoursToPayCutOff(
        [group],
        [period('2026-11-23T12:00', { state: 'closed' }), period('2026-11-23T13:00', { payGroup: 'DE-MONTHLY' })],
        NOW,
      ),
    ).toBeUndefined());
  it('gives way to what is nearer', () => {
    expect([nearer(5, 3), nearer(undefined, 3), nearer(5, undefined), nearer(undefined, undefined)]).toEqual([
      3,
      3,
      5,
      undefined,
    ]);
  });
});
