import type { PostingProtocol } from '@tieout/connector-kit';
import type { ReleasedContent } from '@tieout/model';
import { afterEach, describe, expect, it } from 'vitest';
import { entry, hours } from './builders.js';
import type { Process } from './process.js';
import { World } from './world.js';

let world: World;
afterEach(() => world.close());

const WINDOW = { from: '2026-01-01', to: '2027-12-31' };
const restore = (process: Process, dryRun = false) =>
  process.operations.restore({ actor: 'user:olga', destination: 'erp', dryRun, ...WINDOW });

type Release = [n: number, releaseNo: number, content: ReleasedContent | null];
/** What the sources say in the end. */
const LATEST: Release[] = [
  [1, 2, hours('6')],
  [2, 2, null],
  [3, 1, hours('8')],
  [4, 3, hours('8')],
  [5, 1, hours('3')],
];
const EXPECTED = { 1: 6, 2: 0, 3: 8, 4: 8, 5: 3 };

/** At each point the database may be backed up. */
const STORY: Record<string, (w: World) => Promise<unknown>> = {
  begun: (w) => w.take([1, 1, hours('8')], [2, 1, hours('8')], [3, 1, hours('8')]),
  frozen: (w) => w.process.planAndFreeze(),
  sent: (w) => w.process.send(),
  confirmed: (w) => w.settle(),
  corrected: (w) => w.take([1, 2, hours('6')], [2, 2, null], [4, 1, hours('8')]),
  'correction frozen': (w) => w.process.planAndFreeze(),
  'answer lost': async (w) => {
    w.erp.mishaps.push('lost-after');
    await w.process.send();
  },
  'there and back': async (w) => {
    await w.settle();
    await w.take([4, 2, hours('7')]);
    await w.settle();
    await w.take([4, 3, hours('8')], [5, 1, hours('3')]);
  },
  end: (w) => w.settle(),
};

const locked = () => world.database.query(`select connection from connection_state where locked_why is not null order by 1`);

/** Lives the story, and puts back the backup of the point. */
const liveAndGoBack = async (point: string): Promise<void> => {
  let backUp: { putBack(): Promise<void> } | undefined;
  for (const [name, step] of Object.entries(STORY)) {
    await step(world);
    if (name === point) backUp = await world.backUp();
  }
  expect(await world.proveExactlyOnce(EXPECTED)).toEqual([]);
  await world.process.ledger.guard.tell();
  await backUp!.putBack();
};

const deriveAgain = async (process: Process): Promise<void> => {
  expect(await restore(process)).toEqual([{ refused: expect.stringContaining('ask again in') }]);
  for (let round = 0; round < 4; round++) {
    await world.timePasses();
    await process.resolver.run();
    await process.confirmer.run();
    const rehearsed = await restore(process, true);
    const [answer] = await restore(process);
    expect(answer).toMatchObject({ destination: 'erp' });
    if ('refused' in answer! || answer!.unreadable.length > 0) continue;
    if (round === 0) expect(rehearsed).toEqual([{ ...answer, dryRun: true }]);
    return;
  }
  throw new Error(JSON.stringify(await restore(process, true)));
};

const PROTOCOLS: PostingProtocol[] = ['idempotency-key', 'look-up', 'draft-then-post'];

describe.each(PROTOCOLS)('the database goes back, %s', (protocol) => {
  it.each(Object.keys(STORY).filter((point) => point !== 'end'))('to: %s', async (point) => {
    world = await World.create(protocol, { maxLinesPerDocument: 2 });
    await liveAndGoBack(point);
    const { writes } = world.erp;
    const reborn = world.newProcess();
    const other = world.newProcess();
    // The process that lived on and new ones alike send nothing, whatever the sources tell again.
    await world.take(...LATEST);
    for (const process of [reborn, world.process, other]) {
      await process.planAndFreeze();
      await process.send();
    }
    expect(world.erp.writes).toBe(writes);
    expect(await locked()).toEqual([{ connection: 'erp' }, { connection: 'other' }]);

    await deriveAgain(reborn);
    await world.database.query(`update connection_state set locked_why = null where connection = 'other'`);
    for (const process of [reborn, world.process, other]) await world.settle(process);
    expect(await world.proveExactlyOnce(EXPECTED)).toEqual([]);
    expect(await locked()).toEqual([]);
    // The books were right before: nothing had to be sent for it but what the backup and its destination disagree on.
    expect(world.erp.postedLines().length).toBeGreaterThanOrEqual(8);
  });
});

describe('what the backup knew otherwise than it became', () => {
  const wayBack = async (process = world.process): Promise<void> => {
    await process.planAndFreeze();
    await process.send();
    await deriveAgain(process);
    await world.database.query(`update connection_state set locked_why = null where connection = 'other'`);
    await world.settle(process);
  };

  it('given back to be sent again as it is, and booked after the backup', async () => {
    world = await World.create('look-up');
    await world.take([1, 1, hours('8')]);
    world.erp.mishaps.push('lost-before');
    await world.process.planAndFreeze();
    await world.process.send();
    await world.timePasses();
    await world.process.resolver.run();
    expect(await world.states(1)).toEqual(['post 1 pending']);
    const backUp = await world.backUp();
    await world.settle();
    await backUp.putBack();
    await wayBack();
    expect(world.erp.writes).toBe(2);
    expect(await world.proveExactlyOnce({ 1: 8 })).toEqual([]);
  });

  it.each(['lost-before', 'not-sent'] as const)('on its way (%s), and cut into halves after the backup', async (mishap) => {
    world = await World.create('look-up');
    world.erp.namesLines = false;
    world.erp.refuses = (line) => (line.entryId === entry(3) ? 'unknown project' : undefined);
    await world.take([1, 1, hours('8')], [2, 1, hours('7')], [3, 1, hours('6')], [4, 1, hours('5')]);
    await world.process.planAndFreeze();
    world.erp.mishaps.push(mishap);
    await world.process.sender.run();
    await world.process.sender.drain();
    const backUp = await world.backUp();
    await world.settle();
    expect(await world.proveExactlyOnce({ 1: 8, 2: 7, 4: 5 })).toEqual([]);
    await backUp.putBack();
    await wayBack();
    expect(await world.proveExactlyOnce({ 1: 8, 2: 7, 4: 5 })).toEqual([]);
  });

  it('taken for later in the backup, and booked since', async () => {
    world = await World.create('look-up', { answersLater: true });
    world.erp.answersLater = true;
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    await world.process.send();
    const backUp = await world.backUp();
    await world.timePasses();
    let no: string | undefined;
    world.erp.tellsOf = (document) => ({ kind: 'posted', externalId: (no ??= world.erp.book(document).externalId) });
    await world.process.resolver.run();
    world.erp.answersLater = false;
    await world.take([1, 2, hours('6')]);
    await world.settle();
    await backUp.putBack();
    await world.take([1, 2, hours('6')]);
    await wayBack();
    expect(await world.proveExactlyOnce({ 1: 6 })).toEqual([]);
  });

  it('owed no longer by what the sources say now, though it was booked', async () => {
    world = await World.create('look-up');
    const backUp = await world.backUp();
    await world.take([1, 1, hours('8')]);
    await world.settle();
    await backUp.putBack();
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    await world.take([1, 2, hours('6')]);
    await world.process.planAndFreeze();
    // Nothing is planned before the ledger knows what stands.
    expect(await world.states(1)).toEqual([]);
    await wayBack();
    expect(await world.proveExactlyOnce({ 1: 6 })).toEqual([]);
    expect(world.erp.postedLines().map(({ kind, hours: h }) => `${kind} ${h}`)).toEqual(['post 8', 'reversal -8', 'post 6']);
  });

  it('a history that went another way, under the same release numbers, is corrected', async () => {
    world = await World.create('look-up', { maxLinesPerDocument: 1 });
    const backUp = await world.backUp();
    await world.take([1, 1, hours('8')], [2, 1, hours('8')], [3, 1, hours('8')]);
    await world.settle();
    await backUp.putBack();
    // The same release numbers, other hours or another project of as many hours.
    await world.take([1, 1, hours('7')], [2, 1, hours('8', { projectCode: 'P2' })], [3, 1, hours('8')]);
    await wayBack();
    expect(await world.proveExactlyOnce({ 1: 7, 2: 8, 3: 8 })).toEqual([]);
    expect(await world.states(1)).toEqual(['post 1 confirmed', 'reversal 1 confirmed', 'post 2 confirmed']);
    expect(await world.states(3)).toEqual(['post 1 confirmed']);
    // The next release number was used up by then; the ledger goes on behind it.
    await world.take([1, 2, hours('5')]);
    await world.settle();
    expect(await world.proveExactlyOnce({ 1: 5, 2: 8, 3: 8 })).toEqual([]);
  });

  it('where the destination tells too little, lines are recognised by their keys; what went another way ends locked, with a report', async () => {
    world = await World.create('look-up', { maxLinesPerDocument: 1 });
    const backUp = await world.backUp();
    await world.take([1, 1, hours('8')], [2, 1, hours('8')]);
    await world.settle();
    await backUp.putBack();
    world.erp.tellsKeysOnly = true;
    await world.take([1, 1, hours('7')], [2, 1, hours('8')]);
    await world.process.planAndFreeze();
    await world.process.send();
    for (let n = 0; n < 4; n++) {
      await world.timePasses();
      await restore(world.process);
      await world.rounds(2);
    }
    await world.timePasses();
    const [answer] = await restore(world.process);
    expect(answer).toMatchObject({ unreadable: [expect.stringMatching(/owes something else/)] });
    expect(await locked()).toContainEqual({ connection: 'erp' });
    expect(world.erp.writes).toBe(2);
    expect(await world.states(2)).toEqual(['post 1 confirmed']);
  });

  it('a request that left before the lock and arrives late is waited for', async () => {
    world = await World.create('look-up');
    const backUp = await world.backUp();
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    let arrive: () => void = () => {};
    world.erp.whileWorking = () => new Promise((resolve) => (arrive = resolve));
    await world.process.sender.run();
    // As the watch does every half second.
    await world.process.resolver.run();
    await world.process.ledger.guard.tell();
    await backUp.putBack();
    world.erp.whileWorking = async () => {};
    const reborn = world.newProcess();
    await world.take([1, 1, hours('8')]);
    await reborn.planAndFreeze();
    await reborn.send();
    expect(await restore(reborn)).toEqual([{ refused: expect.stringContaining('may still arrive') }]);
    arrive();
    await world.process.sender.drain();
    await world.timePasses();
    expect(await restore(reborn)).toMatchObject([{ documentsTaken: 1, unreadable: [] }]);
    await world.settle(reborn);
    expect(world.erp.writes).toBe(1);
    expect(await world.proveExactlyOnce({ 1: 8 })).toEqual([]);
  });
});
