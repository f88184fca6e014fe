import type { ReleasedContent } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { monthOf, wantedFacts } from './facts.js';

const release: ReleasedContent = {
  workerId: 'w',
  workerCode: 'E1',
  workerType: 'contractor',
  legalEntityId: 'US01',
  projectId: 'p',
  projectCode: 'P1',
  workDate: '2026-11-03',
  hours: '7.50',
  billable: true,
  cost: { amount: '375.00', currency: 'USD', rateId: 'R1', rate: '50' },
  bill: { amount: '600.10', currency: 'EUR', rateId: 'B1', rate: '80' },
  routes: ['dw'],
};

describe('facts', () => {
  it('an hour is one fact with cost and bill, without trailing zeros and rates', () => {
    expect(wantedFacts(release)).toEqual([
      {
        leg: 'fact',
        content: {
          legalEntityId: 'US01',
          workerCode: 'E1',
          workerType: 'contractor',
          projectCode: 'P1',
          workDate: '2026-11-03',
          hours: '7.5',
          amount: '375',
          currency: 'USD',
          billable: true,
          billAmount: '600.1',
          billCurrency: 'EUR',
        },
      },
    ]);
  });

  it('the same amounts by another rate are the same fact', () => {
    const rerated = { ...release, hours: '7.5', cost: { ...release.cost, amount: '375', rateId: 'R2' } };
    expect(wantedFacts(rerated)).toEqual(wantedFacts(release));
  });

  it.each([
    ['2026-11-03', '2026-11', '2026-11-01', '2026-11-30'],
    ['2026-12-31', '2026-12', '2026-12-01', '2026-12-31'],
    ['2028-02-29', '2028-02', '2028-02-01', '2028-02-29'],
    ['2026-02-01', '2026-02', '2026-02-01', '2026-02-28'],
  ])('%s is in %s', (workDate, code, startDate, endDate) => {
    expect(monthOf(workDate)).toEqual({ code, startDate, endDate });
  });
});
