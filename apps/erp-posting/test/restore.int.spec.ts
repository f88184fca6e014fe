import type { PostingProtocol } from '@tieout/connector-kit';
import type { ReleasedContent } from '@tieout/model';
import { afterEach, describe, expect, it } from 'vitest';
import { content, entry, World, type Process } from './world.js';

let world: World;
afterEach(() => world.close());

const hours = (value: string, more: object = {}) => content({ hours: value, amount: String(Number(value) * 50), ...more });
const WINDOW = { from: '2026-01-01', to: '2027-12-31' };
const restore = (process: Process, dryRun = false) => process.operations.restore({ actor: 'user:olga', dryRun, ...WINDOW });

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
