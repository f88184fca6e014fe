import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RemoveSourceContent } from '../src/use-cases/remove-source-content.js';
import { fields, World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
  for (const id of ['old', 'changed', 'new']) world.psa.send(id, fields({ hours: '2' }));
  await eventually(async () => expect(await kept()).toEqual(['changed', 'new', 'old']), 20_000);
});
afterAll(() => world.close());

const kept = async (): Promise<string[]> =>
  (await world.rows<{ source_id: string }>(`select source_id from source_record where payload <> 'null' order by 1`)).map(
    ({ source_id }) => source_id,
  );
const run = () => new RemoveSourceContent(world.service.runtime).run();

it('what a source sent goes when its entry was last changed longer ago than policy says; hash, key and entry stay', async () => {
  expect(await run()).toBe('idle');
  expect(await kept()).toHaveLength(3);
  await world.rows(`update source_record set received_at = now() - interval '800 days' where source_id in ('old', 'changed')`);
  await world.rows(`update time_entry set version_received_at = now() - interval '800 days' where source_id = 'old'`);
  expect(await run()).toBe('idle');
  expect(await kept()).toEqual(['changed', 'new']);
  const [record] = await world.rows(
    `select payload, payload_hash is not null as hashed, erased_at is not null as erased from source_record where source_id = 'old'`,
  );
  expect(record).toEqual({ payload: null, hashed: true, erased: true });
  expect(await world.rows(`select from time_entry where source_id = 'old'`)).toHaveLength(1);
});

it('is on record once for each run that removed something', async () => {
  await run();
  const records = await world.rows(
    `select actor, after, reason from audit_record where action = 'source-record.content-removed'`,
  );
  expect(records).toEqual([
    {
      actor: 'service:time-ingestion',
      after: { records: 1, refused: 0, receivedBefore: expect.stringMatching(/Z$/) },
      reason: 'retention.yaml: sourceRecords P730D',
    },
  ]);
});
