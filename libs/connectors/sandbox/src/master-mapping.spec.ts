import { describe, expect, it } from 'vitest';
import { HR_READS, PSA_READS } from './master-mapping.js';

const worker = (more: object) =>
  HR_READS.worker!.map({
    id: 'w1',
    workerNo: 'E1',
    category: 'EMP',
    hiredOn: '2020-01-01',
    leftOn: '2024-12-31',
    ...more,
  } as never);

describe('workers', () => {
  it('have the spell of the person, or that of the job where a job tells one', () => {
    const jobs = [
      { effective: '2020-01-01', legalEntity: 'DE01' },
      { effective: '2026-03-01', legalEntity: 'US01', hiredOn: '2026-03-01' },
    ];
    const { timeline } = worker({ jobs, personId: 'H1', login: 'erika' });
    expect(timeline.map(({ attributes }) => [attributes['activeFrom'], attributes['activeTo']])).toEqual([
      ['2020-01-01', '2024-12-31'],
      ['2026-03-01', undefined],
    ]);
    expect(timeline[0]!.attributes).toMatchObject({ person: 'H1', userName: 'erika' });
  });
});

describe('approvers and milestones', () => {
  it('come in our words', () => {
    expect(
      PSA_READS['approver-right']!.map({ id: 'a', employee: 'M1', level: 'company', of: 'DE01', to: '2026-06-30' } as never)
        .timeline[0],
    ).toMatchObject({
      attributes: {
        code: 'legal-entity:DE01/M1',
        approver: 'M1',
        scope: 'legal-entity',
        scopeCode: 'DE01',
        activeTo: '2026-06-30',
      },
    });
    const milestone = { id: 'm', project: 'P-1', code: 'START', amount: '10.00', currency: 'EUR', status: 'billed' };
    expect(PSA_READS['billing-milestone']!.map(milestone as never)).toMatchObject({
      code: 'P-1/START',
      timeline: [{ attributes: { project: 'P-1', amount: '10.00', state: 'invoiced' } }],
    });
  });
  it('of an unknown kind are no records', () => {
    expect(() => PSA_READS['approver-right']!.map({ id: 'a', employee: 'M1', level: 'team', of: 'X' } as never)).toThrow(
      'approver: "level" is "team": expected one of company, project, person',
    );
  });
});
