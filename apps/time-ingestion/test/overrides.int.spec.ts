import { generateKeyPairSync } from 'node:crypto';
import { EVENT_TYPES } from '@tieout/contracts';
import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryId, fields, World } from './world.js';

let world: World;
const letters: string[] = [];
beforeAll(async () => {
  world = await World.create();
  world.service.runtime.link.nc.subscribe('dlq.>', {
    callback: (_error, message) => void letters.push(message.headers?.get('tieout-detail') ?? ''),
  });
  await world.master('project', 'OLD', { legalEntity: 'DE01', activeTo: '2020-01-31' });
});
afterAll(() => world.close());

const { entryReleased, entryHeld, entryWithdrawn } = EVENT_TYPES;
const ON_OLD = fields({ employee: 'e2', project: 'OLD', hours: '1' });
const told = (sourceId: string, ...expected: object[]) =>
  eventually(async () => expect(await world.verdicts(sourceId)).toMatchObject(expected));
const held = (...reasons: string[]) => ({ type: entryHeld, refusals: reasons.map((reason) => ({ reason })) });
/** The override was taken, and the entry was looked at again. */
const settled = (sourceId: string, revision: number) =>
  eventually(async () =>
    expect(
      await world.rows(
        `select o.revision, e.needs_assessment from entry_override o join time_entry e using (entry_id) where entry_id = $1`,
        [entryId(sourceId)],
      ),
    ).toEqual([{ revision, needs_assessment: false }]),
  );
const audit = (sourceId: string) =>
  world.rows<{ action: string; after: Record<string, unknown> | null }>(
    `select action, after from audit_record where subject_kind = 'time-entry' and subject_id = $1 and action <> 'entry.version-recorded' order by id`,
    [entryId(sourceId)],
  );

describe('an override', () => {
  it('lets one entry pass, is named with the verdict, and its end takes no release back', async () => {
    world.psa.send('o1', ON_OLD);
    world.psa.send('o2', ON_OLD);
    for (const id of ['o1', 'o2']) await told(id, held('INACTIVE_PROJECT'));
    const { overrideId, revision, ...statement } = await world.override('o1', { reasons: ['INACTIVE_PROJECT'] });
    const override = { overrideId, approvedBy: 'user:finn-finance', reasons: ['INACTIVE_PROJECT'] };
    await told('o1', held('INACTIVE_PROJECT'), { type: entryReleased, releaseNo: 1, override });
    const records = await audit('o1');
    expect(records).toMatchObject([
      { action: 'entry.held' },
      { action: 'entry.override-taken', after: { overrideId, requestedBy: 'user:olga-operator' } },
      { action: 'entry.released', after: { override } },
    ]);
    await world.override('o1', { ...statement, overrideId, revision: revision + 1, state: 'ended' });
    await settled('o1', revision + 1);
    expect(await world.verdicts('o1')).toHaveLength(2);
    world.psa.send('o1', { ...ON_OLD, hours: '2' });
    await told(
      'o1',
      held('INACTIVE_PROJECT'),
      { type: entryReleased },
      { type: entryWithdrawn, cause: 'held' },
      held('INACTIVE_PROJECT'),
    );
    expect(await world.verdicts('o2')).toHaveLength(1);
  });

  it('lets pass what it names, no more, and until its time is over', async () => {
    world.psa.send('o3', { ...ON_OLD, approvedBy: 'e2' });
    const both = held('INACTIVE_PROJECT', 'SELF_APPROVED');
    await told('o3', both);
    const validUntil = new Date(Date.now() + 4_000).toISOString();
    const { overrideId } = await world.override('o3', { reasons: ['INACTIVE_PROJECT', 'SELF_APPROVED'], validUntil });
    // The firm's policy lets nobody approve their own time, not even once.
    await told('o3', both, { ...held('SELF_APPROVED'), override: { overrideId, reasons: ['INACTIVE_PROJECT'] } });
    await told('o3', both, held('SELF_APPROVED'), both);
  });

  it('whose time is over lets nothing pass, and an older one does not replace a newer', async () => {
    world.psa.send('o4', ON_OLD);
    await told('o4', held('INACTIVE_PROJECT'));
    const ended = await world.override('o4', { reasons: ['INACTIVE_PROJECT'], validUntil: '2026-01-01T00:00:00.000Z' });
    await settled('o4', ended.revision);
    await world.override('o4', { reasons: ['INACTIVE_PROJECT'], revision: ended.revision - 1 });
    await world.override('o4', { reasons: ['CLOSED_TASK'], revision: ended.revision + 1 });
    await settled('o4', ended.revision + 1);
    expect(await world.verdicts('o4')).toHaveLength(1);
  });

  it('that governance did not sign, or not like this, is a dead letter and changes nothing', async () => {
    world.psa.send('o5', ON_OLD);
    await told('o5', held('INACTIVE_PROJECT'));
    const forged = await world.override('o5', { reasons: ['INACTIVE_PROJECT'] }, generateKeyPairSync('ed25519').privateKey);
    await eventually(() => expect(letters).toHaveLength(1));
    expect(letters[0]).toContain(`override ${forged.overrideId} of entry ${entryId('o5')} is not signed by governance`);
    const signed = await world.override('o4', { reasons: ['CLOSED_TASK'] });
    await settled('o4', signed.revision);
    expect(await world.rows('select 1 from entry_override where entry_id = $1', [entryId('o5')])).toEqual([]);
    expect(await world.verdicts('o5')).toHaveLength(1);
  });
});
