import { EVENT_TYPES, QUESTIONS } from '@tieout/contracts';
import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryId, fields, World, YESTERDAY } from './world.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.close());

const { entryReleased, entryHeld, entryWithdrawn } = EVENT_TYPES;
const told = (sourceId: string, ...expected: object[]) =>
  eventually(async () => expect(await world.verdicts(sourceId)).toMatchObject(expected));

describe('verdicts', () => {
  it('releases approved time, corrects it, withdraws it, releases it again', async () => {
    world.psa.send('v1', fields({ status: 'submitted' }));
    await world.turn();
    expect(await world.verdicts('v1')).toEqual([]);
    world.psa.send('v1', fields());
    const first = {
      type: entryReleased,
      releaseNo: 1,
      decisionNo: 1,
      legalEntityId: 'DE01',
      content: { cost: { amount: '100.00' } },
    };
    await told('v1', first);
    world.psa.send('v1', fields({ hours: '3' }));
    const second = { type: entryReleased, releaseNo: 2, decisionNo: 2, content: { hours: '3' } };
    await told('v1', first, second);
    world.psa.send('v1', fields({ hours: '3', status: 'submitted' }));
    const third = { type: entryWithdrawn, releaseNo: 3, decisionNo: 3, cause: 'unapproved' };
    await told('v1', first, second, third);
    world.psa.send('v1', fields({ hours: '3' }));
    await told('v1', first, second, third, { type: entryReleased, releaseNo: 4, decisionNo: 4 });
  });

  it('holds with every reason, and heals when master data changes', async () => {
    await world.master('project', 'OLD', { legalEntity: 'DE01', activeTo: '2020-01-31' });
    world.psa.send('v2', fields({ employee: 'e2', project: 'OLD', approvedBy: 'e2' }));
    const held = {
      type: entryHeld,
      decisionNo: 1,
      amount: '100.00',
      currency: 'EUR',
      refusals: [
        { reason: 'INACTIVE_PROJECT', subject: 'project:OLD' },
        { reason: 'SELF_APPROVED', subject: 'worker:E2' },
      ],
    };
    await told('v2', held);
    await world.master('project', 'OLD', { legalEntity: 'DE01' });
    const less = { type: entryHeld, decisionNo: 2, refusals: [{ reason: 'SELF_APPROVED' }] };
    await told('v2', held, less);
    world.psa.send('v2', fields({ employee: 'e2', project: 'OLD' }));
    await told('v2', held, less, { type: entryReleased, decisionNo: 3, releaseNo: 1 });
  });

  it('keeps a release when the project closes after it', async () => {
    await world.master('project', 'OLD', { legalEntity: 'DE01', activeTo: '2020-01-31' });
    await eventually(async () =>
      expect(await world.rows('select needs_assessment from time_entry where entry_id = $1', [entryId('v2')])).toEqual([
        { needs_assessment: false },
      ]),
    );
    expect((await world.verdicts('v2')).at(-1)).toMatchObject({ type: entryReleased, releaseNo: 1 });
  });

  it('gives an unknown project its grace, then holds', async () => {
    world.psa.send('soon', fields({ employee: 'e3', project: 'SOON' }));
    world.psa.send('never', fields({ employee: 'e3', project: 'NEVER' }));
    await eventually(async () =>
      expect(await world.rows(`select verdict from time_entry where source_id in ('soon', 'never')`)).toEqual([
        { verdict: 'waiting' },
        { verdict: 'waiting' },
      ]),
    );
    await world.master('project', 'SOON', { legalEntity: 'DE01' });
    await told('soon', { type: entryReleased, decisionNo: 1 });
    expect(await world.verdicts('never')).toEqual([]);
    await told('never', { type: entryHeld, refusals: [{ reason: 'UNKNOWN_PROJECT', subject: 'project:NEVER' }] });
  });

  it('frees the rest of a day when one of its entries shrinks', async () => {
    world.psa.send('day1', fields({ employee: 'e2', hours: '9' }));
    await told('day1', { type: entryReleased });
    world.psa.send('day2', fields({ employee: 'e2', hours: '2' }));
    const held = { type: entryHeld, refusals: [{ reason: 'DAILY_LIMIT_EXCEEDED' }] };
    await told('day2', held);
    world.psa.send('day1', fields({ employee: 'e2', hours: '1' }));
    await told('day2', held, { type: entryReleased });
  });

  it('shows an entry with its versions and verdicts, to those who may see it', async () => {
    const get = async (path: string, roles?: string[]) =>
      fetch(`${world.service.url}${path}`, {
        headers: roles ? { authorization: `Bearer ${await world.issuer.token({ roles })}` } : {},
      });
    expect((await get(`/entries/${entryId('v1')}`)).status).toBe(401);
    expect((await get(`/entries/${entryId('v1')}`, ['platform'])).status).toBe(403);
    expect((await get(`/entries/${entryId('nobody')}`, ['auditor'])).status).toBe(404);
    const found = (await (await get(`/entries/${entryId('v1')}`, ['auditor'])).json()) as {
      versions: [];
      decisions: { kind: string }[];
    };
    expect(found.versions).toHaveLength(5);
    expect(found.decisions.map(({ kind }) => kind)).toEqual(['released', 'released', 'withdrawn', 'released']);
    const progress = await get('/progress', ['platform']);
    expect(await progress.json()).toMatchObject({ idle: true, connections: [{ connection: 'psa', fault: null }] });
  });

  it('answers who recorded how much and what of it nobody approved', async () => {
    await world.master('legal-entity', 'FR01', { currency: 'EUR', region: 'EMEA' });
    for (const code of ['F1', 'F2']) await world.master('worker', code, { legalEntity: 'FR01', type: 'employee' });
    await world.master('cost-rate', 'F1', { amount: '40', currency: 'EUR' });
    await world.master('project', 'PF', { legalEntity: 'FR01', billable: 'true' });
    const ofFrance = { employee: 'F1', project: 'PF' };
    world.psa.send('f1', fields({ ...ofFrance, hours: '3', status: 'submitted' }));
    world.psa.send('f2', fields({ ...ofFrance, hours: '4.5', status: 'draft' }));
    world.psa.send('f3', fields({ ...ofFrance, hours: '1' }));
    await told('f3', { type: entryHeld, refusals: [{ reason: 'NO_OPEN_PERIOD' }] });
    const ask = (question: object) => world.service.runtime.questions.ask(QUESTIONS.openTime, question);
    const window = { legalEntityId: 'FR01', from: YESTERDAY, to: YESTERDAY };
    const unapproved = [{ projectCode: 'PF', projectLegalEntityId: 'FR01', billable: true, hours: '7.5', amount: '300' }];
    expect(await ask(window)).toMatchObject({
      workers: [
        { workerCode: 'F1', recordedHours: '8.5', costRate: '40.00', currency: 'EUR', unapproved },
        { workerCode: 'F2', recordedHours: '0', unapproved: [] },
      ],
    });
    expect(await ask({ ...window, after: 'F1' })).toMatchObject({ workers: [{ workerCode: 'F2' }] });
    expect(await ask({ ...window, legalEntityId: 'IT01' })).toEqual({ workers: [] });
  });
});
