import { EVENT_TYPES } from '@tieout/contracts';
import { Fault } from '@tieout/model';
import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryId, fields, World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.close());

const entry = async (sourceId: string) =>
  (
    await world.rows<{ version_no: number; deleted: boolean; hours: string }>(
      'select version_no, deleted, hours::text as hours from time_entry where entry_id = $1',
      [entryId(sourceId)],
    )
  )[0];
const at = (time: string) => ({ sourceUpdatedAt: `2026-11-01T${time}Z` });

describe('pages', () => {
  it('are kept as sent, and read to the end over several pages', async () => {
    for (let n = 1; n <= 7; n++) world.psa.send(`p${n}`, fields({ employee: 'e2', hours: '1' }), at('10:00:00.000'));
    await eventually(async () => expect(await entry('p7')).toMatchObject({ version_no: 1 }));
    const kept = await world.rows<{ source_id: string; payload: object }>(
      'select source_id, payload from source_record order by source_id',
    );
    expect(kept.map((row) => row.source_id)).toEqual(['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7']);
    const payload = { id: 'p1', ...fields({ employee: 'e2', hours: '1' }) };
    expect(kept[0]!.payload).toEqual(payload);
    const shown = await fetch(`${world.service.url}/entries/${entryId('p1')}/source-records`, {
      headers: { authorization: `Bearer ${await world.issuer.token({ subject: 'audrey', roles: ['auditor'] })}` },
    });
    expect(await shown.json()).toEqual({
      items: [expect.objectContaining({ payload, sourceUpdatedAt: at('10:00:00.000').sourceUpdatedAt })],
    });
  });

  it('with the same content make no new version, and an older copy is ignored', async () => {
    world.psa.send('p1', fields({ employee: 'e2', hours: '1' }), at('11:00:00.000'));
    world.psa.send('p2', fields({ employee: 'e2', hours: '1.5' }), at('10:00:00.500'));
    world.psa.send('p2', fields({ employee: 'e2', hours: '9' }), at('10:00:00'));
    await eventually(async () => expect(await entry('p2')).toMatchObject({ version_no: 2 }));
    await world.turn();
    expect(await entry('p1')).toMatchObject({ version_no: 1 });
    expect(await entry('p2')).toMatchObject({ version_no: 2, hours: '1.5' });
  });

  it('a record that cannot be mapped is refused once, and mended by a later copy', async () => {
    const since = await world.now();
    const refused = { type: EVENT_TYPES.recordRefused, connection: 'psa', recordKey: 'bad' };
    world.psa.send('bad', fields({ hours: 'eight' }));
    world.psa.send('bad', fields({ hours: 'eight' }));
    await eventually(async () => expect(await world.news(since)).toMatchObject([refused]));
    await world.turn();
    expect(await entry('bad')).toBeUndefined();
    world.psa.send('bad', fields());
    await eventually(async () => expect(await world.news(since)).toMatchObject([refused, { type: EVENT_TYPES.recordMended }]));
    expect(await entry('bad')).toMatchObject({ version_no: 1 });
  });

  it('a refused file is mended when it reads well', async () => {
    const since = await world.now();
    world.psa.asides.push({
      malformed: [{ recordKey: 'week.csv', where: 'week.csv', why: 'the checksum differs', payload: null }],
    });
    await eventually(async () =>
      expect(await world.news(since)).toMatchObject([{ type: EVENT_TYPES.recordRefused, recordKey: 'week.csv' }]),
    );
    world.psa.asides.push({ readWell: ['week.csv', 'week.csv:2'] });
    await eventually(async () =>
      expect((await world.news(since)).map(({ type }) => type)).toEqual([EVENT_TYPES.recordRefused, EVENT_TYPES.recordMended]),
    );
  });

  it('a refused record that the source deletes is no trouble any longer', async () => {
    const since = await world.now();
    world.psa.send('worse', fields({ hours: '' }));
    await eventually(async () => expect(await world.news(since)).toMatchObject([{ type: EVENT_TYPES.recordRefused }]));
    world.psa.send('worse', {}, { deleted: true });
    world.psa.keys.delete('worse');
    await eventually(async () =>
      expect((await world.news(since)).map(({ type }) => type)).toEqual([EVENT_TYPES.recordRefused, EVENT_TYPES.recordMended]),
    );
  });
});

describe('key sweep', () => {
  it('takes only what is missing twice for deleted', async () => {
    world.psa.skips.push('p3');
    await eventually(() => world.psa.skips.length === 0);
    await world.turn();
    expect(await entry('p3')).toMatchObject({ deleted: false });
    world.psa.keys.delete('p3');
    await eventually(async () => expect(await entry('p3')).toMatchObject({ deleted: true, version_no: 2 }));
    await eventually(async () =>
      expect((await world.verdicts('p3')).at(-1)).toMatchObject({ type: EVENT_TYPES.entryWithdrawn, cause: 'deleted' }),
    );
  });

  it.each([
    ['half a list', () => (world.psa.announces = 100), () => (world.psa.announces = undefined)],
    [
      'most keys gone at once',
      () => ['p1', 'p2', 'p4', 'p5', 'p6'].forEach((key) => world.psa.keys.delete(key)),
      () => ['p1', 'p2', 'p4', 'p5', 'p6'].forEach((key) => world.psa.keys.add(key)),
    ],
  ])('%s deletes nothing and is told once, and its end once', async (_what, breakIt, mendIt) => {
    const since = await world.now();
    const faulted = { type: EVENT_TYPES.connectionFaulted, connection: 'psa', raisedBy: 'time', reason: 'CONTRACT_BROKEN' };
    breakIt();
    await eventually(async () => expect(await world.news(since)).toMatchObject([faulted]));
    await world.turn();
    expect(await world.news(since)).toMatchObject([faulted]);
    expect(await world.rows(`select source_id from time_entry where deleted`)).toEqual([{ source_id: 'p3' }]);
    mendIt();
    await eventually(async () =>
      expect(await world.news(since)).toMatchObject([faulted, { type: EVENT_TYPES.connectionRecovered }]),
    );
  });

  it('wrong credentials are told as such, and delete nothing', async () => {
    const since = await world.now();
    world.psa.fails = { access: new Fault('CredentialsRejected', 'GET /me: 401') };
    const faulted = { type: EVENT_TYPES.connectionFaulted, reason: 'CREDENTIALS_REJECTED', message: 'GET /me: 401' };
    await eventually(async () => expect(await world.news(since)).toMatchObject([faulted]));
    expect(await world.rows(`select source_id from time_entry where deleted`)).toEqual([{ source_id: 'p3' }]);
    world.psa.fails = {};
    await eventually(async () =>
      expect(await world.news(since)).toMatchObject([faulted, { type: EVENT_TYPES.connectionRecovered }]),
    );
  });
});

describe('webhooks', () => {
  const knock = (body: unknown, signature = 'good', connection = 'psa') =>
    world.post(`/webhooks/${connection}`, body, { 'x-signature': signature });

  it.each([
    ['a wrong signature', () => knock({ delivery: 'd0', ids: ['p1'] }, 'bad'), 401, 'signature-mismatch'],
    ['an unreadable body', () => knock({ ids: ['p1'] }), 400, 'unreadable-webhook'],
    ['an unknown connection', () => knock({ delivery: 'd0' }, 'good', 'crm'), 404, 'no-such-connection'],
  ])('%s is refused', async (_what, send, status, code) => {
    const answer = await send();
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
    expect(await world.rows('select delivery_id from webhook_hint')).toEqual([]);
  });

  it('a good one has its records fetched, a repeated delivery once', async () => {
    expect((await knock({ delivery: 'd1', ids: ['p4'] })).status).toBe(202);
    await eventually(() => world.psa.fetchedById.length > 0);
    expect((await knock({ delivery: 'd1', ids: ['p4'] })).status).toBe(202);
    await world.turn();
    expect(world.psa.fetchedById).toEqual(['p4']);
  });

  it('a record that is gone is taken as deleted, and delays nothing', async () => {
    world.psa.keys.delete('p2');
    expect((await knock({ delivery: 'd-gone', ids: ['p2'] })).status).toBe(202);
    const kept = `select payload from source_record where source_id = 'p2' and payload = 'null'`;
    await eventually(async () => expect(await world.rows(kept)).toHaveLength(1));
    expect(await world.rows(`select deleted from time_entry where source_id = 'p2'`)).toEqual([{ deleted: true }]);
    await world.turn();
  });

  it('hints wait while the source asks to be left alone', async () => {
    const turns = world.psa.turns;
    world.psa.fails = { access: new Fault('RateLimited', '429', { retryAfterMs: 2500 }) };
    await eventually(() => world.psa.turns > turns);
    const askedToWaitMs = performance.now();
    world.psa.fails = {};
    expect((await knock({ delivery: 'd2', ids: ['p5'] })).status).toBe(202);
    await eventually(() => world.psa.fetchedById.includes('p5'));
    expect(performance.now() - askedToWaitMs).toBeGreaterThan(2400);
  });
});
