import { randomUUID } from 'node:crypto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { ManualClock } from '@tieout/clock';
import { EVENT_TYPES, MUST_RECEIVE } from '@tieout/contracts';
import type { NatsLink, OutgoingEvent, ReceivedEvent } from '@tieout/messaging';
import { eventually } from '@tieout/testing';
import { describe, expect, it } from 'vitest';
import { appendOutbox, CompletenessSweep, recordReceipts, type Database, type NewEvent, type Tx } from '../src/index.js';
import { bucketOf, MAX_RE_EMISSIONS } from '../src/sweep-decisions.js';
import { RECEIPT_PAGE } from '../src/receipts.js';
import {
  freshDatabase,
  held,
  logger,
  masterChanged,
  natsLink,
  questionsTo,
  received,
  RecordingPublisher,
  refused,
  relayOf,
  said,
  unpublished,
} from './setup.js';

const START = '2026-11-23T09:00:00.000Z';
const SETTLE_MS = 60_000;

const append = (db: Database, events: readonly NewEvent[], clock: ManualClock) =>
  db.transaction((tx) => appendOutbox(tx, 'time', events, clock.now()));
const sweepOf = (database: Database, consumers: Record<string, Tx>, clock: ManualClock, producer: 'time' | 'master' = 'time') =>
  new CompletenessSweep({
    database,
    questions: questionsTo(consumers),
    producer,
    everyMs: 1_000,
    settleMs: SETTLE_MS,
    clock,
    logger,
  });
const rows = async (db: Tx): Promise<number> => (await db.query<{ n: number }>('select count(*) as n from outbox'))[0]!.n;

/** Publishes all that waits. @returns what went out. */
const relayAll = async (db: Database, clock: ManualClock, producer: 'time' | 'master' = 'time'): Promise<OutgoingEvent[]> => {
  const publisher = new RecordingPublisher();
  const relay = relayOf(db, publisher, { clock, producer });
  relay.start();
  await eventually(async () => expect(await unpublished(db)).toBe(0), 10_000);
  await relay.stop();
  return publisher.events;
};
const receive = (db: Tx, events: readonly OutgoingEvent[]) =>
  recordReceipts(
    db,
    events.map((event) => received(event)),
  );

describe('the completeness sweep', () => {
  it('lets a row go when everyone has it, and not before it has settled', async () => {
    const { db } = await freshDatabase();
    const { db: exception } = await freshDatabase();
    const clock = new ManualClock(START);
    await append(db, [refused(1), refused(2)], clock);
    await receive(exception, await relayAll(db, clock));
    const sweep = sweepOf(db, { exception }, clock);
    clock.advance(SETTLE_MS + 59_999);
    expect(await sweep.sweepOnce()).toEqual({ reEmitted: 0, matched: 0 });
    clock.advance(1);
    expect(await sweep.sweepOnce()).toEqual({ reEmitted: 0, matched: 2 });
    expect(await rows(db)).toBe(0);
  });

  it('says again what one consumer lacks, and only that, and waits longer each time', async () => {
    const { db } = await freshDatabase();
    const { db: exception } = await freshDatabase();
    const { db: reconciliation } = await freshDatabase();
    const clock = new ManualClock(START);
    await append(db, [held(1), held(2), held(3)], clock);
    const sent = await relayAll(db, clock);
    await receive(reconciliation, sent);
    await receive(exception, sent.slice(1));
    const sweep = sweepOf(db, { exception, reconciliation }, clock);
    clock.advance(3 * SETTLE_MS);
    expect(await sweep.sweepOnce()).toEqual({ reEmitted: 1, matched: 2 });
    const again = await relayAll(db, clock);
    expect(again.map(({ eventId, emission }) => [eventId, emission])).toEqual([[sent[0]!.eventId, 2]]);
    // On its way, perhaps in a long queue: not a third time yet.
    clock.advance(2 * SETTLE_MS - 1);
    expect(await sweep.sweepOnce()).toEqual({ reEmitted: 0, matched: 0 });
    clock.advance(1);
    expect(await sweep.sweepOnce()).toEqual({ reEmitted: 1, matched: 0 });
    await receive(exception, await relayAll(db, clock));
    expect(await sweep.sweepOnce()).toEqual({ reEmitted: 0, matched: 1 });
    expect(await rows(db)).toBe(0);
  });

  it('stops saying what a consumer never takes, tells once, and keeps the row', async () => {
    const { db } = await freshDatabase();
    const { db: exception } = await freshDatabase();
    const clock = new ManualClock(START);
    await append(db, [refused(1), refused(2)], clock);
    const [, taken] = await relayAll(db, clock);
    await receive(exception, [taken!]);
    const sweep = sweepOf(db, { exception }, clock);
    for (let again = 1; again <= MAX_RE_EMISSIONS; again++) {
      clock.advance(3_600_000);
      expect(await sweep.sweepOnce()).toMatchObject({ reEmitted: 1 });
      await relayAll(db, clock);
    }
    for (let later = 0; later < 3; later++) {
      clock.advance(3_600_000);
      expect(await sweep.sweepOnce()).toEqual({ reEmitted: 0, matched: 0 });
    }
    expect(said.filter((message) => message.includes('exception has not taken 1 events'))).toHaveLength(1);
    expect(await rows(db)).toBe(1);
  });

  it('a consumer that does not answer keeps its rows, and only its own', async () => {
    const { db } = await freshDatabase();
    const { db: exception } = await freshDatabase();
    const { db: reconciliation } = await freshDatabase();
    const clock = new ManualClock(START);
    await append(db, [held(1), refused(2)], clock);
    const sent = await relayAll(db, clock);
    await receive(exception, sent);
    clock.advance(3 * SETTLE_MS);
    expect(await sweepOf(db, { exception }, clock).sweepOnce()).toEqual({ reEmitted: 0, matched: 1 });
    expect(await db.query('select type, matched_by from outbox')).toEqual([
      { type: EVENT_TYPES.entryHeld, matched_by: ['exception'] },
    ]);
    await receive(reconciliation, sent);
    expect(await sweepOf(db, { exception, reconciliation }, clock).sweepOnce()).toEqual({ reEmitted: 0, matched: 1 });
  });

  it('a row that is committed into its bucket after the question is not taken for received', async () => {
    const { db } = await freshDatabase();
    const { db: exception } = await freshDatabase();
    const clock = new ManualClock(START);
    await append(db, [refused(1)], clock);
    await receive(exception, await relayAll(db, clock));
    const late = new ManualClock(START);
    clock.advance(3 * SETTLE_MS);
    const honest = questionsTo({ exception });
    const questions = {
      ask: async <A>(subject: string, body: unknown): Promise<A> => {
        const answer = await honest.ask<A>(subject, body);
        await append(db, [refused(2)], late);
        await db.query('update outbox set published_at = $1 where published_at is null', [clock.now()]);
        return answer;
      },
    };
    const sweep = new CompletenessSweep({
      database: db,
      questions,
      producer: 'time',
      everyMs: 1_000,
      settleMs: SETTLE_MS,
      clock,
      logger,
    });
    expect(await sweep.sweepOnce()).toEqual({ reEmitted: 0, matched: 0 });
    expect(await db.query('select matched_by from outbox')).toEqual([{ matched_by: [] }, { matched_by: [] }]);
  });

  it('goes through a busy minute page by page', async () => {
    const { db } = await freshDatabase();
    const { db: exception } = await freshDatabase();
    const clock = new ManualClock(START);
    const count = RECEIPT_PAGE + 500;
    await append(
      db,
      Array.from({ length: count }, (_, n) => refused(n)),
      clock,
    );
    const sent = await relayAll(db, clock);
    await receive(exception, sent.slice(0, -3));
    clock.advance(3 * SETTLE_MS);
    expect(await sweepOf(db, { exception }, clock).sweepOnce()).toEqual({ reEmitted: 3, matched: count - 3 });
  });

  it('master data: what a newer revision replaced is not asked for, the newest is', async () => {
    const { db } = await freshDatabase();
    const { db: posting } = await freshDatabase();
    const others: Record<string, Database> = {};
    for (const context of MUST_RECEIVE[EVENT_TYPES.masterChanged])
      if (context !== 'posting') others[context] = (await freshDatabase()).db;
    const clock = new ManualClock(START);
    const id = randomUUID();
    await db.transaction((tx) => appendOutbox(tx, 'master', [masterChanged(id, 1)], clock.now()));
    await relayAll(db, clock, 'master');
    clock.advance(120_000);
    await db.transaction((tx) => appendOutbox(tx, 'master', [masterChanged(id, 2)], clock.now()));
    const newest = await relayAll(db, clock, 'master');
    for (const other of Object.values(others)) await receive(other, newest);
    clock.advance(3 * SETTLE_MS);
    const sweep = sweepOf(db, { ...others, posting }, clock, 'master');
    expect(await sweep.sweepOnce()).toEqual({ reEmitted: 1, matched: 1 });
    const again = await relayAll(db, clock, 'master');
    expect(again.map(({ body }) => (body as { revision: number }).revision)).toEqual([2]);
    await receive(posting, again);
    expect(await sweep.sweepOnce()).toEqual({ reEmitted: 0, matched: 1 });
    expect(await rows(db)).toBe(0);
  });
});

/** What a durable consumer of the service would have got from the stream. */
const fetchAll = async (link: NatsLink, entity: string): Promise<ReceivedEvent[]> => {
  const filter = `evt.${EVENT_TYPES.recordRefused}.${entity}`;
  const consumer = await jetstream(link.nc).consumers.get('TIME', { filter_subjects: filter });
  const events: ReceivedEvent[] = [];
  const { num_pending } = await consumer.info();
  if (num_pending === 0) return events;
  for await (const message of await consumer.fetch({ max_messages: num_pending, expires: 5_000 })) {
    const { headers } = message;
    const base = {
      type: EVENT_TYPES.recordRefused,
      subject: message.subject,
      producer: 'time' as const,
      time: START,
      traceparent: undefined,
    };
    events.push({
      ...base,
      eventId: headers!.get('ce-id'),
      bucket: Number(headers!.get('ce-tieoutbucket')),
      body: message.json(),
      deliveryCount: 1,
      streamSequence: message.seq,
    });
    if (events.length === num_pending) break;
  }
  return events;
};

describe('a lost stream', () => {
  it.each(['purged', 'deleted'])('%s before anyone read it: every event arrives, each processed once', async (how) => {
    const { db } = await freshDatabase();
    const { db: exception } = await freshDatabase();
    const { link, publisher } = await natsLink();
    const entity = how.toUpperCase();
    const clock = new ManualClock(START);
    const relay = relayOf(db, publisher, { clock });
    relay.start();
    await append(
      db,
      Array.from({ length: 200 }, (_, n) => refused(n, entity)),
      clock,
    );
    await eventually(async () => expect(await unpublished(db)).toBe(0));
    const early = (await fetchAll(link, entity)).slice(0, 50);
    expect((await recordReceipts(exception, early)).size).toBe(50);
    const manager = await jetstreamManager(link.nc);
    await (how === 'purged' ? manager.streams.purge('TIME') : manager.streams.delete('TIME'));
    clock.advance(3 * SETTLE_MS);
    const sweep = sweepOf(db, { exception }, clock);
    expect(await sweep.sweepOnce()).toEqual({ reEmitted: 150, matched: 50 });
    await eventually(async () => expect(await unpublished(db)).toBe(0));
    const late = await fetchAll(link, entity);
    expect((await recordReceipts(exception, late)).size).toBe(150);
    expect(await sweep.sweepOnce()).toEqual({ reEmitted: 0, matched: 150 });
    expect(await rows(db)).toBe(0);
    expect(await exception.query('select count(*) as n from receipt where bucket = $1', [bucketOf(START)])).toEqual([{ n: 200 }]);
    await relay.stop();
  });
});
