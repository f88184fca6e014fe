import type { ReleasedContent } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { wantedLines } from './wanted.js';

const release = (over: Partial<ReleasedContent> = {}): ReleasedContent => ({
  workerId: 'w',
  workerCode: 'E1',
  workerType: 'employee',
  legalEntityId: 'DE01',
  projectId: 'p',
  projectCode: 'P1',
  workDate: '2026-11-10',
  approvedAt: '2026-11-11T08:00:00.000Z',
  hours: '7.50',
  billable: true,
  payCode: 'NORMAL',
  cost: { amount: '637.5', currency: 'EUR', rateId: 'r', rate: '85' },
  routes: ['bureau'],
  ...over,
});
const rules = { excludedPayCodes: (legalEntityId: string) => (legalEntityId === 'DE01' ? ['VACATION'] : []) };

describe('what payroll shall pay for', () => {
  it('hours under their pay code, and no word of what they cost', () => {
    expect(wantedLines(release(), rules)).toEqual([
      {
        leg: 'pay:NORMAL',
        content: {
          ...{ legalEntityId: 'DE01', workerCode: 'E1', workerType: 'employee', projectCode: 'P1', workDate: '2026-11-10' },
          ...{
            hours: '7.5',
            amount: '0',
            currency: 'EUR',
            billable: true,
            payCode: 'NORMAL',
            approvedAt: '2026-11-11T08:00:00.000Z',
          },
        },
      },
    ]);
  });

  it('another rate is nothing new to payroll', () => {
    const dearer = release({ cost: { amount: '900', currency: 'EUR', rateId: 'r2', rate: '120' } });
    expect(wantedLines(dearer, rules)).toEqual(wantedLines(release(), rules));
  });

  it('nothing for contractors, nor for time off that HR sends itself', () => {
    expect(wantedLines(release({ workerType: 'contractor' }), rules)).toEqual([]);
    expect(wantedLines(release({ payCode: 'VACATION' }), rules)).toEqual([]);
    expect(wantedLines(release({ payCode: 'VACATION', legalEntityId: 'US01' }), rules)).toHaveLength(1);
  });

  it('an hour without a pay code is owed all the same', () => {
    const { payCode: _, ...without } = release();
    expect(wantedLines(without, rules)).toMatchObject([{ leg: 'pay:', content: { payCode: '' } }]);
  });
});
