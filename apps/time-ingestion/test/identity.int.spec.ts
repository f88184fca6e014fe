import { EVENT_TYPES, QUESTIONS, type ApprovalStatusAnswerV1 } from '@tieout/contracts';
import { addDays, masterIdOf } from '@tieout/model';
import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryId, fields, World, YESTERDAY } from './world.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.close());

const { entryReleased, entryHeld } = EVENT_TYPES;
const told = (sourceId: string, ...expected: object[]) =>
  eventually(async () => expect(await world.verdicts(sourceId)).toMatchObject(expected));

describe('identities', () => {
  it('time held for a code that became another one heals, with the new code or the old by work date', async () => {
    world.psa.send('i1', fields({ project: 'P7' }));
    const held = { type: entryHeld, refusals: [{ reason: 'UNKNOWN_PROJECT', subject: 'project:P7' }] };
    await told('i1', held);
    // The object arrives with its new code; nobody ever told of it under the old one.
    await world.master(
      'project',
      'P8',
      { legalEntity: 'DE01' },
      { formerCodes: [{ code: 'P7', until: addDays(YESTERDAY, -1) }] },
    );
    await told('i1', held, { type: entryReleased, content: { projectCode: 'P8' } });
    world.psa.send('i2', fields({ project: 'P7', date: addDays(YESTERDAY, -1), employee: 'e2' }));
    await told('i2', { type: entryReleased, content: { projectCode: 'P7', projectId: masterIdOf('project', 'P8') } });
    world.psa.send('i3', fields({ project: 'P8', employee: 'e3' }));
    await told('i3', { type: entryReleased, content: { projectCode: 'P8' } });
  });

  it('time of a person who is active twice waits for a decision, follows the merge, and comes back when that is undone', async () => {
    const shared = (other: string) => ({ sharedIdentity: [{ with: other, from: '2020-01-01' }] });
    const worker = { legalEntity: 'DE01', type: 'employee', region: 'EMEA' };
    await world.master('worker', 'C7', worker, shared('E7'));
    await world.master('worker', 'E7', worker, shared('C7'));
    await world.master('cost-rate', 'E7', { amount: '70', currency: 'EUR' });
    await world.master('cost-rate', 'C7', { amount: '90', currency: 'EUR' });
    world.psa.send('i4', fields({ employee: 'c7' }));
    const held = { type: entryHeld, refusals: [{ reason: 'AMBIGUOUS_IDENTITY', subject: 'worker:C7' }] };
    await told('i4', held);
    await world.master('worker', 'E7', worker);
    await world.master('worker', 'C7', worker, { mergedInto: { code: 'E7', validFrom: '2020-01-01' } });
    const merged = { type: entryReleased, releaseNo: 1, content: { workerCode: 'E7', cost: { amount: '140.00' } } };
    await told('i4', held, merged);
    // HR says that they are two after all.
    await world.master('worker', 'C7', worker);
    await told('i4', held, merged, {
      type: entryReleased,
      releaseNo: 2,
      content: { workerCode: 'C7', cost: { amount: '180.00' } },
    });
  });

  it('time is held without a right of its approver, and released when the right is there', async () => {
    const { bundle } = world;
    const rights = bundle['validation.yaml']!.replace('approvers:\n  default: anyone', 'approvers:\n  default: rights');
    expect(rights).not.toBe(bundle['validation.yaml']);
    // Any right at all: firms without one are not asked for them.
    await world.master('approver-right', 'project:P9/E8', { approver: 'E8', scope: 'project', scopeCode: 'P9' });
    await world.activate({ ...bundle, 'validation.yaml': rights });
    world.psa.send('i5', fields({ employee: 'e3', hours: '1' }));
    const held = { type: entryHeld, refusals: [{ reason: 'APPROVER_NOT_AUTHORISED', subject: 'approver:E9' }] };
    await told('i5', held);
    await world.master('approver-right', 'legal-entity:DE01/E9', { approver: 'E9', scope: 'legal-entity', scopeCode: 'DE01' });
    await told('i5', held, { type: entryReleased });
  });
});

describe('approval status', () => {
  const ask = (body: object) => world.service.runtime.questions.ask<ApprovalStatusAnswerV1>(QUESTIONS.approvalStatus, body);
  it('of an entry and of a week, under any code of the worker, over NATS and HTTP', async () => {
    const day = '2026-06-10';
    world.psa.send('a1', fields({ employee: 'e5', date: day, status: 'submitted', approvedAt: '', approvedBy: '' }));
    world.psa.send('a2', fields({ employee: 'e5x', date: '2026-06-14', hours: '3' }));
    await world.master('worker', 'E5X', { legalEntity: 'DE01' }, { formerCodes: [{ code: 'E5', until: '2026-06-11' }] });
    const week = { worker: 'E5', week: '2026-06-08' };
    await eventually(async () => expect((await ask(week)).entries).toHaveLength(2), 30_000);
    const answer = await ask({ worker: 'E5X', week: '2026-06-14' });
    expect(answer).toMatchObject({ found: true, recordedHours: '5', approvedHours: '3' });
    expect(answer.entries).toMatchObject([
      { entryId: entryId('a1'), workDate: day, approved: false, verdict: 'none', reasons: [] },
      { entryId: entryId('a2'), workDate: '2026-06-14', approved: true, approvedAt: `${YESTERDAY}T18:00:00.000Z` },
    ]);
    const get = async (query: string) =>
      fetch(`${world.service.url}/look-up/approval-status?${query}`, {
        headers: { authorization: `Bearer ${await world.issuer.token({ roles: ['service'] })}` },
      });
    expect(await (await get('connection=psa&sourceId=a1')).json()).toMatchObject({ found: true, approvedHours: '0' });
    expect(await (await get(`worker=E5&week=2026-06-15`)).json()).toMatchObject({ found: false, entries: [] });
    expect((await get('worker=E5')).status).toBe(400);
  });
});
