import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld(({ hr, psa, crm }) => {
    hr.put('legal-entity', 'l1', 'DE01').put('legal-entity', 'l2', 'US01');
    hr.put('worker', 'w1', 'E1', { legalEntity: 'DE01', userName: 'erika' });
    psa.put('project', 'p1', 'P-100', { legalEntity: 'DE01', name: 'Bridge', budgetAmount: '1000.00' });
    psa.put('project', 'p2', 'P-200', { legalEntity: 'US01', name: 'Tower', billable: 'false' });
    crm
      .put('project', 'c1', 'P-100', { legalEntity: 'FR01', budgetAmount: '1000' })
      .put('worker', 'c9', 'E1', { userName: 'erica' });
  });
});
afterAll(() => world.stop());

const push = (body: object, client = 'hub-client') =>
  world.call('POST', '/connections/hub/records', body, { roles: ['service'], client });
const drift = async (query = '') =>
  (
    (await (await world.call('GET', `/drift${query}`, undefined, { roles: ['auditor'] })).json()) as {
      items: Record<string, unknown>[];
    }
  ).items;
const about = (condition: { itemKey: string; type: string }) => `${condition.type} ${condition.itemKey}`;

describe('drift', () => {
  it('is told once, with both values and what to do; values of persons are not shown', async () => {
    const told = await world.conditions();
    expect(told.map(about).sort()).toEqual(['raised drift:project:P-100:legalEntity:crm', 'raised drift:worker:E1:userName:crm']);
    const [project, worker] = [told.find((c) => c.itemKey.includes('P-100'))!, told.find((c) => c.itemKey.includes('E1'))!];
    expect(project).toMatchObject({
      detail: 'project P-100: legalEntity is "DE01" in psa (its system of record), but "FR01" in crm',
      suggestion: 'Set legalEntity of project P-100 to "DE01" in crm. If crm is right, change it in psa.',
      subjectKey: 'drift:project:legalEntity:crm',
    });
    expect(worker.detail).toBe('worker E1: userName differs between hr (its system of record) and crm');
    expect(JSON.stringify(told)).not.toMatch(/erika|erica/);
    await world.sync('crm', 'psa');
    expect(await world.conditions()).toHaveLength(2);
    expect(await drift('?kind=project')).toMatchObject([
      {
        code: 'P-100',
        attribute: 'legalEntity',
        connection: 'crm',
        owner: 'psa',
        ownerValue: 'DE01',
        value: 'FR01',
        personal: false,
      },
    ]);
    expect(JSON.stringify(await drift())).not.toMatch(/erika|erica/);
  });

  it('follows the values, and is over when they agree or the record is gone', async () => {
    const before = (await world.conditions()).length;
    const since = async () => (await world.conditions()).slice(before);
    world.crm.put('project', 'c1', 'P-100', { legalEntity: 'AT01' });
    await world.sync('crm');
    expect((await since()).map(({ detail }) => detail)).toEqual([
      'project P-100: legalEntity is "DE01" in psa (its system of record), but "AT01" in crm',
    ]);
    world.psa.put('project', 'p1', 'P-100', { legalEntity: 'AT01', name: 'Bridge' });
    await world.sync('psa');
    expect((await since()).map(about).at(-1)).toBe('cleared drift:project:P-100:legalEntity:crm');
    world.psa.put('project', 'p1', 'P-100', { legalEntity: 'DE01', name: 'Bridge' });
    await world.sync('psa');
    expect((await since()).map(about).at(-1)).toBe('raised drift:project:P-100:legalEntity:crm');
    // Gone is gone after two snapshots; all of them at once would be a broken answer.
    world.crm.put('project', 'c2', 'P-999');
    await world.sync('crm');
    world.crm.remove('project', 'c1');
    await world.sync('crm', 'crm');
    expect((await since()).map(about).at(-1)).toBe('cleared drift:project:P-100:legalEntity:crm');
    expect(await drift('?kind=project')).toEqual([]);
  });

  it('on 10,000 objects is taken in seconds, told once each, and not again', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) => `M-${String(n).padStart(5, '0')}`);
    const attributes = (legalEntity: string) => ({ legalEntity });
    for (const code of many) {
      world.psa.put('project', code, code, attributes('DE01'));
      world.crm.put('project', code, code, attributes('FR01'));
    }
    // Pages of two would be what is measured.
    world.psa.pageSize = world.crm.pageSize = 1000;
    const count = async () => (await world.rows<{ n: number }>('select count(*)::int as n from master_drift'))[0]!.n;
    const told = async () => (await world.conditions()).filter(({ itemKey }) => itemKey.includes(':M-')).length;
    const standing = await count();
    await world.sync('psa');
    const started = performance.now();
    await world.sync('crm');
    const seconds = (performance.now() - started) / 1000;
    expect([await count(), await told()]).toEqual([standing + 10_000, 10_000]);
    expect(seconds).toBeLessThan(60);
    await world.sync('crm');
    expect(await told()).toBe(10_000);
  }, 180_000);
});

describe('systems that send by themselves', () => {
  it('say what they own; the rest is refused one by one with the owner, and is drift where it differs', async () => {
    const answer = await push({
      kind: 'project',
      records: [
        { externalId: 'h2', code: 'P-200', attributes: { name: 'Tower II', legalEntity: 'US01', billable: true } },
        { externalId: 'h3', code: 'P-300', attributes: { name: 'Nobody knows' } },
        { externalId: 'h4', code: ' ', attributes: {} },
      ],
    });
    expect(answer.status).toBe(200);
    const body = (await answer.json()) as { refused: { attribute: string }[] };
    expect(body).toMatchObject({ taken: 2, gone: 0, changed: 1, malformed: [{ externalId: 'h4', why: 'the code is empty' }] });
    expect(body.refused).toMatchObject([
      {
        ...{ externalId: 'h2', code: 'P-200', attribute: 'billable', owner: 'psa', differs: true, reason: 'OWNERSHIP_VIOLATION' },
        detail: 'hub may not say billable of project P-200: its system of record is psa',
      },
      { externalId: 'h2', attribute: 'legalEntity', owner: 'psa', differs: false },
      {
        externalId: 'h3',
        attribute: 'code',
        owner: 'psa',
        detail: 'hub may not create project P-300: its system of record is psa',
      },
      { externalId: 'h3', attribute: 'name', owner: 'psa' },
    ]);
    // In US01 the name of a project is the hub's.
    expect(await world.object('project', 'P-200')).toMatchObject({
      timeline: [{ attributes: { name: 'Tower II', legalEntity: 'US01' } }],
      attributeSources: { name: 'hub', legalEntity: 'psa' },
    });
    expect(await world.object('project', 'P-300')).toBeUndefined();
    expect((await world.conditions()).map(about)).toContain('raised drift:project:P-200:billable:hub');
    expect(
      await world.rows(`select reason, after from audit_record where action = 'master.write.refused' order by subject_id desc`),
    ).toContainEqual({
      reason: 'OWNERSHIP_VIOLATION',
      after: {
        connection: 'hub',
        attributes: [
          { attribute: 'billable', owner: 'psa' },
          { attribute: 'legalEntity', owner: 'psa' },
        ],
      },
    });
  });

  it('say what is gone', async () => {
    expect(await (await push({ kind: 'project', records: [], gone: ['h2'] })).json()).toMatchObject({ gone: 1, changed: 1 });
    expect((await world.conditions()).map(about)).toContain('cleared drift:project:P-200:billable:hub');
    expect(await drift('?code=P-200')).toEqual([]);
  });

  it.each([
    ['another client', 'hub', 'stranger', { kind: 'project', records: [] }, 403, 'not-this-system'],
    ['a connection that is read', 'psa', 'hub-client', { kind: 'project', records: [] }, 404, 'unknown-connection'],
    ['a kind that is not expected', 'hub', 'hub-client', { kind: 'client', records: [] }, 409, 'kind-not-expected'],
    [
      'a value that is no text',
      'hub',
      'hub-client',
      { kind: 'project', records: [{ externalId: '1', code: 'X', attributes: { name: {} } }] },
      400,
      'invalid-request',
    ],
  ])('are refused as %s', async (_title, connection, client, body, status, code) => {
    const answer = await world.call('POST', `/connections/${connection}/records`, body, { roles: ['service'], client });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
  });
  it('have the role service', async () => {
    const answer = await world.call(
      'POST',
      '/connections/hub/records',
      { kind: 'project', records: [] },
      { roles: ['operator'] },
    );
    expect(answer.status).toBe(403);
  });
});

describe('ownership', () => {
  it.each([
    ['/master/project/P-100/name', 'The system of record for name of project P-100 is psa.'],
    ['/master/project/P-200/name', 'The system of record for name of project P-200 is hub.'],
    ['/master/exchange-rate/USD%2FEUR/rate', 'Policy names no system of record for rate of exchange-rate, so nobody may say it.'],
  ])('a change of %s is refused with where it belongs', async (path, detail) => {
    const answer = await world.call('PUT', path, { value: 'x' });
    expect([answer.status, await answer.json()]).toMatchObject([409, { code: 'ownership-violation', detail }]);
  });

  it('can be read as a matrix, by programs and in a spreadsheet', async () => {
    const { rows } = (await (await world.call('GET', '/ownership-matrix')).json()) as { rows: object[] };
    expect(rows).toContainEqual({ kind: 'project', attribute: 'name', legalEntityId: '*', owner: 'psa' });
    expect(rows).toContainEqual({ kind: 'project', attribute: 'name', legalEntityId: 'US01', owner: 'hub' });
    const csv = await fetch(`${world.service.url}/ownership-matrix`, {
      headers: { accept: 'text/csv', authorization: await world.bearer() },
    });
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect((await csv.text()).split('\n')).toEqual(
      expect.arrayContaining(['kind,attribute,legal entity,system of record', 'project,name,US01,hub']),
    );
  });
});
