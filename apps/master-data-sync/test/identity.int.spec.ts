import {
  QUESTIONS,
  type EmployeeLookUpAnswerV1,
  type MasterLookUpAnswerV1,
  type ProjectValidationAnswerV1,
} from '@tieout/contracts';
import { addDays, type MasterKind, type TimelineSegment } from '@tieout/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld(({ hr, psa }) => {
    hr.put('legal-entity', 'l1', 'DE01', { region: 'EMEA' }).put('legal-entity', 'l2', 'US01', { region: 'NA' });
    hr.put('worker', 'w1', 'E1', { legalEntity: 'DE01', activeFrom: '2020-01-01', userName: 'erika', person: 'H1' });
    // A contractor who was hired before the contract ended.
    hr.put('worker', 'w2', 'C7', {
      legalEntity: 'DE01',
      activeFrom: '2025-01-01',
      activeTo: '2026-06-30',
      person: 'H7',
      userName: 'seven',
    });
    hr.put('worker', 'w3', 'E7', { legalEntity: 'DE01', activeFrom: '2026-06-15', person: 'H7', userName: 'seven' });
    psa.put('client', 'k1', 'ACME').put('client', 'k2', 'ACME-OLD').put('client', 'k3', 'ACME-OLDEST');
    psa.put('project', 'p1', 'P-100', { legalEntity: 'DE01', client: 'ACME-OLD', activeTo: '2026-10-31' });
    psa.put('project', 'p2', 'P-200', { legalEntity: 'US01', assignedOnly: 'true' });
    psa.put('project', 'p3', 'P-900', { legalEntity: 'DE01' });
    psa.put('task', 't1', 'P-100/T1', { project: 'P-100' }).put('task', 't2', 'P-900/T1', { activeTo: '2026-03-31' });
    psa.put('assignment', 'a1', 'P-200/E1', { project: 'P-200', worker: 'E1', activeFrom: '2026-02-01' });
  });
});
afterAll(() => world.stop());

const today = () => world.service.runtime.clock.now().slice(0, 10);
const finance = { subject: 'finn', roles: ['finance'] };
const decide = async (kind: MasterKind, verb: 'merge' | 'unmerge', body: object) => {
  const answer = await world.call('POST', `/master/${kind}/${verb}`, { why: 'one and the same, HR says', ...body }, finance);
  return [answer.status, ((await answer.json()) as { code?: string }).code] as const;
};
const lookUp = (kind: MasterKind, code: string, on: string) =>
  world.ask<MasterLookUpAnswerV1>(QUESTIONS.masterLookUp, { kind, code, on });
const employee = (body: object) => world.ask<EmployeeLookUpAnswerV1>(QUESTIONS.employeeLookUp, body);
const validate = (body: object) => world.ask<ProjectValidationAnswerV1>(QUESTIONS.projectValidation, body);
const published = async (code: string) =>
  (
    await world.rows<{ body: { revision: number; mergedInto?: object; sharedIdentity?: object[] } }>(
      `select body from outbox where type = 'master.object.changed.v1' and body->>'code' = $1 order by id desc limit 1`,
      [code],
    )
  )[0]?.body;

describe('one person with two records', () => {
  it('is ambiguous on the days on which both are active, and on no other', async () => {
    expect(await world.object('worker', 'C7')).toMatchObject({
      ambiguous: false,
      sharedIdentity: [{ with: 'E7', from: '2026-06-15', to: '2026-06-30' }],
    });
    expect((await published('E7'))!.sharedIdentity).toEqual([{ with: 'C7', from: '2026-06-15', to: '2026-06-30' }]);
    expect((await world.object('worker', 'E1'))!.sharedIdentity).toBeUndefined();
    expect([
      await lookUp('worker', 'C7', '2026-06-14'),
      await lookUp('worker', 'C7', '2026-06-20'),
      await lookUp('worker', 'E7', '2026-07-01'),
    ]).toMatchObject([{ found: true, code: 'C7' }, { found: false }, { found: true, code: 'E7' }]);
    expect(await employee({ userName: 'seven', on: '2026-06-20' })).toMatchObject({ found: false, reason: 'AMBIGUOUS_IDENTITY' });
    expect(await employee({ userName: 'seven', on: '2026-06-10' })).toMatchObject({
      found: true,
      active: true,
      worker: { code: 'C7' },
    });
    expect(await employee({ userName: 'seven', on: '2026-07-10' })).toMatchObject({
      found: true,
      active: true,
      worker: { code: 'E7' },
    });
  });

  it('is the other one from the day on that a person names, and two again when that is undone', async () => {
    expect(await decide('worker', 'merge', { from: 'C7', into: 'E7', validFrom: '2026-06-15' })).toEqual([200, undefined]);
    expect(await published('C7')).toMatchObject({ mergedInto: { code: 'E7', validFrom: '2026-06-15' } });
    for (const code of ['C7', 'E7']) expect((await world.object('worker', code))!.sharedIdentity).toBeUndefined();
    expect(await lookUp('worker', 'C7', '2026-06-14')).toMatchObject({ found: true, code: 'C7' });
    expect(await lookUp('worker', 'C7', '2026-06-20')).toMatchObject({ found: true, code: 'E7' });
    expect(await employee({ userName: 'seven', on: '2026-06-20' })).toMatchObject({ found: true, worker: { code: 'E7' } });
    expect(await employee({ connection: 'hr', externalId: 'w2', on: '2026-06-20' })).toMatchObject({
      found: true,
      worker: { code: 'E7' },
    });
    expect(await decide('worker', 'merge', { from: 'C7', into: 'E1', validFrom: '2026-06-15' })).toEqual([409, 'merged-already']);
    expect(await decide('worker', 'merge', { from: 'E7', into: 'C7', validFrom: '2026-06-15' })).toEqual([409, 'merge-circle']);
    // A synchronisation changes nothing of what a person decided.
    await world.sync('hr');
    expect((await world.object('worker', 'C7'))!.mergedInto).toEqual({ code: 'E7', validFrom: '2026-06-15' });

    expect(await decide('worker', 'unmerge', { from: 'C7' })).toEqual([200, undefined]);
    expect(await decide('worker', 'unmerge', { from: 'C7' })).toEqual([409, 'not-merged']);
    expect(await lookUp('worker', 'C7', '2026-06-20')).toEqual({ found: false });
    const audited = await world.rows<{ action: string; actor: string }>(
      `select action, actor from audit_record where action like 'master.merge.%' order by id`,
    );
    expect(audited).toEqual([
      { action: 'master.merge.decided', actor: 'user:finn' },
      { action: 'master.merge.undone', actor: 'user:finn' },
    ]);
  });

  it('is no question where one record ended before the other began: a rehire under a new number', async () => {
    world.hr.put('worker', 'r1', 'E8', { activeFrom: '2020-01-01', activeTo: '2024-12-31', legalEntity: 'DE01', person: 'H8' });
    world.hr.put('worker', 'r2', 'E9', { activeFrom: '2026-01-01', legalEntity: 'DE01', person: 'H8' });
    await world.sync('hr');
    for (const code of ['E8', 'E9']) expect((await world.object('worker', code))!.sharedIdentity).toBeUndefined();
    const reasons = async (worker: string, on: string) =>
      (await validate({ project: 'P-900', worker, on })).reasons.map(({ reason }) => reason);
    expect(await reasons('E8', '2024-12-31')).toEqual([]);
    expect(await reasons('E8', '2026-02-01')).toEqual(['INACTIVE_WORKER']);
    expect(await reasons('E9', '2026-02-01')).toEqual([]);
    // HR finds the error in the dates: both are active, and neither may be resolved any longer on these days.
    world.hr.put('worker', 'r1', 'E8', { activeFrom: '2020-01-01', legalEntity: 'DE01', person: 'H8' });
    await world.sync('hr');
    expect(await reasons('E9', '2026-02-01')).toEqual(['AMBIGUOUS_IDENTITY']);
    world.hr.put('worker', 'r1', 'E8', { activeFrom: '2020-01-01', legalEntity: 'DE01', person: 'H8X' });
    await world.sync('hr');
    expect(await reasons('E9', '2026-02-01')).toEqual([]);
  });

  it('may come back under the same number: the gap counts', async () => {
    const spells: TimelineSegment[] = [
      {
        validFrom: '2020-01-01',
        attributes: { code: 'E10', legalEntity: 'DE01', activeFrom: '2020-01-01', activeTo: '2025-06-30' },
      },
      { validFrom: '2026-03-01', attributes: { code: 'E10', legalEntity: 'DE01', activeFrom: '2026-03-01' } },
    ];
    world.hr.put('worker', 'r3', 'E10', spells);
    await world.sync('hr');
    const open = async (on: string) => (await validate({ project: 'P-900', worker: 'E10', on })).open;
    expect([await open('2025-06-30'), await open('2025-12-01'), await open('2026-03-01')]).toEqual([true, false, true]);
  });

  it('may move to another legal entity in the middle of a month: the day counts', async () => {
    world.hr.put('worker', 'm1', 'E11', [
      { validFrom: '2024-01-01', attributes: { code: 'E11', legalEntity: 'DE01' } },
      { validFrom: '2026-11-16', attributes: { code: 'E11', legalEntity: 'US01' } },
    ]);
    await world.sync('hr');
    const entity = async (on: string) => (await lookUp('worker', 'E11', on)).attributes?.['legalEntity'];
    expect([await entity('2026-11-15'), await entity('2026-11-16')]).toEqual(['DE01', 'US01']);
    const reasons = async (on: string) =>
      (await validate({ project: 'P-900', worker: 'E11', on })).reasons.map(({ reason }) => reason);
    expect([await reasons('2026-11-15'), await reasons('2026-11-16')]).toEqual([[], ['INTERCOMPANY_NOT_ALLOWED']]);
  });
});

describe('projects and clients', () => {
  it('a code that changes still resolves, its tasks along with it', async () => {
    world.psa.put('project', 'p3', 'P-901', { legalEntity: 'DE01' }).put('task', 't2', 'P-901/T1', { activeTo: '2026-03-31' });
    await world.sync('psa');
    const yesterday = addDays(today(), -1);
    expect(await world.object('project', 'P-901')).toMatchObject({ formerCodes: [{ code: 'P-900', until: yesterday }] });
    for (const project of ['P-900', 'P-901'])
      for (const on of ['2026-03-01', today()])
        expect(await lookUp('project', project, on)).toMatchObject({ found: true, code: 'P-901' });
    expect(await validate({ project: 'P-900', worker: 'E1', on: '2026-03-31', task: 'T1' })).toMatchObject({
      open: true,
      project: { code: 'P-901' },
    });
    expect((await validate({ project: 'P-900', worker: 'E1', on: '2026-04-01', task: 'T1' })).reasons).toMatchObject([
      { reason: 'CLOSED_TASK' },
    ]);
    // The source may say itself since when a code counts; and an old code may go to another project.
    world.psa.put('project', 'p3', 'P-902', [
      { validFrom: '0001-01-01', attributes: { code: 'P-900' } },
      { validFrom: '2026-11-18', attributes: { code: 'P-902' } },
    ]);
    world.psa.put('project', 'p4', 'P-900', { legalEntity: 'DE01' });
    await world.sync('psa');
    expect((await world.object('project', 'P-902'))!.formerCodes).toEqual(
      expect.arrayContaining([{ code: 'P-900', until: '2026-11-17' }]),
    );
    expect((await lookUp('project', 'P-900', '2026-11-17')).code).toBe('P-902');
    expect((await lookUp('project', 'P-900', '2026-11-18')).code).toBe('P-900');
    const history = (await (
      await world.call('GET', '/master/project/P-901/history', undefined, { roles: ['auditor'] })
    ).json()) as {
      object: { code: string };
      revisions: { revision: number; changed: string[]; actor: string }[];
    };
    expect(history.object.code).toBe('P-902');
    expect(history.revisions.map(({ revision }) => revision)).toEqual([3, 2, 1]);
    expect(history.revisions[1]).toMatchObject({ actor: 'service:master-data-sync', changed: ['code', 'formerCodes'] });
  });

  it('a project that is opened again takes time again', async () => {
    const reasons = async (on: string) =>
      (await validate({ project: 'P-100', worker: 'E1', on, task: 'T1' })).reasons.map(({ reason }) => reason);
    // EMEA has three days of grace.
    expect([await reasons('2026-11-03'), await reasons('2026-11-04')]).toEqual([[], ['INACTIVE_PROJECT']]);
    world.psa.put('project', 'p1', 'P-100', { legalEntity: 'DE01', client: 'ACME-OLD' });
    await world.sync('psa');
    expect(await reasons('2026-11-04')).toEqual([]);
  });

  it('a merged client is the other one for its projects, through a row of merges, until that is undone', async () => {
    const clientOn = async (on: string) => (await lookUp('project', 'P-100', on)).attributes?.['client'];
    expect(await decide('client', 'merge', { from: 'ACME-OLD', into: 'ACME', validFrom: '2026-07-01' })).toEqual([
      200,
      undefined,
    ]);
    expect([await clientOn('2026-06-30'), await clientOn('2026-07-01')]).toEqual(['ACME-OLD', 'ACME']);
    expect((await lookUp('client', 'ACME-OLD', '2026-07-01')).code).toBe('ACME');
    expect(await decide('client', 'merge', { from: 'ACME', into: 'ACME-OLDEST', validFrom: '2026-09-01' })).toEqual([
      200,
      undefined,
    ]);
    expect([await clientOn('2026-08-31'), await clientOn('2026-09-01')]).toEqual(['ACME', 'ACME-OLDEST']);
    world.psa.put('project', 'p5', 'P-500', { client: 'ACME-OLD' });
    await world.sync('psa');
    expect((await lookUp('project', 'P-500', '2026-09-01')).attributes).toMatchObject({ client: 'ACME-OLDEST' });
    expect(await world.rows(`select 1 from master_drift where kind = 'project'`)).toEqual([]);
    expect(await decide('client', 'unmerge', { from: 'ACME' })).toEqual([200, undefined]);
    expect(await decide('client', 'unmerge', { from: 'ACME-OLD' })).toEqual([200, undefined]);
    expect([await clientOn('2026-08-31'), await clientOn('2026-09-01')]).toEqual(['ACME-OLD', 'ACME-OLD']);
  });

  it.each([
    ['client', { from: 'ACME', into: 'NOBODY', validFrom: '2026-01-01' }, 404, 'unknown-code'],
    ['client', { from: 'ACME', into: 'ACME', validFrom: '2026-01-01' }, 409, 'same-object'],
    ['client', { from: 'ACME', into: 'ACME-OLD', validFrom: 'soon' }, 400, 'invalid-request'],
    ['client', { from: 'ACME', into: 'ACME-OLD', validFrom: '2026-01-01', why: '' }, 400, 'invalid-request'],
    ['task', { from: 'A', into: 'B', validFrom: '2026-01-01' }, 409, 'not-mergeable'],
    ['robot', { from: 'A', into: 'B', validFrom: '2026-01-01' }, 404, 'unknown-kind'],
  ] as const)('a merge of %s %j is refused: %i %s', async (kind, body, status, code) => {
    expect(await decide(kind as MasterKind, 'merge', body)).toEqual([status, code]);
  });
  it('who only looks at things does not merge', async () => {
    const body = { from: 'ACME', into: 'ACME-OLD', validFrom: '2026-01-01', why: 'because' };
    expect((await world.call('POST', '/master/client/merge', body, { roles: ['auditor'] })).status).toBe(403);
  });
});

describe('look-ups', () => {
  it('name every reason against time on a project', async () => {
    const reasons = async (body: object) => (await validate(body)).reasons.map(({ reason }) => reason).sort();
    expect(await reasons({ project: 'P-200', worker: 'E1', on: '2026-01-31' })).toEqual([
      'INTERCOMPANY_NOT_ALLOWED',
      'NOT_ASSIGNED',
    ]);
    expect(await reasons({ project: 'P-200', worker: 'E1', on: '2026-02-01' })).toEqual(['INTERCOMPANY_NOT_ALLOWED']);
    expect(await reasons({ project: 'NOPE', worker: 'NOBODY', on: '2026-02-01', task: 'X' })).toEqual([
      'UNKNOWN_PROJECT',
      'UNKNOWN_WORKER',
    ]);
    expect(await reasons({ project: 'P-100', on: '2026-02-01', task: 'X' })).toEqual(['UNKNOWN_TASK']);
    expect(await validate({ project: 'P-100', on: '2026-02-01' })).toMatchObject({ open: true, reasons: [] });
  });

  it('answer the same over HTTP, and tell nothing of a person', async () => {
    const get = async (path: string) => world.call('GET', path, undefined, { roles: ['service'], client: 'portal' });
    const project = await get('/look-up/project?project=P-100&worker=E1&on=2026-02-01');
    expect(await project.json()).toEqual(
      JSON.parse(JSON.stringify(await validate({ project: 'P-100', worker: 'E1', on: '2026-02-01' }))),
    );
    const found = await (await get('/look-up/employee?userName=erika&on=2026-02-01')).json();
    expect(found).toMatchObject({ found: true, active: true, worker: { code: 'E1', attributes: { legalEntity: 'DE01' } } });
    expect(JSON.stringify(found)).not.toMatch(/erika|H1/);
    expect(await (await get('/look-up/employee?code=E1&on=2019-12-31')).json()).toMatchObject({ found: true, active: false });
    expect(await (await get('/look-up/employee?code=E0&on=2026-02-01')).json()).toMatchObject({
      found: false,
      reason: 'UNKNOWN_WORKER',
    });
    expect(await (await get('/look-up/object?kind=task&code=P-100%2FT1&on=2026-02-01')).json()).toMatchObject({ found: true });
    for (const query of ['on=2026-02-01', 'code=E1&userName=erika&on=2026-02-01', 'connection=hr&on=2026-02-01', 'code=E1'])
      expect((await get(`/look-up/employee?${query}`)).status).toBe(400);
  });
});
