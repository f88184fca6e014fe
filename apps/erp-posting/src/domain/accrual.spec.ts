import type { WorkerTimeV1 } from '@tieout/contracts';
import { describe, expect, it } from 'vitest';
import { accrualsOf } from './accrual.js';

const question = { legalEntityId: 'US01', period: '2026-11', lastDay: '2026-11-30', reverseInto: '2026-12' };
const policy = {
  missing: 'accrue' as const,
  unapproved: 'accrue' as const,
  missingProject: () => 'INTERNAL',
  expectedHoursPerDay: () => '8',
};
const worker = (over: Partial<WorkerTimeV1> = {}): WorkerTimeV1 => ({
  workerCode: 'E1',
  workerType: 'employee',
  workingDays: 2,
  recordedHours: '10',
  costRate: '50.333',
  currency: 'USD',
  unapproved: [{ projectCode: 'P1', billable: true, hours: '4', amount: '200' }],
  ...over,
});
const figures = (workers: WorkerTimeV1[], rules = policy) =>
  accrualsOf(workers, question, rules).accruals.map(({ content }) => [content.projectCode, content.hours, content.amount]);

describe('accrualsOf', () => {
  it('accrues what is recorded and not approved, and what should have been recorded', () => {
    expect(figures([worker()])).toEqual([
      ['P1', '4', '200'],
      ['INTERNAL', '6', '302'],
    ]);
  });
  it('as policy says, and nothing of a contractor who recorded nothing', () => {
    expect(figures([worker()], { ...policy, missing: 'none' as never })).toEqual([['P1', '4', '200']]);
    expect(figures([worker({ workerType: 'contractor', unapproved: [] })])).toEqual([]);
    expect(figures([worker({ recordedHours: '20', unapproved: [] })])).toEqual([]);
  });
  it('names who has no rate instead of guessing one', () => {
    const { costRate: _, currency: __, ...poor } = worker({ unapproved: [{ projectCode: 'P1', billable: true, hours: '4' }] });
    expect(accrualsOf([poor], question, policy)).toEqual({ accruals: [], withoutRate: ['E1'] });
  });
  it('reverses itself into the next period, and asked again it is the same amount', () => {
    const [first] = accrualsOf([worker()], question, policy).accruals;
    const [again] = accrualsOf([worker()], question, policy).accruals;
    expect(first).toEqual(again);
    expect(first!.content).toMatchObject({ workDate: '2026-11-30', reverseInto: '2026-12' });
  });
});
