import { ALWAYS, type MasterKind, type MasterObject, type TimeEntryContent } from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';
import { describe, expect, it } from 'vitest';
import { MasterIndex, MasterView } from './master-view.js';
import { openTimeOf, type RecordedTime } from './open-time.js';

const object = (kind: MasterKind, code: string, ...segments: Record<string, string>[]): MasterObject => ({
  kind,
  code,
  id: '00000000-0000-5000-8000-000000000001',
  revision: 1,
  legalEntityId: 'DE01',
  timeline: segments.map(({ validFrom = ALWAYS, ...attributes }) => ({ validFrom, attributes: { code, ...attributes } })),
  crossReferences: [],
  attributeSources: {},
  ambiguous: false,
});
const DE01 = object('legal-entity', 'DE01', { currency: 'EUR', region: 'EMEA' });
const RATE = object(
  'cost-rate',
  'E1',
  { amount: '50', currency: 'EUR' },
  { validFrom: '2026-11-09', amount: '60', currency: 'EUR' },
);
const P1 = object('project', 'P1', { legalEntity: 'FR01', billable: 'true' });
const policy = { rates: { amountCurrency: 'legal-entity' } } as CompiledPolicy;
const window = { from: '2026-11-02', to: '2026-11-15' };

const recorded = (workDate: string, hours: string, approved: boolean, more: Partial<TimeEntryContent> = {}): RecordedTime => ({
  content: { workerCode: 'E1', projectCode: 'P1', workDate, hours, ...more },
  approved,
});
const viewOf = (master: readonly MasterObject[]): MasterView => {
  const index = new MasterIndex();
  for (const one of master) index.put(one.kind, one.code, [one]);
  return new MasterView(index);
};
const ask = (worker: MasterObject, time: RecordedTime[] = [], master: MasterObject[] = [DE01, RATE, P1]) =>
  openTimeOf({ worker, legalEntityId: 'DE01', window, recorded: time }, viewOf(master), policy);
const EVA = object('worker', 'E1', { legalEntity: 'DE01', costCentre: 'CC1', type: 'employee' });

describe('open time of a worker', () => {
  it('names who recorded nothing, with days and the rate of the last', () => {
    expect(ask(EVA)).toEqual({
      workerCode: 'E1',
      workerType: 'employee',
      costCentre: 'CC1',
      region: 'EMEA',
      workingDays: 10,
      recordedHours: '0',
      costRate: '60.00',
      currency: 'EUR',
      unapproved: [],
    });
  });

  it('sums what is not approved by project, task and billable, each hour at the rate of its day', () => {
    const answer = ask(EVA, [
      recorded('2026-11-03', '8', true),
      recorded('2026-11-06', '2', false),
      recorded('2026-11-09', '1.5', false),
      recorded('2026-11-10', '1', false, { taskCode: 'T1' }),
      recorded('2026-11-10', '0.5', false, { billable: false }),
    ]);
    expect(answer?.recordedHours).toBe('13');
    expect(answer?.unapproved).toEqual([
      { projectCode: 'P1', projectLegalEntityId: 'FR01', billable: true, hours: '3.5', amount: '190' },
      { projectCode: 'P1', projectLegalEntityId: 'FR01', taskCode: 'T1', billable: true, hours: '1', amount: '60' },
      { projectCode: 'P1', projectLegalEntityId: 'FR01', billable: false, hours: '0.5', amount: '30' },
    ]);
  });

  it('keeps hours apart that have no rate, and gives them no amount', () => {
    const late = object('cost-rate', 'E1', { validFrom: '2026-11-09', amount: '60', currency: 'EUR' });
    const answer = ask(EVA, [recorded('2026-11-06', '2', false), recorded('2026-11-09', '3', false)], [DE01, late]);
    expect(answer?.unapproved).toEqual([
      { projectCode: 'P1', billable: false, hours: '2' },
      { projectCode: 'P1', billable: false, hours: '3', amount: '180' },
    ]);
    expect(ask(EVA, [], [DE01])).not.toHaveProperty('costRate');
  });

  it('counts only days on which the worker is active in the legal entity', () => {
    const moved = object('worker', 'E1', { legalEntity: 'DE01' }, { validFrom: '2026-11-05', legalEntity: 'US01' });
    expect(ask(moved)).toMatchObject({ workingDays: 3, costRate: '50.00' });
    expect(ask(object('worker', 'E1', { legalEntity: 'DE01', activeFrom: '2026-11-12' }))).toMatchObject({ workingDays: 2 });
    expect(ask(object('worker', 'E1', { legalEntity: 'DE01', activeTo: '2026-11-01' }))).toBeUndefined();
    expect(ask(object('worker', 'E1', { legalEntity: 'US01' }))).toBeUndefined();
  });
});
