import { EVENT_TYPES, FEED_QUESTIONS, type SentEntriesV1 } from '@tieout/contracts';
import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryId, fields, World } from './world.js';

let world: World;
/** ERP posting, as far as time-ingestion asks it. */
const sent = new Set<string>();
let asked = 0;
beforeAll(async () => {
  world = await World.create();
  for (const [n, id] of ['r1', 'r2'].entries()) world.psa.send(id, fields({ hours: String(n + 1) }));
  await told('r1', released(1, '50.00'));
  await told('r2', released(1, '100.00'));
});
afterAll(() => world.close());

const released = (releaseNo: number, amount: string) => ({
  type: EVENT_TYPES.entryReleased,
  releaseNo,
  content: { cost: { amount } },
});
const told = (sourceId: string, ...expected: object[]) =>
  eventually(async () => expect(await world.verdicts(sourceId)).toMatchObject(expected));
const costRate = (amount: string) => world.master('cost-rate', 'E1', { amount, currency: 'EUR' });
const answerWhatWasSent = () =>
  world.service.runtime.link.nc.subscribe(FEED_QUESTIONS.posting.sentEntries, {
    callback: (_error, message) => {
      const { data } = JSON.parse(message.string()) as { data: SentEntriesV1 };
      asked++;
      message.respond(JSON.stringify({ response: { sent: data.entryIds.filter((id) => sent.has(id)) }, isDisposed: true }));
    },
  });

describe('a rate that is changed for days gone by', () => {
  it('corrects what was sent, where policy says so, and asks nobody', async () => {
    await costRate('60');
    await told('r1', released(1, '50.00'), released(2, '60.00'));
    await told('r2', released(1, '100.00'), released(2, '120.00'));
    expect(asked).toBe(0);
  });

  it('rates anew only what was not sent, where policy says that', async () => {
    const accounts = world.bundle['accounts.yaml']!.replace('Afterwards: correct-posted', 'Afterwards: unsent-only');
    expect(accounts).not.toBe(world.bundle['accounts.yaml']);
    await world.activate({ ...world.bundle, 'accounts.yaml': accounts });
    sent.add(entryId('r1'));
    await costRate('70');
    // The feed is away: what stands stays, and it is asked again.
    await eventually(async () =>
      expect(
        await world.rows(`select source_id from time_entry where needs_assessment and assess_after > now() order by source_id`),
      ).toEqual([{ source_id: 'r1' }, { source_id: 'r2' }]),
    );
    expect(await world.verdicts('r2')).toHaveLength(2);
    answerWhatWasSent();
    await world.rows('update time_entry set assess_after = null where assess_after is not null');
    await told('r2', released(1, '100.00'), released(2, '120.00'), released(3, '140.00'));
    await eventually(async () => expect(await world.rows('select 1 from time_entry where needs_assessment')).toEqual([]));
    expect(await world.verdicts('r1')).toHaveLength(2);
    expect(asked).toBeGreaterThan(0);
  });

  it('comes along when the entry itself changes', async () => {
    world.psa.send('r1', fields({ hours: '3' }));
    await told('r1', released(1, '50.00'), released(2, '60.00'), released(3, '210.00'));
  });
});
