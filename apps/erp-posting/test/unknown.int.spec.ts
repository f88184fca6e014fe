import type { PostingDocument, PostOutcome } from '@tieout/connector-kit';
import { EVENT_TYPES } from '@tieout/contracts';
import { SettleUnknown } from '@tieout/delivery';
import { Fault } from '@tieout/model';
import { afterEach, describe, expect, it } from 'vitest';
import { entry, hours } from './builders.js';
import { World } from './world.js';

let world: World;
afterEach(() => world.close());

const OLGA = { actor: 'user:olga' as const };

const documentKeys = async (state: string): Promise<string[]> =>
  (
    await world.database.query<{ key: string }>(`select document_key as key from document where state = $1 order by 1`, [state])
  ).map(({ key }) => key);

describe('no key and no look-up', () => {
  const lost = async (mishap: 'lost-before' | 'lost-after') => {
    world = await World.create('none');
    world.erp.mishaps.push(mishap);
    await world.take([1, 1, hours('8')]);
    await world.process.round();
    const [key] = await documentKeys('unknown');
    return key!;
  };

  it('a lost answer is a case that says what to check', async () => {
    const key = await lost('lost-after');
    await world.timePasses();
    await world.process.round();
    const told = await world.events(EVENT_TYPES.documentUnknown);
    expect(told.at(-1)!.body).toMatchObject({ documentKey: key, reason: 'OUTCOME_UNKNOWN', hours: '8', amount: '400' });
    expect(told.at(-1)!.body['message']).toMatch(/Look there for a document in period 2026-11.*1 lines, 8 hours and 400 USD/);
    for (let n = 0; n < 3; n++) {
      await world.timePasses();
      await world.process.round();
    }
    // Said once, and nothing is ever sent again without a person's word.
    expect(await world.events(EVENT_TYPES.documentUnknown)).toHaveLength(told.length);
    expect(world.erp.writes).toBe(1);
  });

  it('a person says that it is booked', async () => {
    const key = await lost('lost-after');
    expect(await world.process.operations.settle({ ...OLGA, documentKey: key, verdict: 'booked' })).toMatchObject({
      refused: expect.stringContaining('externalId'),
    });
    expect(await world.process.operations.settle({ ...OLGA, documentKey: key, verdict: 'booked', externalId: 'B1' })).toEqual({
      settled: true,
    });
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 confirmed']);
    expect(world.erp.writes).toBe(1);
    expect((await world.events(EVENT_TYPES.documentResolved)).map(({ body }) => body['resolution'])).toEqual(['adopted']);
  });

  it('or that it is not, once that can be known: then it is sent again as it is', async () => {
    const key = await lost('lost-before');
    const no = { ...OLGA, documentKey: key, verdict: 'not-booked' as const };
    expect(await world.process.operations.settle(no)).toMatchObject({
      settled: false,
      why: expect.stringContaining('under way'),
    });
    await world.timePasses();
    expect(await world.process.operations.settle(no)).toEqual({ settled: true });
    expect(await world.process.operations.settle(no)).toMatchObject({
      settled: false,
      why: expect.stringContaining('it is frozen'),
    });
    await world.settle();
    expect(world.erp.bookings.map(({ reference }) => reference)).toEqual([key]);
    expect(await world.proveExactlyOnce({ 1: 8 })).toEqual([]);
    expect((await world.events(EVENT_TYPES.documentResolved)).map(({ body }) => body['resolution'])).toEqual(['not-booked']);
  });
});

it('a document known twice is settled by a person, never in silence', async () => {
  world = await World.create('look-up');
  world.erp.mishaps.push('lost-after');
  await world.take([1, 1, hours('8')]);
  await world.process.planAndFreeze();
  await world.process.send();
  const [booking] = world.erp.bookings;
  const twin = world.erp.book(booking!.document);
  await world.timePasses();
  await world.process.resolver.run();
  expect((await world.events(EVENT_TYPES.documentUnknown)).at(-1)!.body).toMatchObject({ reason: 'DUPLICATE_IN_DESTINATION' });
  world.erp.remove(twin.externalId);
  const settle = new SettleUnknown(world.process.ledger, []);
  expect(await settle.settle(booking!.reference!, { verdict: 'not-booked' }, 'user:olga')).toMatchObject({ settled: false });
  const verdict = { ...OLGA, documentKey: booking!.reference!, verdict: 'booked' as const, externalId: booking!.externalId };
  expect(await world.process.operations.settle(verdict)).toEqual({ settled: true });
  await world.settle();
  expect(await world.proveExactlyOnce({ 1: 8 })).toEqual([]);
});

it('what stands there otherwise than sent is mended there: a person cannot have it sent again', async () => {
  world = await World.create('look-up');
  await world.take([1, 1, hours('8')]);
  await world.process.planAndFreeze();
  await world.process.send();
  const [booking] = world.erp.bookings;
  booking!.lines = booking!.lines.map((line) => ({ ...line, hours: '9' }));
  await world.process.confirmer.run();
  await world.timePasses();
  await world.process.round();
  const verdict = { ...OLGA, documentKey: booking!.reference!, verdict: 'not-booked' as const };
  expect(await world.process.operations.settle(verdict)).toMatchObject({
    settled: false,
    why: expect.stringContaining('mend it there'),
  });
});

describe('taken for later', () => {
  const queued = async (protocol: 'look-up' | 'none' = 'look-up'): Promise<string> => {
    world = await World.create(protocol, { answersLater: true });
    world.erp.answersLater = true;
    await world.take([1, 1, hours('8')], [2, 1, hours('7')]);
    await world.process.planAndFreeze();
    await world.process.send();
    return (await documentKeys('queued'))[0]!;
  };
  const ask = async (outcome: (document: PostingDocument) => PostOutcome | 'lost' | undefined = () => undefined) => {
    world.erp.tellsOf = outcome;
    await world.timePasses();
    await world.process.resolver.run();
  };

  it('is asked until it is posted', async () => {
    const key = await queued();
    await world.take([1, 2, hours('6')]);
    await ask();
    expect(await documentKeys('queued')).toEqual([key]);
    expect(await world.states(1)).toEqual(['post 1 sending']);
    await ask((document) => ({ kind: 'posted', externalId: world.erp.book(document).externalId }));
    world.erp.answersLater = false;
    await world.settle();
    expect(await world.proveExactlyOnce({ 1: 6, 2: 7 })).toEqual([]);
    expect(await world.events(EVENT_TYPES.documentUnknown)).toEqual([]);
  });

  it('or rejected, by line; the others freeze anew', async () => {
    await queued();
    await ask(({ lines }) => {
      const bad = lines.filter((line) => line.entryId === entry(1));
      return {
        kind: 'rejected',
        message: 'no',
        cause: 'invalid-line',
        lines: bad.map(({ postingKey }) => ({ postingKey, message: 'no' })),
      };
    });
    expect(await world.states(1)).toEqual(['post 1 rejected']);
    world.erp.answersLater = false;
    await world.settle();
    expect(await world.proveExactlyOnce({ 2: 7 })).toEqual([]);
  });

  it('or partly', async () => {
    await queued();
    await ask((document) => {
      const refused = document.lines
        .filter((line) => line.entryId === entry(1))
        .map(({ postingKey }) => ({ postingKey, message: 'no' }));
      const taken = document.lines.filter((line) => line.entryId !== entry(1));
      return { kind: 'posted', externalId: world.erp.book(document, 'posted', taken).externalId, refused };
    });
    await world.settle();
    expect(await world.states(1)).toEqual(['post 1 rejected']);
    expect(await world.states(2)).toEqual(['post 1 confirmed']);
    expect(await world.proveExactlyOnce({ 2: 7 })).toEqual([]);
  });

  it.each([true, false])('a ticket that leads nowhere is looked up by reference (booked: %s)', async (booked) => {
    const key = await queued();
    await ask((document) => {
      if (booked) world.erp.book(document);
      return 'lost';
    });
    expect(await world.database.query(`select state, unknown_why, ticket from document`)).toEqual([
      { state: 'unknown', unknown_why: 'no-answer', ticket: null },
    ]);
    expect(await world.states(1)).toEqual(['post 1 unknown']);
    world.erp.answersLater = false;
    await world.settle();
    expect(world.erp.bookings.map(({ reference }) => reference)).toEqual([key]);
    expect(world.erp.writes).toBe(booked ? 1 : 2);
    expect(await world.proveExactlyOnce({ 1: 8, 2: 7 })).toEqual([]);
  });

  it('a ticket that leads nowhere, and no look-up: a person', async () => {
    await queued('none');
    await ask(() => 'lost');
    await ask();
    expect((await world.events(EVENT_TYPES.documentUnknown)).at(-1)!.body['message']).toMatch(/cannot be asked/);
    expect(world.erp.writes).toBe(1);
  });

  it('acknowledged with other totals, it is a case at once, asked on, and closed by the right answer', async () => {
    const key = await queued();
    const contradicted = () => {
      throw new Fault('ContractBroken', 'the acknowledgement says 7 hours, sent were 15');
    };
    await ask(contradicted);
    await ask(contradicted);
    const told = await world.events(EVENT_TYPES.documentUnknown);
    expect(told.map(({ body }) => [body['documentKey'], body['message']])).toEqual([
      [key, 'the acknowledgement says 7 hours, sent were 15'],
    ]);
    await ask((document) => ({ kind: 'posted', externalId: world.erp.book(document).externalId }));
    await world.settle();
    expect(await world.proveExactlyOnce({ 1: 8, 2: 7 })).toEqual([]);
    expect((await world.events(EVENT_TYPES.documentResolved)).map(({ body }) => body['resolution'])).toEqual(['adopted']);
  });

  it('never acknowledged, it becomes a case after its patience, and is asked on', async () => {
    const key = await queued();
    const hoursAgo = (n: number) =>
      world.database.query(`update document set unknown_since = clock_timestamp() - $1 * interval '1 hour'`, [n]);
    await hoursAgo(3);
    await ask();
    expect(await world.events(EVENT_TYPES.documentUnknown)).toEqual([]);
    await hoursAgo(5);
    await ask();
    await ask();
    const told = await world.events(EVENT_TYPES.documentUnknown);
    expect(told.map(({ body }) => body['documentKey'])).toEqual([key]);
    expect(told[0]!.body['message']).toMatch(/not booked for 5 hours/);
    await ask((document) => ({ kind: 'posted', externalId: world.erp.book(document).externalId }));
    await world.settle();
    expect(await world.proveExactlyOnce({ 1: 8, 2: 7 })).toEqual([]);
    expect((await world.events(EVENT_TYPES.documentResolved)).map(({ body }) => body['resolution'])).toEqual(['adopted']);
  });

  it('never acknowledged and not booked, says a person: it is sent again', async () => {
    const key = await queued();
    const no = { ...OLGA, documentKey: key, verdict: 'not-booked' as const };
    expect(await world.process.operations.settle(no)).toMatchObject({ settled: false });
    await world.database.query(`update document set unknown_since = clock_timestamp() - interval '5 hours'`);
    await ask();
    expect(await world.process.operations.settle(no)).toEqual({ settled: true });
    world.erp.answersLater = false;
    await world.settle();
    expect(await world.proveExactlyOnce({ 1: 8, 2: 7 })).toEqual([]);
  });
});
