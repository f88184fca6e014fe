import type { PostingLine } from '@tieout/connector-kit';
import { EVENT_TYPES } from '@tieout/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { content, entry, hours } from './builders.js';
import { World } from './world.js';

let world: World;
afterEach(() => world.close());

const OLGA = { actor: 'user:olga' as const };
const real = { ...OLGA, dryRun: false };
const rehearsal = { ...OLGA, dryRun: true };

/** What must not change when something is only rehearsed. */
const everything = async (): Promise<unknown> => ({
  targets: await world.database.query(`select * from target order by entry_id, destination`),
  postings: await world.database.query(`select * from posting order by posting_key`),
  documents: await world.database.query(`select * from document order by document_key`),
  audit: await world.database.query(`select count(*) from audit_record`),
  outbox: await world.database.query(`select count(*) from outbox`),
  adopted: await world.database.query(`select * from adopted_line`),
});
const keysOf = (lines: readonly PostingLine[]): string[] => lines.map((line) => line.postingKey).sort();

describe('replay', () => {
  const selections = async () => ({
    time: { by: 'time' as const, from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' },
    entries: { by: 'entries' as const, entryIds: [entry(1), entry(2), entry(3)] },
    documents: {
      by: 'documents' as const,
      documentKeys: (await world.database.query<{ k: string }>(`select document_key as k from document`)).map(({ k }) => k),
    },
    destination: { by: 'destination' as const, destination: 'erp' },
  });

  it.each(['time', 'entries', 'documents', 'destination'] as const)(
    'by %s: the rehearsal says exactly what then happens, and writes nothing',
    async (by) => {
      world = await World.create('look-up', { maxLinesPerDocument: 1 });
      world.erp.refuses = (line) => (line.entryId === entry(3) ? 'unknown project' : undefined);
      await world.take([1, 1, hours('8')], [2, 1, hours('8')], [3, 1, hours('8')]);
      await world.settle();
      world.erp.refuses = () => undefined;
      const before = await everything();
      const selection = (await selections())[by];
      const said = await world.process.operations.replay({ ...selection, ...rehearsal });
      expect(await everything()).toEqual(before);
      expect(said).toMatchObject({
        documentsToReadBack: 2,
        linesToRetry: 1,
        targets: 3,
        linesToPost: 0,
        linesToReverse: 0,
        linesToCancel: 0,
      });
      const { writes } = world.erp;
      expect(await world.process.operations.replay({ ...selection, ...real })).toEqual({ ...said, dryRun: false });
      await world.settle();
      expect(world.erp.writes).toBe(writes + 1);
      expect(await world.proveExactlyOnce({ 1: 8, 2: 8, 3: 8 })).toEqual([]);
    },
  );

  it('finds what was deleted in the destination behind our back, and sends that again under its own key, nothing else', async () => {
    world = await World.create('look-up', { maxLinesPerDocument: 3 });
    await world.take([1, 1, hours('8')], [2, 1, hours('7')], [3, 1, hours('6')]);
    await world.settle();
    await world.take([4, 1, hours('5')]);
    await world.settle();
    const before = keysOf(world.erp.postedLines());
    const [many, one] = world.erp.bookings;
    world.erp.remove(many!.externalId, many!.lines.find((line) => line.entryId === entry(2))!.postingKey);
    world.erp.remove(one!.externalId);
    expect(world.erp.postedLines()).toHaveLength(2);
    const { writes } = world.erp;
    await world.process.operations.replay({ by: 'destination', destination: 'erp', ...real });
    await world.settle();
    expect(keysOf(world.erp.postedLines())).toEqual(before);
    expect(world.erp.writes).toBe(writes + 2);
    expect(await world.proveExactlyOnce({ 1: 8, 2: 7, 3: 6, 4: 5 })).toEqual([]);
  });

  it('is safe while sends are under way, and repeated', async () => {
    world = await World.create('look-up', { maxLinesPerDocument: 2 });
    const all = { by: 'destination' as const, destination: 'erp' };
    const other = world.newProcess();
    world.erp.whileWorking = async () => {
      await other.operations.replay({ ...all, ...real });
      await other.confirmer.run();
    };
    await world.take(...Array.from({ length: 9 }, (_, n): [number, number, ReturnType<typeof content>] => [n, 1, hours('8')]));
    await world.settle();
    await world.take([1, 2, hours('6')], [2, 2, null]);
    await world.process.planAndFreeze();
    await Promise.all([
      world.process.send(),
      other.operations.replay({ ...all, ...real }),
      other.operations.replay({ ...all, ...real }),
    ]);
    await world.settle();
    expect(await world.proveExactlyOnce({ 0: 8, 1: 6, 2: 0, 3: 8 })).toEqual([]);
    expect(world.erp.postedLines()).toHaveLength(9 + 3);
  });

  it('says what it needs', async () => {
    world = await World.create();
    expect(await world.process.operations.replay({ by: 'time', ...real })).toEqual({
      refused: 'replay by time needs from and to',
    });
  });
});

describe('adoption', () => {
  const WINDOW = { from: '2026-11-01', to: '2026-11-30' };
  const ask = { destination: 'erp', ...WINDOW };
  let lineNo = 0;
  const theirs = (over: object = {}): PostingLine =>
    ({
      postingKey: `line-${++lineNo}`,
      workerCode: 'E1',
      projectCode: 'P1',
      workDate: '2026-11-03',
      hours: '8.00',
      amount: '400.03',
      account: '5999',
      balancingAccount: '2999',
      ...over,
    }) as unknown as PostingLine;
  const predecessor = (...lines: PostingLine[]) =>
    world.erp.bookStrange({ legalEntityId: 'US01', postingPeriod: '2026-11', postingDate: '2026-11-05', currency: 'USD', lines });

  it('takes what a predecessor booked, reports what it cannot, and the first sync posts the rest', async () => {
    world = await World.create('look-up');
    const booked = predecessor(theirs(), theirs({ projectCode: 'P9' }));
    // Two of theirs fit two of ours, and nothing says which is which.
    predecessor(
      theirs({ workerCode: 'E2', hours: '4', amount: '200' }),
      theirs({ workerCode: 'E2', hours: '4', amount: '200.01' }),
    );
    await world.take(
      [1, 1, hours('8')],
      [2, 1, hours('4', { workerCode: 'E2' })],
      [3, 1, content({ hours: '4', amount: '200.01', workerCode: 'E2' })],
      [4, 1, hours('8', { workDate: '2026-11-04' })],
    );
    expect(await world.process.operations.adopt({ ...ask, ...rehearsal })).toEqual({
      refused: expect.stringContaining('4 entries are not planned yet'),
    });
    await world.process.planAndFreeze();
    const before = await everything();
    const said = await world.process.operations.adopt({ ...ask, ...rehearsal });
    expect(await everything()).toEqual(before);
    expect(said).toMatchObject({
      matched: 1,
      ambiguous: [{ ours: [expect.any(String), expect.any(String)] }],
      unmatched: [`${booked.externalId} ${booked.lines[1]!.postingKey}`],
    });
    expect(await world.process.operations.adopt({ ...ask, ...real })).toEqual({ ...said, dryRun: false });
    expect(await world.states(1)).toEqual(['post 1 confirmed']);
    const posted = await world.events(EVENT_TYPES.documentPosted);
    expect(posted.map(({ body }) => body['externalId'])).toEqual([booked.externalId]);
    await world.settle();
    const ours = world.erp.bookings.filter(({ reference }) => reference !== undefined).flatMap(({ lines }) => lines);
    expect(ours.map((line) => line.entryId).sort()).toEqual([entry(2), entry(3), entry(4)].sort());
    // Gone through again, it is still theirs.
    await world.process.operations.replay({ by: 'destination', destination: 'erp', ...real });
    await world.settle();
    expect(await world.events(EVENT_TYPES.documentUnknown)).toEqual([]);
  });

  it('a correction reverses it at the accounts where the predecessor booked', async () => {
    world = await World.create('look-up');
    predecessor(theirs());
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    await world.process.operations.adopt({ ...ask, ...real });
    await world.take([1, 2, hours('6')]);
    await world.settle();
    const ours = world.erp.bookings.filter(({ reference }) => reference !== undefined).flatMap(({ lines }) => lines);
    expect(ours.map(({ kind, hours: h, account, balancingAccount }) => [kind, h, account, balancingAccount])).toEqual([
      ['reversal', '-8', '5999', '2999'],
      ['post', '6', '5000', '2100'],
    ]);
  });

  it('asked again, it takes no line of a predecessor twice', async () => {
    world = await World.create('look-up');
    const { lines } = predecessor(theirs(), theirs());
    expect(lines).toHaveLength(2);
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    // Two alike of theirs for one of ours: somebody must say which.
    expect(await world.process.operations.adopt({ ...ask, ...real })).toMatchObject({ matched: 0, ambiguous: [{}] });
    await world.take([2, 1, hours('8')]);
    await world.process.planAndFreeze();
    expect(await world.process.operations.adopt({ ...ask, ...real })).toMatchObject({ matched: 2 });
    await world.take([3, 1, hours('8')]);
    await world.process.planAndFreeze();
    expect(await world.process.operations.adopt({ ...ask, ...real })).toMatchObject({ matched: 0, ambiguous: [], unmatched: [] });
    await world.settle();
    expect(world.erp.bookings.filter(({ reference }) => reference !== undefined)).toHaveLength(1);
  });

  it('goes on under a lock that a person set before go-live, which stays', async () => {
    world = await World.create('look-up');
    predecessor(theirs());
    const hold = { destination: 'erp', reason: 'go-live', actor: 'user:frida' as const };
    await world.process.operations.lock(hold);
    await world.take([1, 1, hours('8')]);
    for (let round = 0; round < 2; round++) await world.process.round();
    expect(await world.process.operations.adopt({ ...ask, ...real })).toMatchObject({ matched: 1 });
    expect(await world.process.operations.locked()).toEqual(['erp']);
    expect(await world.process.operations.connectionStates(['hr', 'erp'])).toEqual([
      { connection: 'erp', state: 'works', locked: expect.stringContaining('held by') as string },
    ]);
    await world.process.operations.open(hold);
    await world.settle();
    expect([world.erp.writes, await world.counts()]).toEqual([0, { confirmed: 1 }]);
  });

  it('what is on its way is refused; the lock is given back, also when the destination fails', async () => {
    world = await World.create('look-up');
    const lock = () => world.process.ledger.connections.read(world.database, 'erp');
    predecessor(theirs());
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    world.erp.listable = () => {
      throw new Error('the ledger is being closed');
    };
    await expect(world.process.operations.adopt({ ...ask, ...real })).rejects.toThrow('the ledger is being closed');
    expect((await lock())?.locked).toBeNull();
    world.erp.listable = () => {};
    world.erp.mishaps.push('lost-before');
    await world.process.send();
    expect(await world.process.operations.adopt({ ...ask, ...real })).toEqual({
      refused: expect.stringContaining('1 documents are on their way'),
    });
    expect((await lock())?.locked).toBeNull();
    await world.process.ledger.connections.setLock(world.database, 'erp', 'a rebuild');
    expect(await world.process.operations.adopt({ ...ask, ...real })).toEqual({
      refused: expect.stringContaining('locked: a rebuild'),
    });
    expect((await lock())?.locked).toBe('a rebuild');
    // One whose process is gone is taken over.
    await world.process.ledger.connections.setLock(
      world.database,
      'erp',
      'lines of a predecessor are being adopted (user:max, since then)',
    );
    await world.process.operations.adopt({ ...ask, ...rehearsal });
    expect((await lock())?.locked).toBeNull();
  });

  it('nothing is sent while lines are being adopted', async () => {
    world = await World.create('look-up');
    predecessor(theirs());
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    const other = world.newProcess();
    const meanwhile: Promise<void>[] = [];
    world.erp.listable = () => void meanwhile.push(other.planAndFreeze().then(() => other.send()));
    expect(await world.process.operations.adopt({ ...ask, ...real })).toMatchObject({ matched: 1 });
    await Promise.all(meanwhile);
    await world.settle();
    expect(world.erp.writes).toBe(0);
  });
});

describe('a destination that a person locks', () => {
  const order = { destination: 'erp', reason: 'go-live: adoption first', actor: 'user:frida' as const };

  it('gets nothing until it is opened, and then everything once', async () => {
    world = await World.create('idempotency-key');
    expect(await world.process.operations.lock(order)).toEqual({ locked: ['erp'] });
    await world.take([1, 1, hours('8')]);
    for (let round = 0; round < 3; round++) await world.process.round();
    expect([world.erp.writes, await world.states(1)]).toEqual([0, ['post 1 pending']]);
    expect(await world.process.operations.lock(order)).toEqual({
      refused: '"erp" is locked already: held by user:frida: go-live: adoption first',
    });
    expect(await world.process.operations.open(order)).toEqual({ locked: [] });
    await world.settle();
    expect(await world.proveExactlyOnce({ 1: 8 })).toEqual([]);
    expect(await world.process.operations.open(order)).toEqual({ refused: '"erp" is not locked' });
  });

  it('must be one of the feed', async () => {
    world = await World.create('idempotency-key');
    for (const ask of ['lock', 'open'] as const)
      expect(await world.process.operations[ask]({ ...order, destination: 'sap' })).toEqual({
        refused: '"sap" is no destination of this feed',
      });
  });
});
