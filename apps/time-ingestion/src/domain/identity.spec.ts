import type { MasterObject } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { entry, NOW, object, policyWith, reasons, replaced, view, world } from '../../test/assess-world.js';
import { assess } from './assess.js';

const project = { legalEntity: 'DE01', billable: 'true' };
const spell = (code: string, attributes: Record<string, string>, more: Partial<MasterObject> = {}) =>
  object('worker', code, { legalEntity: 'DE01', type: 'employee', timeZone: 'Europe/Berlin', ...attributes }, more);
/** Every object of the world that is not named here, and these. */
const withObjects = (...objects: MasterObject[]) => [
  ...world().filter((one) => !objects.some(({ kind, code }) => kind === one.kind && code === one.code)),
  ...objects,
];
const verdict = (subject: ReturnType<typeof entry>, objects: readonly MasterObject[], policy = policyWith()) =>
  assess(subject, view(objects), policy, NOW);

describe('one person with two records', () => {
  const days = { with: 'C7', from: '2026-11-09', to: '2026-11-13' };
  const shared = replaced(spell('E1', {}, { sharedIdentity: [days] }));
  it.each([
    ['2026-11-08', 'released'],
    ['2026-11-09', ['AMBIGUOUS_IDENTITY']],
    ['2026-11-13', ['AMBIGUOUS_IDENTITY']],
    ['2026-11-14', 'released'],
  ])('holds time only of the days on which both are active: %s', (workDate, expected) => {
    expect(reasons(entry({ workDate }), shared)).toEqual(expected);
  });
  it('is the other one from the day of the merge on: its entity, its rates, its code', () => {
    const contractor = spell(
      'C7',
      { type: 'contractor', activeTo: '2026-11-30' },
      { id: '00000000-0000-5000-8000-0000000000c7', mergedInto: { code: 'E1', validFrom: '2026-11-09' } },
    );
    const objects = withObjects(contractor, object('cost-rate', 'C7', { amount: '80', currency: 'EUR' }));
    expect(verdict(entry({ workerCode: 'C7', workDate: '2026-11-08' }), objects)).toMatchObject({
      content: { workerCode: 'C7', workerType: 'contractor', cost: { rate: '80' } },
    });
    const merged = verdict(entry({ workerCode: 'C7', workDate: '2026-11-09' }), objects);
    expect(merged).toMatchObject({ content: { workerCode: 'E1', workerType: 'employee', cost: { rate: '50' } } });
    // A change of either, an undone merge among them, is a reason to look again.
    expect(merged.dependsOn).toEqual(expect.arrayContaining(['worker:C7', 'worker:E1', 'cost-rate:E1']));
  });
  it('approves the own time under neither record', () => {
    const other = spell(
      'C7',
      {},
      { id: '00000000-0000-5000-8000-0000000000c7', mergedInto: { code: 'E1', validFrom: '2026-01-01' } },
    );
    const objects = withObjects(other, object('cost-rate', 'C7', { amount: '80', currency: 'EUR' }));
    const anyone = policyWith({ approvers: 'anyone' });
    const both = [entry({}, { approval: { by: 'C7' } }), entry({ workerCode: 'C7' }, { approval: { by: 'E1' } })];
    for (const subject of both)
      expect(verdict(subject, objects, anyone)).toMatchObject({ kind: 'held', refusals: [{ reason: 'SELF_APPROVED' }] });
  });
  it('who was hired again is active in both spells, and not between them', () => {
    const again = replaced(
      object(
        'worker',
        'E1',
        {},
        {
          timeline: [
            { validFrom: '2020-01-01', attributes: { legalEntity: 'DE01', activeFrom: '2020-01-01', activeTo: '2026-11-05' } },
            { validFrom: '2026-11-16', attributes: { legalEntity: 'DE01', activeFrom: '2026-11-16' } },
          ],
        },
      ),
    );
    expect(['2026-11-05', '2026-11-06', '2026-11-16'].map((workDate) => reasons(entry({ workDate }), again))).toEqual([
      'released',
      ['INACTIVE_WORKER'],
      'released',
    ]);
  });
  it('who moved to another legal entity belongs to the one of the work date', () => {
    const moved = [
      ...replaced(
        object(
          'worker',
          'E1',
          {},
          {
            timeline: [
              { validFrom: '2020-01-01', attributes: { legalEntity: 'FR01' } },
              { validFrom: '2026-11-16', attributes: { legalEntity: 'DE01' } },
            ],
          },
        ),
      ),
      object('legal-entity', 'FR01', { currency: 'EUR', region: 'EMEA' }),
      object('accounting-period', 'FR01/2026-11', { startDate: '2026-11-01', endDate: '2026-11-30', state: 'open' }),
    ];
    const policy = policyWith({ intercompany: 'allow-labour-cost' });
    const entity = (workDate: string) => verdict(entry({ workDate }), moved, policy);
    expect(entity('2026-11-15')).toMatchObject({ kind: 'released', content: { legalEntityId: 'FR01', routes: [] } });
    expect(entity('2026-11-16')).toMatchObject({
      kind: 'released',
      content: { legalEntityId: 'DE01', routes: ['erp', 'payroll'] },
    });
  });
});

describe('a project whose code changed mid-week', () => {
  const renamed = withObjects(
    object('project', 'P2', project, { formerCodes: [{ code: 'P1', until: '2026-11-17' }] }),
    object('task', 'P2/T1', {}),
    object('bill-rate', 'P2', { amount: '120', currency: 'USD' }),
  ).filter(({ kind, code }) => !(code.startsWith('P1') && ['project', 'task', 'bill-rate'].includes(kind)));
  it.each([
    ['P1', '2026-11-17', 'P1'],
    ['P1', '2026-11-18', 'P2'],
    ['P2', '2026-11-17', 'P1'],
    ['P2', '2026-11-18', 'P2'],
  ])('recorded on %s for %s, by work date: posted on %s', (projectCode, workDate, posted) => {
    const result = verdict(entry({ projectCode, workDate }), renamed);
    expect(result).toMatchObject({ kind: 'released', content: { projectCode: posted, bill: { currency: 'USD' } } });
    expect(result.dependsOn).toContain('project:P2');
  });
  it('by posting date, the code of the day of posting counts, whatever it was recorded on', () => {
    const byPosting = policyWith({}, { rates: { ...policyWith().rates, projectCodeDate: 'posting-date' } });
    const late = entry({ projectCode: 'P1', workDate: '2026-10-30' }, { correction: true });
    const onOctober = withObjects(
      ...renamed.filter(({ kind }) => kind !== 'project'),
      object('project', 'P2', project, { formerCodes: [{ code: 'P1', until: '2026-10-31' }] }),
    ).filter(({ kind, code }) => !(kind === 'project' && code === 'P1'));
    expect(verdict(late, onOctober)).toMatchObject({ content: { projectCode: 'P1' } });
    expect(verdict(late, onOctober, byPosting)).toMatchObject({ content: { projectCode: 'P2' } });
  });
  it('a code that another project has by now means that one only since then', () => {
    const heir = object('project', 'P1', project, { id: '00000000-0000-5000-8000-00000000beef' });
    const objects = [...renamed, heir, object('task', 'P1/T1', {})];
    expect(verdict(entry({ workDate: '2026-11-17' }), objects)).not.toMatchObject({ content: { projectId: heir.id } });
    expect(verdict(entry({ workDate: '2026-11-18' }), objects)).toMatchObject({ content: { projectId: heir.id } });
  });
  it('opened again, it takes time again', () => {
    expect(
      reasons(entry({ workDate: '2026-11-20' }), replaced(object('project', 'P1', { ...project, activeTo: '2026-11-10' }))),
    ).toEqual(['INACTIVE_PROJECT']);
    expect(reasons(entry({ workDate: '2026-11-20' }), replaced(object('project', 'P1', project)))).toBe('released');
  });
});

describe('approvers by right', () => {
  const rights = policyWith({ approvers: 'rights' });
  const right = (scope: string, code: string, attributes: Record<string, string> = {}, approver = 'M1') =>
    object('approver-right', `${scope}:${code}/${approver}`, { approver, scope, scopeCode: code, ...attributes });
  const held = (objects: MasterObject[], approval = entry().approval) => {
    const result = verdict(entry({}, { approval }), withObjects(...objects), rights);
    return result.kind === 'held' ? result.refusals.map(({ reason }) => reason) : result.kind;
  };
  it.each<[string, MasterObject[], unknown]>([
    ['none', [], ['APPROVER_NOT_AUTHORISED']],
    ['for the legal entity', [right('legal-entity', 'DE01')], 'released'],
    ['for the project', [right('project', 'P1')], 'released'],
    ['for the worker', [right('worker', 'E1')], 'released'],
    ['for another project', [right('project', 'P9')], ['APPROVER_NOT_AUTHORISED']],
    ['of somebody else', [right('project', 'P1', {}, 'M2')], ['APPROVER_NOT_AUTHORISED']],
    ['that ended the day before', [right('project', 'P1', { activeTo: '2026-11-11' })], ['APPROVER_NOT_AUTHORISED']],
    ['that counts until the day of approval', [right('project', 'P1', { activeTo: '2026-11-12' })], 'released'],
    ['that begins later', [right('project', 'P1', { activeFrom: '2026-11-13' })], ['APPROVER_NOT_AUTHORISED']],
  ])('a right %s', (_title, objects, expected) => {
    expect(held(objects)).toEqual(expected);
  });
  it('counts on the work date where the source does not tell when it was approved', () => {
    expect(held([right('project', 'P1', { activeTo: '2026-11-10' })], { by: 'M1' })).toBe('released');
    expect(held([right('project', 'P1', { activeTo: '2026-11-09' })], { by: 'M1' })).toEqual(['APPROVER_NOT_AUTHORISED']);
  });
  it('is looked at again when it is given', () => {
    const { dependsOn } = verdict(entry(), world(), rights);
    expect(dependsOn).toEqual(
      expect.arrayContaining([
        'approver-right:legal-entity:DE01/M1',
        'approver-right:project:P1/M1',
        'approver-right:worker:E1/M1',
      ]),
    );
  });
  it('belongs to the person, whichever record approved', () => {
    const other = spell('M7', {}, { mergedInto: { code: 'M1', validFrom: '2026-01-01' } });
    expect(held([other, spell('M1', {}), right('project', 'P1')], { by: 'M7' })).toBe('released');
  });
});
