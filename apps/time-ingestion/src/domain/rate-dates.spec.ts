import type { MasterObject, WorkDate } from '@tieout/model';
import type { RateRules } from '@tieout/policy';
import { describe, expect, it } from 'vitest';
import { entry, NOW, object, policyWith, view, world } from '../../test/assess-world.js';
import { assess } from './assess.js';

const ALWAYS = '0001-01-01';
const rate = (kind: 'cost-rate' | 'bill-rate', code: string, amounts: Record<WorkDate, string>): MasterObject =>
  object(
    kind,
    code,
    {},
    {
      timeline: Object.entries(amounts).map(([validFrom, amount]) => ({
        validFrom,
        attributes: { code, amount, currency: 'EUR' },
      })),
    },
  );
// P-OLD became P1 on the first of November.
const objects = [
  ...world().filter(({ kind, code }) => !['cost-rate', 'bill-rate'].includes(kind) && code !== 'P1'),
  object('project', 'P1', { legalEntity: 'DE01', billable: 'true' }, { formerCodes: [{ code: 'P-OLD', until: '2026-10-31' }] }),
  rate('cost-rate', 'E1', { [ALWAYS]: '50', '2026-11-01': '60' }),
  rate('bill-rate', 'P1', { [ALWAYS]: '100', '2026-11-01': '110' }),
];
const assessed = (rates: Partial<RateRules>, more: Parameters<typeof entry>[1] = {}, workDate = '2026-10-20') => {
  const policy = policyWith(
    {},
    {
      rates: {
        costRateDate: 'work-date',
        billRateDate: 'work-date',
        projectCodeDate: 'work-date',
        amountCurrency: 'legal-entity',
        ...rates,
      },
    },
  );
  const subject = entry({ projectCode: 'P-OLD', taskCode: undefined, workDate, hours: '1' }, { correction: true, ...more });
  const verdict = assess(subject, view(objects), policy, NOW);
  if (verdict.kind !== 'released') throw new Error(JSON.stringify(verdict));
  const { cost, bill, projectCode } = verdict.content;
  return { period: verdict.period, postingDate: verdict.postingDate, cost: cost.rate, bill: bill?.rate, projectCode };
};

describe('a late hour of October, booked into November', () => {
  const booked = { period: 'DE01/2026-11', postingDate: '2026-11-01' };
  it.each<[Partial<RateRules>, object]>([
    [{}, { cost: '50', bill: '100', projectCode: 'P-OLD' }],
    [{ costRateDate: 'posting-date' }, { cost: '60', bill: '100', projectCode: 'P-OLD' }],
    [{ billRateDate: 'posting-date' }, { cost: '50', bill: '110', projectCode: 'P-OLD' }],
    [{ projectCodeDate: 'posting-date' }, { cost: '50', bill: '100', projectCode: 'P1' }],
  ])('has rates and code as policy says: %j', (rates, expected) => expect(assessed(rates)).toEqual({ ...booked, ...expected }));
  it('keeps the date with which it was released, whatever period is open by now', () =>
    expect(assessed({ costRateDate: 'posting-date' }, { releasedPostingDate: '2026-10-20' })).toMatchObject({
      postingDate: '2026-10-20',
      cost: '50',
    }));
});

describe('an hour in time', () => {
  it('is booked on its own day, so that both dates are one', () => {
    const all = { costRateDate: 'posting-date', billRateDate: 'posting-date', projectCodeDate: 'posting-date' } as const;
    const expected = { period: 'DE01/2026-11', postingDate: '2026-11-10', cost: '60', bill: '110', projectCode: 'P1' };
    expect(assessed(all, {}, '2026-11-10')).toEqual(expected);
    expect(assessed({}, {}, '2026-11-10')).toEqual(expected);
  });
});
