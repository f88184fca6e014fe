import type { Origin } from '@tieout/delivery';
import type { MasterObject } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { accountingPeriods, resolvePeriod, type AccountingPeriod } from './periods.js';

const period = (code: string, state: AccountingPeriod['state'], revision = 1): AccountingPeriod => ({
  code,
  startDate: `${code}-01`,
  endDate: `${code}-28`,
  state,
  revision,
});
const hold = { lateOriginals: 'hold', lateCorrections: 'hold', closingTakes: [] } as const;
const next = {
  lateOriginals: 'first-open-period',
  lateCorrections: 'first-open-period',
  closingTakes: ['correction', 'late-approval'],
} as const;
const ask = (workDate: string, origin: Origin = 'original', more: object = {}) => ({ workDate, origin, ...more });
const codeOf = (answer: ReturnType<typeof resolvePeriod>): string =>
  answer.kind === 'period' ? answer.period.code : answer.reason;

describe('resolvePeriod', () => {
  const periods = [
    period('2026-09', 'closed'),
    period('2026-10', 'closing'),
    period('2026-11', 'open'),
    period('2026-12', 'open'),
  ];

  it('books into the period of the work date while it is open', () => {
    expect(codeOf(resolvePeriod(ask('2026-11-05'), periods, hold))).toBe('2026-11');
  });
  it('a closing period takes what policy says it takes', () => {
    expect(codeOf(resolvePeriod(ask('2026-10-05'), periods, hold))).toBe('PERIOD_CLOSED');
    expect(codeOf(resolvePeriod(ask('2026-10-05'), periods, { ...hold, closingTakes: ['late-approval'] }))).toBe('2026-10');
    expect(codeOf(resolvePeriod(ask('2026-10-05', 'correction'), periods, { ...hold, closingTakes: ['late-approval'] }))).toBe(
      'PERIOD_CLOSED',
    );
  });
  it('a closed period: hold, or the next that takes it', () => {
    expect(codeOf(resolvePeriod(ask('2026-09-05'), periods, hold))).toBe('PERIOD_CLOSED');
    expect(codeOf(resolvePeriod(ask('2026-09-05'), periods, next))).toBe('2026-10');
    expect(codeOf(resolvePeriod(ask('2026-09-05'), [periods[0]!], next))).toBe('NO_OPEN_PERIOD');
  });
  it('a work date without a period blocks', () => {
    expect(codeOf(resolvePeriod(ask('2031-01-05'), periods, next))).toBe('NO_OPEN_PERIOD');
  });
  it('a reversal goes where its line stands, while that period is open', () => {
    expect(codeOf(resolvePeriod(ask('2026-11-05', 'correction', { anchorPeriod: '2026-12' }), periods, next))).toBe('2026-12');
    expect(codeOf(resolvePeriod(ask('2026-11-05', 'correction', { anchorPeriod: '2026-09' }), periods, next))).toBe('2026-11');
  });
  it('believes a destination that refused the period until master data has news of it', () => {
    const refused = { refused: { '2026-11': 1 } };
    expect(codeOf(resolvePeriod(ask('2026-11-05', 'original', refused), periods, hold))).toBe('PERIOD_CLOSED');
    expect(codeOf(resolvePeriod(ask('2026-11-05', 'original', refused), periods, next))).toBe('2026-12');
    expect(codeOf(resolvePeriod(ask('2026-11-05', 'original', refused), [period('2026-11', 'open', 2)], hold))).toBe('2026-11');
  });
});

describe('accountingPeriods', () => {
  const object = (code: string, attributes: Record<string, string>, ambiguous = false): MasterObject => ({
    kind: 'accounting-period',
    id: code,
    code,
    revision: 3,
    legalEntityId: 'US01',
    timeline: [{ validFrom: '0001-01-01', attributes: { code, legalEntity: 'US01', ...attributes } }],
    crossReferences: [],
    attributeSources: {},
    ambiguous,
  });
  const dates = { startDate: '2026-11-01', endDate: '2026-11-30' };

  it('speaks the destination’s words and leaves out what is nobody’s period', () => {
    const objects = [
      object('US01/2026-11', { ...dates, state: 'open' }),
      object('US01/2026-12', { ...dates, state: 'open' }, true),
      object('US01/2027-01', dates),
      object('DE01/2026-11', { ...dates, state: 'open', legalEntity: 'DE01' }),
    ];
    expect(accountingPeriods('US01', objects, '2026-11-20')).toEqual([{ code: '2026-11', ...dates, state: 'open', revision: 3 }]);
  });
});
