import { randomUUID } from 'node:crypto';
import { COMMANDS } from '@tieout/contracts';
import { entryIdOf } from '@tieout/model';
import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World, type Shown } from './world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.stop());

describe('cases of held time', () => {
  it('are one per reason and subject, with amounts per currency', async () => {
    await world.held(
      1,
      1,
      [
        ['UNKNOWN_PROJECT', 'project:P1'],
        ['SELF_APPROVED', 'worker:E1'],
      ],
      { amount: '400.00', currency: 'EUR' },
    );
    await world.held(2, 1, [['UNKNOWN_PROJECT', 'project:P1']], { amount: '12000', currency: 'USD' });
    await world.become('project:P1', {
      state: 'open',
      opening: 1,
      severity: 'high',
      owner: 'project-operations',
      totals: { items: 2, hours: '16', amounts: { EUR: '400', USD: '12000' }, earliestWorkDate: '2026-11-01' },
    });
    const [found] = (await world.cases('project:P1')) as (Shown & { openedAt: string; dueAt: string })[];
    expect(Date.parse(found!.dueAt) - Date.parse(found!.openedAt)).toBe(24 * 3_600_000);
    await world.become('worker:E1', { state: 'open', severity: 'high', owner: 'finance-operations', totals: { items: 1 } });
    expect(await world.read(`/entries/${entryIdOf('psa', 't1')}/cases`)).toEqual({
      items: [
        expect.objectContaining({
          reason: 'SELF_APPROVED',
          state: 'open',
          owner: 'finance-operations',
          detail: 'worker:E1 is wrong',
        }),
        expect.objectContaining({ reason: 'UNKNOWN_PROJECT', caseId: found!.caseId, severity: 'high', closedAt: null }),
      ],
    });
    expect(await world.read(`/entries/${entryIdOf('psa', 't9')}/cases`)).toEqual({ items: [] });
  });

  it('shrink when one reason heals, resolve with the last item, and come back as another opening', async () => {
    await world.held(1, 2, [['SELF_APPROVED', 'worker:E1']]);
    await world.become('project:P1', { severity: 'high', totals: { items: 1, amounts: { USD: '12000' } } });
    await world.withdrawn(2, 2);
    await world.become('project:P1', { state: 'resolved', totals: { items: 0 } });
    await world.held(2, 3, [['UNKNOWN_PROJECT', 'project:P1']]);
    await world.become('project:P1', { state: 'resolved', opening: 1 }, { state: 'open', opening: 2, totals: { items: 1 } });
  });

  it('ignore an older decision that arrives after a newer one', async () => {
    await world.withdrawn(3, 7);
    const item = `entry:${entryIdOf('psa', 't3')}`;
    await eventually(async () =>
      expect(await world.service.runtime.database.query('select order_no from case_signal where item_key = $1', [item])).toEqual([
        { order_no: 7 },
      ]),
    );
    await world.held(3, 6, [['UNKNOWN_WORKER', 'worker:E7']]);
    // One type is read in order: when this one is there, the older one has been handled.
    await world.held(4, 1, [['UNKNOWN_WORKER', 'worker:E8']]);
    await world.become('worker:E8', { state: 'open', severity: 'normal' });
    await world.become('worker:E7');
  });
});

describe('HTTP', () => {
  it('shows a case with its items and the catalogue, and has it tried again', async () => {
    const found = (await world.cases('project:P1')).at(-1)!;
    expect(await world.read(`/cases/${found.caseId}`)).toMatchObject({
      reason: 'UNKNOWN_PROJECT',
      suggestedAction: expect.stringMatching(/./) as string,
      openItems: [{ entryId: entryIdOf('psa', 't2'), workDate: '2026-11-02', hours: '8' }],
    });
    world.commands.length = 0;
    const answer = await world.call(`/cases/${found.caseId}/retry`, ['operator'], 'POST');
    expect([answer.status, await answer.json()]).toEqual([202, { kind: 'asked', items: 1 }]);
    expect(world.commands).toEqual([
      { subject: COMMANDS.reassessEntries, data: { actor: 'user:olga', entryIds: [entryIdOf('psa', 't2')] } },
    ]);
  });

  it('lists by reason, and filters', async () => {
    const { reasons } = await world.read<{ reasons: object[] }>('/cases/by-reason');
    expect(reasons).toContainEqual({
      reason: 'SELF_APPROVED',
      legalEntityId: 'DE01',
      cases: 1,
      items: 1,
      entries: 1,
      hours: '8',
    });
    const { items } = await world.read<{ items: Shown[] }>('/cases?state=resolved&reason=UNKNOWN_PROJECT&legalEntityId=DE01');
    expect(items).toMatchObject([{ groupKey: 'project:P1', opening: 1 }]);
  });

  it.each([
    ['GET', '/cases', undefined, 401],
    ['GET', '/cases', ['platform'], 403],
    ['GET', '/cases?limit=0', ['auditor'], 400],
    ['GET', '/cases?reason=NONSENSE', ['auditor'], 400],
    ['GET', '/cases/nonsense', ['auditor'], 400],
    ['GET', `/cases/${randomUUID()}`, ['auditor'], 404],
    ['POST', `/cases/${randomUUID()}/retry`, ['operator'], 404],
    ['POST', `/cases/${randomUUID()}/retry`, ['finance'], 403],
  ])('%s %s as %j: %i', async (method, path, roles, status) => {
    expect((await world.call(path, roles, method)).status).toBe(status);
  });
});
