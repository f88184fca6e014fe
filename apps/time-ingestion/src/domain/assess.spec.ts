import { type MasterObject, type ReasonCode } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { entry, NOW, object, policy, policyWith, reasons, replaced, view, without, world } from '../../test/assess-world.js';
import { assess } from './assess.js';
import type { AssessmentSubject } from './facts.js';

describe('assess', () => {
  it('releases with resolved dimensions and amounts', () => {
    const verdict = assess(entry(), view(world()), policy, NOW);
    expect(verdict).toMatchObject({
      kind: 'released',
      legalEntityId: 'DE01',
      content: {
        hours: '7.5',
        costCentre: 'CC1',
        cost: { amount: '375.00', currency: 'EUR', rate: '50' },
        bill: { amount: '900.00', currency: 'USD' },
        routes: ['erp', 'payroll'],
        projectLegalEntityId: 'DE01',
        approvedAt: '2026-11-12T08:00:00.000Z',
      },
    });
    expect(verdict.dependsOn).toEqual(
      expect.arrayContaining(['worker:E1', 'project:P1', 'task:P1/T1', 'cost-rate:E1', 'accounting-periods:DE01']),
    );
  });

  it.each<[ReasonCode, AssessmentSubject, MasterObject[]]>([
    ['UNKNOWN_PROJECT', entry({ projectCode: 'NOPE', taskCode: undefined }), world()],
    ['INACTIVE_WORKER', entry(), replaced(object('worker', 'E1', { legalEntity: 'DE01', activeTo: '2026-11-09' }))],
    ['AMBIGUOUS_IDENTITY', entry(), replaced(object('worker', 'E1', { legalEntity: 'DE01' }, { ambiguous: true }))],
    ['UNKNOWN_COST_CENTRE', entry(), without('cost-centre', 'CC1')],
    ['INACTIVE_PROJECT', entry(), replaced(object('project', 'P1', { activeTo: '2026-11-06' }))],
    ['UNKNOWN_TASK', entry({ taskCode: 'T9' }), world()],
    ['CLOSED_TASK', entry(), replaced(object('task', 'P1/T1', { activeTo: '2026-11-01' }))],
    ['NOT_ASSIGNED', entry(), replaced(object('project', 'P1', { assignedOnly: 'true' }))],
    ['INTERCOMPANY_NOT_ALLOWED', entry(), replaced(object('project', 'P1', { legalEntity: 'US01' }))],
    ['MISSING_COST_RATE', entry(), without('cost-rate', 'E1')],
    ['MISSING_EXCHANGE_RATE', entry(), replaced(object('cost-rate', 'E1', { amount: '50', currency: 'USD' }))],
    ['HOURS_OUT_OF_RANGE', entry({ hours: '0.1' }), world()],
    ['DAILY_LIMIT_EXCEEDED', entry({}, { day: { otherHours: '5', intervals: [] } }), world()],
    ['FUTURE_WORK_DATE', entry({ workDate: '2026-11-24' }), world()],
    ['UNMAPPED_ACTIVITY', entry({ payCode: undefined }), world()],
    ['SELF_APPROVED', entry({}, { approval: { by: 'E1' } }), world()],
    ['APPROVER_NOT_AUTHORISED', entry({}, { approval: { by: 'X9' } }), world()],
    ['PERIOD_CLOSED', entry({ workDate: '2026-10-30' }), world()],
    ['NO_OPEN_PERIOD', entry({ workDate: '2026-09-30' }), world()],
  ])('holds with %s', (reason, subject, objects) => expect(reasons(subject, objects)).toEqual([reason]));

  it('holds with OVERLAP', () => {
    const times = { startedAt: '2026-11-10T08:00:00.000Z', endedAt: '2026-11-10T15:30:00.000Z' };
    const other = { startedAt: '2026-11-10T15:00:00.000Z', endedAt: '2026-11-10T16:00:00.000Z' };
    expect(reasons(entry(times, { day: { otherHours: '1', intervals: [other] } }))).toEqual(['OVERLAP']);
    expect(reasons(entry(times, { day: { otherHours: '1', intervals: [{ ...other, startedAt: times.endedAt }] } }))).toBe(
      'released',
    );
  });
  it('holds with NO_ROUTE', () => {
    const worker = object('worker', 'E1', { legalEntity: 'US01' });
    expect(reasons(entry(), [...replaced(worker)])).toContain('NO_ROUTE');
  });
  describe('intercompany time that is booked on both sides', () => {
    const pair = policyWith({ intercompany: 'due-to-due-from' });
    const period = (state: string) => ({ startDate: '2026-11-01', endDate: '2026-11-30', state, legalEntity: 'FR01' });
    const abroad = (project: string, state: string) =>
      assess(
        entry(),
        view([
          ...replaced(object('project', 'P1', { legalEntity: project })),
          object('accounting-period', 'FR01/2026-11', period(state)),
        ]),
        pair,
        NOW,
      );
    it('goes to both ERPs', () => {
      const verdict = abroad('FR01', 'open');
      expect(verdict).toMatchObject({
        kind: 'released',
        content: { legalEntityId: 'DE01', projectLegalEntityId: 'FR01', routes: ['erp', 'payroll', 'erp-france'] },
      });
      expect(verdict.dependsOn).toContain('accounting-periods:FR01');
    });
    it('needs an open period and an ERP in both', () => {
      expect(abroad('FR01', 'closed')).toMatchObject({
        kind: 'held',
        refusals: [{ reason: 'PERIOD_CLOSED', subject: 'period:FR01:FR01/2026-11' }],
      });
      expect(abroad('US01', 'open')).toMatchObject({
        kind: 'held',
        refusals: [{ reason: 'NO_ROUTE', subject: 'legal-entity:US01' }, { reason: 'NO_OPEN_PERIOD' }],
      });
    });
    it('is nothing else at home', () => {
      expect(assess(entry(), view(world()), pair, NOW)).toMatchObject({ content: { routes: ['erp', 'payroll'] } });
    });
  });
  it('names every refusal, not just the first', () =>
    expect(reasons(entry({ hours: '20', taskCode: 'T9', payCode: undefined }))).toEqual([
      'DAILY_LIMIT_EXCEEDED',
      'HOURS_OUT_OF_RANGE',
      'UNKNOWN_TASK',
      'UNMAPPED_ACTIVITY',
    ]));
  it('lets grace days pass, per region', () =>
    expect(reasons(entry(), replaced(object('project', 'P1', { activeTo: '2026-11-07' })))).toBe('released'));
  it('waits for an unknown key until its grace has passed', () => {
    const recent = entry({ projectCode: 'NEW', taskCode: undefined }, { versionReceivedAt: '2026-11-23T08:59:30.000Z' });
    expect(reasons(recent)).toBe('waiting');
  });
  it('lets a correction of a closed period through to the first open one', () =>
    expect(reasons(entry({ workDate: '2026-10-30' }, { correction: true }))).toBe('released'));
  it('takes the day from the worker’s zone', () => {
    const late = '2026-11-23T23:30:00.000Z'; // already the 24th in Berlin
    expect(assess(entry({ workDate: '2026-11-24' }), view(world()), policy, late).kind).toBe('released');
  });
});
