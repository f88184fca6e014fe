import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_TYPES } from '@tieout/contracts';
import { startNats, type RunningNats } from '@tieout/local-servers';
import { Fault } from '@tieout/model';
import { Controller } from '@nestjs/common';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EventPublisher, NatsLink, OnDeadLetters, OnEvent, OnEvents, type DeadLetter, type ReceivedEvent } from '../src/index.js';
import { event, releasedBody, startService, until, type Service } from './harness.js';

type Body = ReturnType<typeof releasedBody>;

const batches: ReceivedEvent<Body>[][] = [];
const letters: DeadLetter[] = [];
const received = (): string[] => batches.flat().map(({ eventId }) => eventId);
let onBatch: (events: ReceivedEvent<Body>[]) => void | Promise<void> = () => undefined;

@Controller()
class BatchConsumer {
  @OnEvents(EVENT_TYPES.recordRefused, { max: 100 })
  async refused(events: ReceivedEvent<Body>[]): Promise<void> {
    await onBatch(events);
    batches.push(events);
  }
}

@Controller()
class Letters {
  @OnDeadLetters()
  async letters(found: DeadLetter[]): Promise<void> {
    letters.push(...found);
  }
}

let running = 0;
let mostRunning = 0;
@Controller()
class SingleConsumer {
  @OnEvent(EVENT_TYPES.recordRefused, { concurrency: 4 })
  async refused(one: ReceivedEvent<Body>): Promise<void> {
    mostRunning = Math.max(mostRunning, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    batches.push([one]);
  }
}

describe('JetStream transport', () => {
  const home = mkdtempSync(join(tmpdir(), 'tieout-messaging-'));
  let nats: RunningNats;
  let link: NatsLink;
  let publisher: EventPublisher;
  let services: Service[] = [];
  const start = async (name: string, ...controllers: (new () => object)[]): Promise<Service> => {
    const service = await startService(nats.url, name, ...controllers);
    services.push(service);
    return service;
  };

  beforeAll(async () => {
    nats = await startNats({ storeDir: home });
    link = new NatsLink({ servers: nats.url, name: 'test' });
    await link.connect();
    publisher = new EventPublisher(link);
  });
  afterAll(async () => {
    await link.close();
    await nats.stop();
    rmSync(home, { recursive: true, force: true });
  });
  beforeEach(() => {
    batches.length = 0;
    letters.length = 0;
    onBatch = () => undefined;
  });
  afterEach(async () => {
    await Promise.all(services.map((service) => service.stop()));
    services = [];
    const jsm = await jetstreamManager(link.nc);
    for await (const { config } of jsm.streams.list()) await jsm.streams.delete(config.name);
  });

  it('delivers what was published before the consumer existed, in batches, with all its attributes', async () => {
    const events = Array.from({ length: 1_000 }, (_, n) => event(n));
    const traced = { ...event(0), traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    const outcomes = await publisher.publish([...events, traced]);
    expect(outcomes.filter((outcome) => !outcome.ok)).toEqual([]);
    await start('first', BatchConsumer);
    await until(() => received().length >= 1_001, 'all events');
    expect(new Set(received())).toEqual(new Set([...events, traced].map(({ eventId }) => eventId)));
    expect(batches.length).toBeLessThan(20);
    const { emission: _, ...sent } = traced;
    expect(batches.flat().find(({ eventId }) => eventId === traced.eventId)).toMatchObject({ ...sent, deliveryCount: 1 });
  });

  it('hands a lone event over at once', async () => {
    const { strategy } = await start('idle', BatchConsumer);
    await until(() => strategy.consumers().every(({ attached }) => attached), 'attached');
    expect(strategy.consumers()).toEqual([{ durable: 'idle--source-record-refused', attached: true }]);
    const took: number[] = [];
    for (let n = 0; n < 20; n++) {
      const from = performance.now();
      await publisher.publish([event(n)]);
      await until(() => received().length === n + 1, 'the event');
      took.push(performance.now() - from);
    }
    // until() looks every 10 ms; a linger of 20 ms would show in all of them.
    expect(took.sort((a, b) => a - b)[10]).toBeLessThan(20);
  });

  it('publishes an event once, however often it is sent, and again with a new emission', async () => {
    const one = event(1);
    const [first] = await publisher.publish([one]);
    const [second] = await publisher.publish([one]);
    const [third] = await publisher.publish([{ ...one, emission: 2 }]);
    expect(second).toEqual(first);
    expect(third).toEqual({ ok: true, sequence: 2 });
  });

  it('refuses a publication whose expectation of the last sequence does not hold', async () => {
    const one = { ...event(1), expectLastSubjectSequence: 0 };
    expect(await publisher.publish([one])).toEqual([{ ok: true, sequence: 1 }]);
    expect(await publisher.publish([{ ...event(2), expectLastSubjectSequence: 0 }])).toMatchObject([
      { ok: false, retry: false, wrongLastSequence: true },
    ]);
    expect(await publisher.lastOf('TIME', one.subject)).toEqual({ sequence: 1, eventId: one.eventId, body: one.body });
    expect(await publisher.lastOf('TIME', 'evt.time.nothing')).toBeUndefined();
  });

  it('delivers again, later, what failed because something was away', async () => {
    let failures = 3;
    onBatch = () => {
      if (failures-- > 0) throw new Fault('Unavailable', 'database away');
    };
    await start('retry', BatchConsumer);
    await publisher.publish([event(1), event(2)]);
    await until(() => new Set(received()).size === 2, 'both events');
    expect(failures).toBeLessThan(0);
    expect(Math.max(...batches.flat().map(({ deliveryCount }) => deliveryCount))).toBeGreaterThan(1);
  });

  it('isolates a poison message, delays no other, and gives it up after five tries', async () => {
    const poison = event(13, releasedBody(13, { why: 'poison' }));
    let tries = 0;
    onBatch = (events) => {
      if (!events.some(({ eventId }) => eventId === poison.eventId)) return;
      if (events.length === 1) tries++;
      throw new Error('cannot digest this');
    };
    const good = Array.from({ length: 50 }, (_, n) => event(n));
    await publisher.publish([...good.slice(0, 25), poison, ...good.slice(25)]);
    await start('poison', BatchConsumer, Letters);
    await until(() => new Set(received()).size === 50, 'the good ones');
    expect(letters).toEqual([]);
    await until(() => letters.length === 1, 'the dead letter');
    expect(tries).toBe(5);
    expect(new Set(received())).toEqual(new Set(good.map(({ eventId }) => eventId)));
    expect(letters[0]).toMatchObject({
      consumer: 'poison--source-record-refused',
      reason: 'bug',
      detail: 'Error: cannot digest this',
      originalSubject: poison.subject,
      eventId: poison.eventId,
      type: poison.type,
      producer: 'time',
      body: poison.body,
    });
  });

  it('dead-letters what breaks its contract before the handler sees it, saying where', async () => {
    await start('contract', BatchConsumer, Letters);
    const bad = event(1, { ...releasedBody(1), receivedAt: 'yesterday' });
    const good = event(2);
    await publisher.publish([bad, good]);
    await until(() => received().length === 1 && letters.length === 1, 'one of each');
    expect(received()).toEqual([good.eventId]);
    expect(letters[0]).toMatchObject({ reason: 'ContractBroken', eventId: bad.eventId });
    expect(letters[0]?.detail).toContain('body.receivedAt');
    link.nc.publish(bad.subject, '{"no": "headers"}');
    link.nc.publish(bad.subject, 'not json');
    await until(() => letters.length === 3, 'strangers');
    expect(letters[1]?.detail).toBe('header ce-id is missing');
    expect(letters[2]).toMatchObject({ body: undefined, text: 'not json' });
  });

  it('heals when the whole stream is deleted while running', async () => {
    const { strategy } = await start('heal', BatchConsumer);
    await publisher.publish([event(1)]);
    await until(() => received().length === 1, 'the first');
    const jsm = await jetstreamManager(link.nc);
    const from = performance.now();
    await jsm.streams.delete('TIME');
    const after = Array.from({ length: 200 }, (_, n) => event(n));
    await until(async () => (await publisher.publish(after)).every(({ ok }) => ok), 'published again');
    await until(() => new Set(received()).size === 201, 'all after the deletion');
    expect(performance.now() - from).toBeLessThan(5_000);
    expect(strategy.consumers()[0]?.attached).toBe(true);
    await until(
      async () => (await jsm.consumers.info('TIME', 'heal--source-record-refused')).num_ack_pending === 0,
      'all acknowledged',
    );
  });

  it('heals when only the consumer is deleted, and when its stream goes while a batch is at work', async () => {
    await start('heal2', BatchConsumer);
    await publisher.publish([event(1)]);
    await until(() => received().length === 1, 'the first');
    const jsm = await jetstreamManager(link.nc);
    await jsm.consumers.delete('TIME', 'heal2--source-record-refused');
    await publisher.publish([event(2)]);
    await until(() => new Set(received()).size === 2, 'after the consumer was deleted');
    let release!: () => void;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let entered = false;
    onBatch = () => {
      entered = true;
      return gate;
    };
    await publisher.publish([event(3)]);
    await until(() => entered, 'a batch at work');
    onBatch = () => undefined;
    await jsm.streams.delete('TIME');
    const last = Array.from({ length: 5 }, (_, n) => event(n));
    await publisher.publish(last);
    release();
    await until(() => last.every(({ eventId }) => received().includes(eventId)), 'events of the new stream');
  });

  it('goes on after the server was away, with the same store and with an empty one', async () => {
    const { strategy } = await start('restart', BatchConsumer);
    await publisher.publish([event(1)]);
    await until(() => received().length === 1, 'the first');
    for (const storeDir of [home, mkdtempSync(join(tmpdir(), 'tieout-messaging-'))]) {
      await nats.stop();
      await until(() => !link.connected, 'notice');
      expect(await publisher.publish([event(2)])).toEqual([{ ok: false, retry: true, message: 'not connected to NATS' }]);
      nats = await startNats({ storeDir, port: nats.port });
      const next = event(3);
      await until(async () => (await publisher.publish([next])).every(({ ok }) => ok), 'publish');
      await until(() => received().includes(next.eventId), 'delivery after the restart');
    }
    expect(strategy.consumers()[0]?.attached).toBe(true);
  });

  it('finishes what is at work when stopped, and gives back the rest at once', async () => {
    let entered = 0;
    onBatch = async () => {
      entered++;
      await new Promise((resolve) => setTimeout(resolve, 300));
    };
    await publisher.publish(Array.from({ length: 250 }, (_, n) => event(n)));
    const first = await start('drain', BatchConsumer);
    await until(() => entered === 1, 'a batch at work');
    await first.stop();
    services = [];
    const done = received().length;
    expect(done).toBe(100);
    onBatch = () => undefined;
    const from = performance.now();
    await start('drain', BatchConsumer);
    await until(() => received().length >= 250, 'the rest');
    // Had they not been given back, they would come after the 30 seconds of the acknowledgement wait.
    expect(performance.now() - from).toBeLessThan(10_000);
    expect(new Set(received()).size).toBe(250);
    expect(received().length).toBe(250);
  });

  it('handles single events side by side, within bounds', async () => {
    await start('single', SingleConsumer);
    await publisher.publish(Array.from({ length: 100 }, (_, n) => event(n)));
    await until(() => new Set(received()).size === 100, 'all');
    expect(mostRunning).toBe(4);
  });

  it('shares the work between replicas', async () => {
    onBatch = () => new Promise((resolve) => setTimeout(resolve, 20));
    await start('replica', BatchConsumer);
    await start('replica', BatchConsumer);
    await publisher.publish(Array.from({ length: 600 }, (_, n) => event(n)));
    await until(() => received().length >= 600, 'all');
    expect(received().length).toBe(600);
  });

  it('waits for a server that is not there yet', async () => {
    const storeDir = mkdtempSync(join(tmpdir(), 'tieout-messaging-'));
    const probe = await startNats({ storeDir });
    await probe.stop();
    const service = await startService(probe.url, 'early', BatchConsumer);
    expect(service.link.connected).toBe(false);
    const late = await startNats({ storeDir, port: probe.port });
    await until(() => service.strategy.consumers().every(({ attached }) => attached), 'attached');
    await service.stop();
    await late.stop();
    rmSync(storeDir, { recursive: true, force: true });
  });
});
