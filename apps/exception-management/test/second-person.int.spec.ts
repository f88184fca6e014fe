import { randomUUID } from 'node:crypto';
import { EVENT_TYPES, FEED_COMMANDS } from '@tieout/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AT, World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.stop());

/** What the demo's policy lets one person ask for again. */
const ALONE = 25;

const rejected = async (destination: string, count: number): Promise<string[]> => {
  const keys = Array.from({ length: count }, () => randomUUID());
  for (const postingKey of keys)
    await world.tell(
      EVENT_TYPES.lineRejected,
      {
        postingKey,
        entryId: randomUUID(),
        releaseNo: 1,
        destination,
        legalEntityId: 'DE01',
        message: 'no such worker',
        workDate: '2026-11-01',
        hours: '2',
        amount: '100',
        currency: 'EUR',
        rejectedAt: AT,
      },
      'posting',
    );
  await world.become(`destination:${destination}`, { state: 'open', totals: { items: count } });
  return keys;
};
const retry = async (destination: string): Promise<Response> => {
  const [found] = await world.cases(`destination:${destination}`);
  return world.call(`/cases/${found!.caseId}/retry`, ['operator'], 'POST');
};

it('a case of as many as one person may ask for again is asked for', async () => {
  const keys = await rejected('erp', ALONE);
  expect((await retry('erp')).status).toBe(202);
  expect(world.commands.map(({ data }) => (data as { postingKeys: string[] }).postingKeys.toSorted())).toEqual([keys.toSorted()]);
});

it('a case of more needs a second person: nothing is asked, and what governance is to be asked stands in the answer', async () => {
  world.commands.length = 0;
  const keys = await rejected('other', ALONE + 1);
  const answer = await retry('other');
  const body = (await answer.json()) as { command: { postingKeys: string[] } };
  expect(answer.status).toBe(409);
  expect(body).toMatchObject({
    code: 'second-person-needed',
    subject: FEED_COMMANDS.posting.retry,
    size: { lines: ALONE + 1, hours: '52', amounts: { EUR: '2600' } },
  });
  expect(body.command.postingKeys.toSorted()).toEqual(keys.toSorted());
  expect(world.commands).toEqual([]);
  const asked = await world.service.runtime.database.query(`select 1 from audit_record where action = 'case.retry-asked'`);
  expect(asked).toHaveLength(1);
});
