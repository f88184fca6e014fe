import { EVENT_TYPES } from '@tieout/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { entry, hours } from './builders.js';
import { World } from './world.js';

let world: World;
afterEach(() => world.close());

const real = { actor: 'user:frida' as const, dryRun: false };
const keys = (): string[] => world.erp.postedLines().map((line) => line.postingKey);
const hoursOf = (...entries: number[]): number[] => entries.map((n) => world.erp.hoursOf(entry(n)));

/** The ERP books every document once more: its first requests arrived after we had looked. */
const bookedLate = (): void => {
  for (const { document, lines } of [...world.erp.bookings]) world.erp.book(document, 'posted', lines);
};

describe('lines that stand twice', () => {
  it('are taken into the ledger and reversed, once, however often it is asked', async () => {
    world = await World.create('look-up');
    await world.take([1, 1, hours('8')], [2, 1, hours('4')]);
    await world.settle();
    bookedLate();
    expect(hoursOf(1, 2)).toEqual([16, 8]);
    const order = { postingKeys: [...new Set(keys())], ...real };
    expect(await world.process.operations.reverseSurplus({ ...order, dryRun: true })).toMatchObject({ documents: 1, lines: 2 });
    expect(await world.process.operations.reverseSurplus(order)).toEqual({ dryRun: false, documents: 1, lines: 2, refused: [] });
    expect(await world.process.operations.reverseSurplus(order)).toMatchObject({ documents: 0, lines: 0, refused: [] });
    await world.settle();
    expect(hoursOf(1, 2)).toEqual([8, 4]);
    expect(await world.counts()).toEqual({ confirmed: 6 });
    // Reconciliation learns under which key of the ERP the surplus line stands.
    const told = (await world.events(EVENT_TYPES.documentPosted)).flatMap(
      ({ body }) => (body as { lines: { postingKey: string; lineKey?: string }[] }).lines,
    );
    expect(told.flatMap(({ lineKey }) => lineKey ?? []).sort()).toEqual(order.postingKeys.sort());
  });

  it('in a sum are told under the key of the sum, which is what the ERP shows', async () => {
    world = await World.create('look-up');
    world.policy = { summarise: () => ['project'] };
    world.process = world.newProcess();
    await world.take([1, 1, hours('8')], [2, 1, hours('4')]);
    await world.settle();
    const sum = world.erp.postedLines()[0]!;
    expect(sum.members).toHaveLength(2);
    bookedLate();
    const postingKeys = sum.members!.map(({ postingKey }) => postingKey);
    const said = await world.process.operations.reverseSurplus({ postingKeys, ...real });
    expect(said).toMatchObject({ documents: 1, lines: 2, refused: [] });
    await world.settle();
    const total = world.erp.postedLines().reduce((hoursSoFar, line) => hoursSoFar + Number(line.hours), 0);
    expect(total).toBe(12);
    const told = (await world.events(EVENT_TYPES.documentPosted)).map(({ body }) =>
      (body as { lines: { lineKey?: string }[] }).lines.map(({ lineKey }) => lineKey),
    );
    expect(told.slice(0, 2)).toEqual([
      [sum.postingKey, sum.postingKey],
      [sum.postingKey, sum.postingKey],
    ]);
  });

  it('of a reversal are reversed as well, and a later correction finds the ledger right', async () => {
    world = await World.create('look-up');
    await world.take([1, 1, hours('8')]);
    await world.settle();
    await world.take([1, 2, null]);
    await world.settle();
    const reversal = world.erp.bookings.at(-1)!;
    world.erp.book(reversal.document);
    expect(hoursOf(1)).toEqual([-8]);
    await world.process.operations.reverseSurplus({ postingKeys: [reversal.lines[0]!.postingKey], ...real });
    await world.settle();
    expect(hoursOf(1)).toEqual([0]);
    await world.take([1, 3, hours('6')]);
    await world.settle();
    expect(hoursOf(1)).toEqual([6]);
  });

  it('in a document that was given up, since its lines went out with another', async () => {
    world = await World.create('look-up');
    await world.take([1, 1, hours('8')], [2, 1, hours('4')]);
    world.erp.refuses = (line) => (line.entryId === entry(2) ? 'unknown project' : undefined);
    await world.settle();
    const [refused] = await world.database.query<{ key: string }>(
      `select document_key as key from document where state = 'rejected'`,
    );
    const { document } = world.erp.bookings[0]!;
    world.erp.book({ ...document, documentKey: refused!.key }, 'posted', document.lines);
    expect(hoursOf(1)).toEqual([16]);
    const said = await world.process.operations.reverseSurplus({ postingKeys: keys(), ...real });
    expect(said).toMatchObject({ documents: 1, lines: 1, refused: [] });
    world.erp.refuses = () => undefined;
    await world.settle();
    expect(hoursOf(1)).toEqual([8]);
  });

  it('are left alone where they differ from the ledger, or nothing else stands of them', async () => {
    world = await World.create('look-up');
    await world.take([1, 1, hours('8')]);
    await world.settle();
    const { document } = world.erp.bookings[0]!;
    world.erp.book(document, 'posted', [{ ...document.lines[0]!, hours: '7' }]);
    const said = await world.process.operations.reverseSurplus({ postingKeys: keys().slice(0, 1), ...real });
    expect(said).toMatchObject({
      documents: 0,
      lines: 0,
      refused: [expect.stringMatching(/^B2 is left alone: .*8 hours, there are 7/)],
    });
    await world.settle();
    expect(hoursOf(1)).toEqual([15]);
  });
});
