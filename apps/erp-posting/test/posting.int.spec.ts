import { EVENT_TYPES } from '@tieout/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { content, entry, hours } from './builders.js';
import { World } from './world.js';

let world: World;
afterEach(() => world.close());

describe('posting', () => {
  it('an hour is posted, read back and told', async () => {
    world = await World.create();
    await world.take([1, 1, hours('8')]);
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 confirmed']);
    expect(await world.proveExactlyOnce({ 1: 8 })).toEqual([]);
    expect((await world.events()).map((event) => event.type)).toEqual([
      EVENT_TYPES.documentPosted,
      EVENT_TYPES.documentConfirmed,
    ]);
    const [posted] = await world.events(EVENT_TYPES.documentPosted);
    expect(posted!.body).toMatchObject({
      destination: 'erp',
      postingPeriod: '2026-11',
      postingDate: '2026-11-03',
      externalId: 'B1',
      lines: [{ entryId: entry(1), hours: '8', amount: '400' }],
    });
    const audit = await world.database.query<{ action: string }>(`select action from audit_record order by id`);
    expect(audit.map((row) => row.action)).toEqual([
      'posting.planned',
      'document.frozen',
      'document.sending',
      'document.posted',
      'document.confirmed',
    ]);
  });

  it('a queue fills documents up to the maximum', async () => {
    world = await World.create('look-up', { maxLinesPerDocument: 50 });
    await world.take(...Array.from({ length: 120 }, (_, n): [number, number, ReturnType<typeof content>] => [n, 1, hours('8')]));
    await world.settle();
    expect((await world.documents()).map((d) => d.keys)).toEqual([50, 50, 20]);
    expect(await world.counts()).toEqual({ confirmed: 120 });
  });

  it('releases in any order, also repeated, end in the latest', async () => {
    world = await World.create();
    await world.take([1, 2, hours('6')]);
    await world.take([1, 1, hours('8')], [2, 2, null]);
    await world.take([1, 2, hours('6')], [2, 1, hours('8')]);
    await world.settle();
    expect(await world.states(1)).toEqual(['post 2 confirmed']);
    expect(await world.states(2)).toEqual([]);
    expect(await world.proveExactlyOnce({ 1: 6, 2: 0 })).toEqual([]);
  });

  it('corrects what was posted, cancels what was not', async () => {
    world = await World.create('draft-then-post');
    await world.take([1, 1, hours('8')]);
    await world.settle();
    await world.take([1, 2, hours('6')], [2, 1, hours('8')]);
    await world.process.planAndFreeze();
    await world.take([1, 3, hours('5')], [2, 2, null]);
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 confirmed', 'reversal 2 confirmed', 'post 2 cancelled', 'post 3 confirmed']);
    expect(await world.states(2)).toEqual(['post 1 cancelled']);
    expect(await world.proveExactlyOnce({ 1: 5, 2: 0 })).toEqual([]);
    // The document that was frozen but never sent dissolved.
    expect((await world.documents()).map((d) => d.state)).toEqual(['confirmed', 'dissolved', 'confirmed']);
    const [, reversal] = await world.lines(1);
    expect(reversal).toMatchObject({ hours: '-8', amount: '-400', workDate: '2026-11-03' });
  });

  it('a change back to the first content posts nothing', async () => {
    world = await World.create();
    await world.take([1, 1, hours('8')]);
    await world.settle();
    await world.take([1, 2, hours('6')]);
    await world.process.planAndFreeze();
    await world.take([1, 3, hours('8')]);
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 confirmed', 'reversal 2 cancelled', 'post 2 cancelled']);
    expect(world.erp.postedLines()).toHaveLength(1);
  });

  it('a release that goes elsewhere leaves nothing behind', async () => {
    world = await World.create();
    await world.take([1, 1, hours('8')]);
    await world.settle();
    await world.take([1, 2, hours('8', { routes: ['other'] })]);
    await world.process.round();
    expect(world.erp.hoursOf(entry(1))).toBe(0);
    expect((await world.lines(1)).map((line) => `${line.destination} ${line.kind}`)).toEqual([
      'erp post',
      'erp reversal',
      'other post',
    ]);
  });
});

describe('a legal entity that moved to another ERP', () => {
  const lines = async () => (await world.lines(1)).map((line) => `${line.destination} ${line.leg} ${line.kind} ${line.hours}`);

  it('keeps its past in the old one where policy says so: the difference is booked in the new', async () => {
    world = await World.create();
    let routes = ['erp'];
    world.policy = { afterMove: 'adjust-in-new', feedRoutes: () => routes };
    world.process = world.newProcess();
    await world.take([1, 1, hours('8')]);
    await world.settle();
    routes = ['other'];
    await world.take([1, 2, hours('8', { routes: ['other'] })]);
    await world.process.round();
    expect(await lines()).toEqual(['erp labour-cost post 8']);
    await world.take([1, 3, hours('6', { routes: ['other'] })]);
    await world.process.round();
    expect((await lines()).sort()).toEqual([
      'erp labour-cost post 8',
      'other carried-over:labour-cost post -8',
      'other labour-cost post 6',
    ]);
    expect(world.erp.hoursOf(entry(1))).toBe(8);
  });

  it('what was never sent to the old one is booked in the new one only', async () => {
    world = await World.create();
    let routes = ['erp'];
    world.policy = { afterMove: 'adjust-in-new', feedRoutes: () => routes };
    world.process = world.newProcess();
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    routes = ['other'];
    await world.take([1, 2, hours('6', { routes: ['other'] })]);
    await world.process.round();
    expect((await world.states(1)).length).toBe(2);
    expect(world.erp.hoursOf(entry(1))).toBe(0);
  });
});

describe('a legal entity that is frozen', () => {
  it('sends nothing until policy opens it again, and others go on', async () => {
    world = await World.create();
    await world.legalEntities('US01', 'DE01');
    let frozen = 'US01';
    world.policy = {
      mayDispatch: (_connection: string, _feed: string, _at: string, where?: { legalEntityId?: string }) =>
        where?.legalEntityId === frozen ? { open: false, why: 'close' } : { open: true },
    };
    world.process = world.newProcess();
    await world.periods({ '2026-11': 'open' }, 'DE01');
    await world.take([1, 1, hours('8')], [2, 1, hours('3', { legalEntityId: 'DE01' })]);
    await world.process.round();
    expect([await world.states(1), await world.states(2)]).toEqual([['post 1 pending'], ['post 1 confirmed']]);
    frozen = '';
    world.process = world.newProcess();
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 confirmed']);
  });
});

describe('a correction meets a line that is on its way', () => {
  it('waits for the outcome, and never overtakes it', async () => {
    world = await World.create();
    world.erp.mishaps.push('lost-after');
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    await world.process.send();
    expect(await world.states(1)).toEqual(['post 1 unknown']);
    await world.take([1, 2, hours('6')]);
    await world.process.planAndFreeze();
    expect(await world.states(1)).toEqual(['post 1 unknown']);
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 confirmed', 'reversal 2 confirmed', 'post 2 confirmed']);
    expect(await world.proveExactlyOnce({ 1: 6 })).toEqual([]);
  });

  it('a document that may have left is sent again as it is, then corrected', async () => {
    world = await World.create('look-up');
    world.erp.mishaps.push('lost-before', 'not-sent');
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    await world.process.send();
    await world.timePasses();
    await world.process.resolver.run();
    expect(await world.states(1)).toEqual(['post 1 pending']);
    await world.take([1, 2, hours('6')]);
    await world.process.planAndFreeze();
    expect(await world.states(1)).toEqual(['post 1 pending']);
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 confirmed', 'reversal 2 confirmed', 'post 2 confirmed']);
    expect(new Set(world.erp.bookings.map((b) => b.document.documentKey)).size).toBe(2);
  });
});
