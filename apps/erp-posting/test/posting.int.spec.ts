import { EVENT_TYPES } from '@tieout/contracts';
import { Fault } from '@tieout/model';
import { afterEach, describe, expect, it } from 'vitest';
import { CALENDAR, content, entry, World } from './world.js';

let world: World;
afterEach(() => world.close());

const hours = (value: string, more: object = {}) => content({ hours: value, amount: String(Number(value) * 50), ...more });

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
      mayDispatch: (_connection: string, _feed: string, _at: string, entity?: string) =>
        entity === frozen ? { open: false, why: 'close' } : { open: true },
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

describe('refusals of the destination', () => {
  it.each(['idempotency-key', 'draft-then-post'] as const)('%s: bisects to the bad line; the others post', async (protocol) => {
    world = await World.create(protocol);
    world.erp.namesLines = false;
    world.erp.refuses = (line) => (line.entryId === entry(13) ? 'unknown analytic account' : undefined);
    await world.take(...Array.from({ length: 32 }, (_, n): [number, number, ReturnType<typeof content>] => [n, 1, hours('8')]));
    await world.settle();
    expect(await world.counts()).toEqual({ confirmed: 31, rejected: 1 });
    const [rejected] = await world.events(EVENT_TYPES.lineRejected);
    expect(rejected!.body).toMatchObject({ entryId: entry(13), message: 'a line is invalid', hours: '8' });
    // log n, not n: 1 + 2 per level of a tree of 32.
    expect(world.erp.writes).toBeLessThanOrEqual(protocol === 'draft-then-post' ? 22 : 11);
    // The drafts of refused documents are gone.
    expect(world.erp.bookings.every((b) => b.state === 'posted')).toBe(true);
  });

  it('a named line is rejected, the others freeze anew; mended and retried, it posts', async () => {
    world = await World.create();
    world.erp.refuses = (line) => (line.entryId === entry(2) ? 'no such worker' : undefined);
    await world.take([1, 1, hours('8')], [2, 1, hours('8')]);
    await world.settle();
    expect(await world.counts()).toEqual({ confirmed: 1, rejected: 1 });
    const [line] = await world.lines(2);
    world.erp.refuses = () => undefined;
    expect(await world.retry(line!.postingKey, entry(9))).toEqual({
      retried: 1,
      refused: [{ postingKey: entry(9), why: 'there is no such posting' }],
    });
    await world.settle();
    expect(await world.counts()).toEqual({ confirmed: 2 });
    expect(await world.events(EVENT_TYPES.lineCleared)).toHaveLength(1);
    expect((await world.retry(line!.postingKey)).refused[0]!.why).toContain('confirmed');
  });

  it('a rejected line that is replaced is cleared', async () => {
    world = await World.create();
    world.erp.refuses = (line) => (line.projectCode === 'BAD' ? 'no such project' : undefined);
    await world.take([1, 1, hours('8', { projectCode: 'BAD' })]);
    await world.settle();
    await world.take([1, 2, hours('8')]);
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 cancelled', 'post 2 confirmed']);
    expect(await world.events(EVENT_TYPES.lineCleared)).toHaveLength(1);
  });

  it('partial acceptance: what was taken is posted, what was refused rejected, also when the answer was lost', async () => {
    world = await World.create('look-up', { partialAcceptance: true });
    world.erp.takesParts = true;
    world.erp.refuses = (line) => (line.entryId === entry(2) ? 'no' : undefined);
    await world.take([1, 1, hours('8')], [2, 1, hours('8')]);
    await world.settle();
    expect(await world.counts()).toEqual({ confirmed: 1, rejected: 1 });
    world.erp.refuses = (line) => (line.entryId === entry(4) ? 'no' : undefined);
    world.erp.mishaps.push('lost-after');
    await world.take([3, 1, hours('8')], [4, 1, hours('8')]);
    await world.settle();
    expect(await world.states(4)).toEqual(['post 1 rejected']);
    expect(await world.counts()).toEqual({ confirmed: 2, rejected: 2 });
    expect(await world.proveExactlyOnce({ 1: 8, 2: 0, 3: 8, 4: 0 })).toEqual([]);
  });
});

describe('accounting periods', () => {
  it('a late original is held with its reason until the period is reopened', async () => {
    world = await World.create();
    await world.take([1, 1, hours('8', { workDate: '2026-10-20' })]);
    await world.settle();
    expect(await world.counts()).toEqual({ blocked: 1 });
    const [blocked] = await world.events(EVENT_TYPES.lineBlocked);
    expect(blocked!.body).toMatchObject({ reason: 'PERIOD_CLOSED', workDate: '2026-10-20' });
    await world.process.planAndFreeze();
    expect(await world.events(EVENT_TYPES.lineBlocked)).toHaveLength(1);
    await world.periods({ '2026-10': 'open' });
    await world.settle();
    expect(await world.counts()).toEqual({ confirmed: 1 });
    expect(await world.events(EVENT_TYPES.lineCleared)).toHaveLength(1);
  });

  it('a correction of a closed period goes to the first open one, with its own work date', async () => {
    world = await World.create();
    await world.periods({ '2026-10': 'open' });
    await world.take([1, 1, hours('8', { workDate: '2026-10-20' })]);
    await world.settle();
    await world.periods({ '2026-10': 'closed' });
    await world.take([1, 2, hours('6', { workDate: '2026-10-20' })]);
    await world.settle();
    expect((await world.lines(1)).map((l) => [l.kind, l.postingPeriod, l.postingDate, l.workDate])).toEqual([
      ['post', '2026-10', '2026-10-20', '2026-10-20'],
      ['reversal', '2026-11', '2026-11-01', '2026-10-20'],
      ['post', '2026-11', '2026-11-01', '2026-10-20'],
    ]);
    expect(await world.proveExactlyOnce({ 1: 6 })).toEqual([]);
  });

  it('a destination that refuses one period after the other is asked once for each', async () => {
    world = await World.create();
    CALENDAR.lateOriginals = 'first-open-period';
    try {
      world.erp.closedPeriods.add('2026-11').add('2026-12');
      await world.take([1, 1, hours('8')]);
      await world.settle();
      expect(world.erp.writes).toBe(2);
      expect(await world.counts()).toEqual({ blocked: 1 });
    } finally {
      CALENDAR.lateOriginals = 'hold';
    }
  });

  it('the destination closed the period first: the document dissolves and its lines are placed anew', async () => {
    world = await World.create();
    CALENDAR.lateOriginals = 'first-open-period';
    try {
      world.erp.closedPeriods.add('2026-11');
      await world.take([1, 1, hours('8')], [2, 1, hours('8')]);
      await world.settle();
      expect((await world.documents()).map((d) => [d.state, d.period])).toEqual([
        ['rejected', '2026-11'],
        ['confirmed', '2026-12'],
      ]);
    } finally {
      CALENDAR.lateOriginals = 'hold';
    }
  });

  it('held by a destination’s word, it posts when master data has news or a person retries', async () => {
    world = await World.create();
    world.erp.closedPeriods.add('2026-11');
    await world.take([1, 1, hours('8')], [2, 1, hours('6')]);
    await world.settle();
    expect(await world.counts()).toEqual({ blocked: 2 });
    expect(world.erp.writes).toBe(1);
    world.erp.closedPeriods.clear();
    const [line] = await world.lines(1);
    await world.retry(line!.postingKey);
    await world.settle();
    expect(await world.counts()).toEqual({ blocked: 1, confirmed: 1 });
    await world.periods({ '2026-11': 'open' });
    await world.settle();
    expect(await world.counts()).toEqual({ confirmed: 2 });
  });

  it('a period that closes before a document was sent takes it no more', async () => {
    world = await World.create();
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    await world.periods({ '2026-11': 'closed' });
    await world.settle();
    expect(world.erp.writes).toBe(0);
    expect(await world.counts()).toEqual({ blocked: 1 });
  });
});

describe('read back', () => {
  it('a yes that wrote nothing is found out, and sent again under the same key', async () => {
    world = await World.create();
    world.erp.mishaps.push('says-yes-writes-nothing');
    await world.take([1, 1, hours('8')]);
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 confirmed']);
    expect((await world.events()).map((e) => e.type)).toEqual([
      EVENT_TYPES.documentPosted,
      EVENT_TYPES.documentUnknown,
      EVENT_TYPES.documentResolved,
      EVENT_TYPES.documentPosted,
      EVENT_TYPES.documentConfirmed,
    ]);
    expect((await world.events(EVENT_TYPES.documentResolved))[0]!.body).toMatchObject({ resolution: 'not-booked' });
  });

  it('what stands there otherwise than sent is a case, and heals when somebody mends it', async () => {
    world = await World.create();
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    await world.process.send();
    const [booking] = world.erp.bookings;
    const good = booking!.lines;
    booking!.lines = good.map((line) => ({ ...line, amount: '40' }));
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 unknown']);
    expect((await world.events(EVENT_TYPES.documentUnknown)).map((e) => e.body['message'])).toEqual([
      expect.stringContaining('amount 40, sent was 400'),
    ]);
    booking!.lines = good;
    await world.timePasses();
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 confirmed']);
  });
});

describe('a poison entry delays no other', () => {
  it('in planning', async () => {
    world = await World.create();
    await world.take([1, 1, hours('8')]);
    // What no code here writes: a target whose figures are none.
    await world.database.query(`update target set wanted = jsonb_set(wanted, '{0,content,workDate}', 'null')`);
    await world.database.query(`alter table posting add constraint test__ck check (content ->> 'workDate' is not null)`);
    await world.take([2, 1, hours('6')], [3, 1, hours('4')]);
    for (let run = 0; run < 5; run++) await world.process.planner.run().catch(() => undefined);
    expect([await world.states(1), await world.states(2), await world.states(3)]).toEqual([
      [],
      ['post 1 pending'],
      ['post 1 pending'],
    ]);
  });

  it('in the queue: a document that never gets through does not hold up the next', async () => {
    world = await World.create('idempotency-key', { maxLinesPerDocument: 1, maxConcurrency: 1 });
    world.erp.whileWorking = async (document) => {
      if (document.lines[0]!.entryId === entry(1)) throw new Fault('Unavailable', 'this one never');
    };
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    await world.take([2, 1, hours('6')]);
    await world.process.planAndFreeze();
    for (let turn = 0; turn < 3; turn++) {
      await world.process.send();
      await world.database.query(`update connection_state set retry_at = null`);
    }
    expect([await world.states(1), await world.states(2)]).toEqual([['post 1 pending'], ['post 1 posted']]);
  });

  it('in read-back', async () => {
    world = await World.create('idempotency-key', { maxLinesPerDocument: 1 });
    await world.take([1, 1, hours('8')], [2, 1, hours('6')]);
    await world.process.planAndFreeze();
    await world.process.send();
    const poison = world.erp.bookings[0]!.externalId;
    world.erp.readable = (ids) => {
      if (ids.includes(poison)) throw new Fault('ContractBroken', 'not a document');
    };
    await world.timePasses();
    await world.process.confirmer.run();
    expect(await world.counts()).toEqual({ posted: 1, confirmed: 1 });
  });
});
