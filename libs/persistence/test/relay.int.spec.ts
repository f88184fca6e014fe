import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { EVENT_TYPES, eventSubject, MUST_RECEIVE } from '@tieout/contracts';
import type { EventPublisher, NatsLink, OutgoingEvent } from '@tieout/messaging';
import { eventually } from '@tieout/testing';
import { describe, expect, it } from 'vitest';
import { appendOutbox, Listener, type Database, type NewEvent } from '../src/index.js';
import {
  freshDatabase,
  logger,
  masterChanged,
  natsLink,
  RecordingPublisher,
  refused,
  relayOf,
  said,
  unpublished,
} from './setup.js';

const NOW = '2026-11-23T09:00:00.000Z';
const append = (db: Database, events: readonly NewEvent[]) => db.transaction((tx) => appendOutbox(tx, 'time', events, NOW));
const many = (count: number, entity = 'US01') => Array.from({ length: count }, (_, n) => refused(n, entity));

const inStream = async (link: NatsLink, subject: string): Promise<number> => {
  const manager = await jetstreamManager(link.nc);
  const { state } = await manager.streams.info('TIME', { subjects_filter: subject });
  return state.subjects?.[subject] ?? 0;
};

/** Publishes for real, and then its process is as good as dead. */
const diesAfterPublishing = (real: EventPublisher) => {
  const sent: OutgoingEvent[] = [];
  return {
    sent,
    lastOf: (stream: string, subject: string) => real.lastOf(stream, subject),
    publish: async (events: readonly OutgoingEvent[]): Promise<never> => {
      await real.publish(events);
      sent.push(...events);
      return new Promise(() => undefined);
    },
  };
};

describe('the relay', () => {
  it('says what was written, to the letter, and not what was rolled back', async () => {
    const { db } = await freshDatabase();
    const publisher = new RecordingPublisher();
    const event = { ...refused(1), traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
    await append(db, [event]);
    await db
      .transaction(async (tx) => {
        await appendOutbox(tx, 'time', [refused(2)], NOW);
        throw new Error('the change failed');
      })
      .catch(() => undefined);
    const relay = relayOf(db, publisher);
    relay.start();
    await eventually(async () => expect(await unpublished(db)).toBe(0));
    await relay.stop();
    expect(publisher.events).toEqual([
      {
        eventId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        emission: 1,
        type: EVENT_TYPES.recordRefused,
        subject: 'evt.time.source-record.refused.v1.US01',
        producer: 'time',
        time: NOW,
        bucket: Math.floor(Date.parse(NOW) / 60_000),
        traceparent: event.traceparent,
        body: event.body,
      },
    ]);
  });

  it('wakes on NOTIFY, long before it would poll', async () => {
    const { db, url } = await freshDatabase();
    const publisher = new RecordingPublisher();
    const listener = new Listener(url);
    const relay = relayOf(db, publisher, { listener, pollMs: 3_600_000 });
    relay.start();
    await eventually(() => relay.idle);
    await append(db, [refused(1)]);
    await eventually(() => expect(publisher.events).toHaveLength(1), 2_000);
    await relay.stop();
    await listener.close();
  });

  it('two at once publish each row once', async () => {
    const { db } = await freshDatabase();
    const { link, publisher } = await natsLink();
    for (let n = 0; n < 6; n++) await append(db, many(500, 'TWO'));
    const publishers = [new RecordingPublisher(), new RecordingPublisher()];
    const relays = publishers.map((recording) => {
      const both = {
        lastOf: recording.lastOf,
        publish: async (events: readonly OutgoingEvent[]) => (await recording.publish(events), publisher.publish(events)),
      };
      return relayOf(db, both, { batch: 100 });
    });
    for (const relay of relays) relay.start();
    await eventually(async () => expect(await unpublished(db)).toBe(0), 20_000);
    await Promise.all(relays.map((relay) => relay.stop()));
    const sent = publishers.flatMap(({ events }) => events.map(({ eventId }) => eventId));
    expect(new Set(sent).size).toBe(3_000);
    expect(sent).toHaveLength(3_000);
    expect(Math.min(...publishers.map(({ events }) => events.length))).toBeGreaterThan(0);
    expect(await inStream(link, eventSubject(EVENT_TYPES.recordRefused, 'TWO'))).toBe(3_000);
  });

  it('killed between publishing and marking: another publishes again with the same message id, and the stream has each once', async () => {
    const { db } = await freshDatabase();
    const { link, publisher } = await natsLink();
    await append(db, many(50, 'CRASH'));
    const dying = diesAfterPublishing(publisher);
    // One look per lane, then never again: what is dead must not come back for the rows.
    relayOf(db, dying, { leaseMs: 300, pollMs: 3_600_000 }).start();
    await eventually(() => expect(dying.sent).toHaveLength(50));
    const again = new RecordingPublisher();
    const relay = relayOf(db, {
      lastOf: again.lastOf,
      publish: async (events) => (await again.publish(events), publisher.publish(events)),
    });
    relay.start();
    await eventually(async () => expect(await unpublished(db)).toBe(0));
    await relay.stop();
    const idsOf = (events: readonly OutgoingEvent[]) => events.map(({ eventId, emission }) => `${eventId}:${emission}`).sort();
    expect(idsOf(again.events)).toEqual(idsOf(dying.sent));
    expect(await inStream(link, eventSubject(EVENT_TYPES.recordRefused, 'CRASH'))).toBe(50);
  });

  it('keeps what NATS does not take, and publishes it when NATS is back', async () => {
    const { db } = await freshDatabase();
    const publisher = new RecordingPublisher();
    publisher.answer = () => ({ ok: false, retry: true, message: 'not connected to NATS' });
    await append(db, many(10));
    const relay = relayOf(db, publisher);
    relay.start();
    await eventually(() => expect(publisher.events.length).toBeGreaterThanOrEqual(20));
    expect(await unpublished(db)).toBe(10);
    expect(said.join()).toContain('NATS took 0 of 10 events: not connected to NATS');
    publisher.answer = () => ({ ok: true, sequence: 1 });
    await eventually(async () => expect(await unpublished(db)).toBe(0));
    await relay.stop();
  });

  it('an event that NATS refuses for good delays no other', async () => {
    const { db } = await freshDatabase();
    const publisher = new RecordingPublisher();
    publisher.answer = ({ body }) =>
      (body as { recordKey: string }).recordKey === 'k0'
        ? { ok: false, retry: false, message: 'too large' }
        : { ok: true, sequence: 1 };
    await append(db, many(30));
    const relay = relayOf(db, publisher, { batch: 5 });
    relay.start();
    await eventually(async () => expect(await unpublished(db)).toBe(1));
    await eventually(() => relay.idle);
    await append(
      db,
      many(1).map((event) => ({ ...event, body: { ...event.body, recordKey: 'k99' } })),
    );
    await eventually(async () => expect(await unpublished(db)).toBe(1));
    await relay.stop();
    expect(publisher.events.filter(({ body }) => (body as { recordKey: string }).recordKey === 'k0')).toHaveLength(1);
    expect(said.join()).toContain('event refused by NATS: too large');
  });
});

describe('master data', () => {
  const lastRevision = async (publisher: EventPublisher, id: string) =>
    (
      (await publisher.lastOf('MASTER', eventSubject(EVENT_TYPES.masterChanged, 'project', id)))?.body as
        { revision: number } | undefined
    )?.revision;
  const appendMaster = (db: Database, events: readonly NewEvent[]) =>
    db.transaction((tx) => appendOutbox(tx, 'master', events, NOW));

  it('an older revision that comes late never ends last', async () => {
    const { db } = await freshDatabase();
    const { publisher } = await natsLink();
    const ids = Array.from({ length: 20 }, () => randomUUID());
    await appendMaster(
      db,
      ids.flatMap((id) => [masterChanged(id, 1), masterChanged(id, 3)]),
    );
    const relays = [1, 2].map(() => relayOf(db, publisher, { producer: 'master', batch: 7 }));
    for (const relay of relays) relay.start();
    await eventually(async () => expect(await unpublished(db)).toBe(0));
    await appendMaster(
      db,
      ids.map((id) => masterChanged(id, 2)),
    );
    await eventually(async () => expect(await unpublished(db)).toBe(0));
    await Promise.all(relays.map((relay) => relay.stop()));
    expect(new Set(await Promise.all(ids.map((id) => lastRevision(publisher, id))))).toEqual(new Set([3]));
    // Nobody can receive revision 2 any more, so nobody is asked for it.
    expect(await db.query(`select distinct matched_by from outbox where revision = 2`)).toEqual([
      { matched_by: MUST_RECEIVE[EVENT_TYPES.masterChanged] },
    ]);
  });

  it('looks again when another publishes between its look and its publication', async () => {
    const { db } = await freshDatabase();
    const { publisher } = await natsLink();
    const id = randomUUID();
    let raced = false;
    const racing = {
      publish: (events: readonly OutgoingEvent[]) => publisher.publish(events),
      lastOf: async (stream: string, subject: string) => {
        const last = await publisher.lastOf(stream, subject);
        if (!raced) {
          raced = true;
          await publisher.publish([
            {
              eventId: randomUUID(),
              emission: 1,
              type: EVENT_TYPES.masterChanged,
              subject,
              producer: 'master',
              time: NOW,
              bucket: 1,
              body: masterChanged(id, 9).body,
            },
          ]);
        }
        return last;
      },
    };
    await appendMaster(db, [masterChanged(id, 8)]);
    const relay = relayOf(db, racing, { producer: 'master', logger });
    relay.start();
    await eventually(async () => expect(await unpublished(db)).toBe(0));
    await relay.stop();
    expect(raced).toBe(true);
    expect(await lastRevision(publisher, id)).toBe(9);
  });
});
