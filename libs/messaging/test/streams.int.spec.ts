import { EVENT_TYPES, STREAMS } from '@tieout/contracts';
import { startNats, type RunningNats } from '@tieout/local-servers';
import { Controller } from '@nestjs/common';
import { AckPolicy, jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ensureStreams, EventPublisher, NatsLink, OnEvents, pendingOf, type ReceivedEvent } from '../src/index.js';
import { event, startServiceWith, until } from './harness.js';

const handled: ReceivedEvent[] = [];
let takesMs = 0;

@Controller()
class SlowConsumer {
  @OnEvents(EVENT_TYPES.recordRefused, { max: 2 })
  async refused(events: ReceivedEvent[]): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, takesMs));
    handled.push(...events);
  }
}

let nats: RunningNats;
let link: NatsLink;
beforeAll(async () => {
  nats = await startNats();
  link = new NatsLink({ servers: nats.url, name: 'test' });
  await link.connect();
});
afterAll(async () => {
  await link.close();
  await nats.stop();
});
beforeEach(async () => {
  handled.length = 0;
  takesMs = 0;
  const jsm = await jetstreamManager(link.nc);
  for await (const { config } of jsm.streams.list()) await jsm.streams.delete(config.name);
});

it('declares every stream, from many processes at once', async () => {
  await Promise.all([ensureStreams(link), ensureStreams(link), ensureStreams(link)]);
  const jsm = await jetstreamManager(link.nc);
  for (const stream of STREAMS) {
    const { config } = await jsm.streams.info(stream.name);
    expect(config).toMatchObject({
      subjects: stream.subjects,
      max_msgs_per_subject: stream.lastPerSubject ? 1 : -1,
      max_age: stream.maxAgeDays * 86_400_000_000_000,
    });
  }
});

it('updates what differs and leaves the rest to the operator', async () => {
  const jsm = await jetstreamManager(link.nc);
  await jsm.streams.add({ name: 'MASTER', subjects: ['evt.master.worker.>'], max_bytes: 1_000_000 });
  await ensureStreams(link);
  const { config } = await jsm.streams.info('MASTER');
  expect(config).toMatchObject({ subjects: ['evt.master.>'], max_msgs_per_subject: 1, max_bytes: 1_000_000 });
});

it('takes over a durable that was declared otherwise', async () => {
  await ensureStreams(link);
  const jsm = await jetstreamManager(link.nc);
  const durable = 'older--source-record-refused';
  const older = { durable_name: durable, ack_policy: AckPolicy.Explicit, filter_subject: `evt.${EVENT_TYPES.recordRefused}.>` };
  await jsm.consumers.add('TIME', { ...older, ack_wait: 5_000_000_000, max_ack_pending: 7 });
  const service = await startServiceWith({}, nats.url, 'older', SlowConsumer);
  await until(() => service.strategy.consumers().every(({ attached }) => attached), 'attached');
  await new EventPublisher(link).publish([event(1)]);
  await until(async () => (await pendingOf(link, 'TIME', durable)) === 0 && handled.length === 1, 'nothing pending');
  expect(await pendingOf(link, 'TIME', 'no-such')).toBe(Infinity);
  expect((await jsm.consumers.info('TIME', durable)).config).toMatchObject({ ack_wait: 30_000_000_000, max_ack_pending: 20_000 });
  await service.stop();
});

it('keeps what it holds while a handler takes longer than the acknowledgement wait', async () => {
  takesMs = 1_500;
  const service = await startServiceWith({ ackWaitMs: 600 }, nats.url, 'slow', SlowConsumer);
  // Two are handled and two wait their turn, all of them beyond the wait.
  await new EventPublisher(link).publish([1, 2, 3, 4].map((n) => event(n)));
  await until(() => handled.length >= 4, 'all handled');
  const jsm = await jetstreamManager(link.nc);
  await until(
    async () => (await jsm.consumers.info('TIME', 'slow--source-record-refused')).num_ack_pending === 0,
    'all acknowledged',
  );
  expect(handled.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 1, 1, 1]);
  await service.stop();
});
