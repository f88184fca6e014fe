import { EVENT_TYPES } from '@tieout/contracts';
import { Fault } from '@tieout/model';
import { afterEach, describe, expect, it } from 'vitest';
import { content, entry, hours } from './builders.js';
import { World } from './world.js';

let world: World;
afterEach(() => world.close());

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
