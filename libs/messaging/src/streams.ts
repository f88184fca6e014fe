import { setTimeout as delay } from 'node:timers/promises';
import { STREAMS, type StreamDeclaration } from '@tieout/contracts';
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import type { ConsumerConfig, JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import type { NatsLink } from './link.js';

const NANOS = 1_000_000;
/**
 * nats-server 2.9 forgets a deleted stream first and removes its folder afterwards. A stream of that name made in between loses its files:
 * it takes messages, delivers none, and fails when its first block is full.
 */
const DELETION_MS = 1_500;
const DAY_MS = 86_400_000;

// From the server's table of errors.
const STREAM_NOT_FOUND = 10059;
const STREAM_NAME_IN_USE = 10058;
const CONSUMER_EXISTS = [10013, 10105, 10148];
const codeOf = (error: unknown): number | undefined => (error instanceof JetStreamApiError ? error.code : undefined);

/** Only what every server from 2.9.10 up knows. Replicas are the operator's: an update leaves them as they are. */
const configOf = (stream: StreamDeclaration) =>
  ({
    subjects: [...stream.subjects],
    max_msgs_per_subject: stream.lastPerSubject ? 1 : -1,
    max_age: stream.maxAgeDays * DAY_MS * NANOS,
    discard: DiscardPolicy.Old,
    // Re-emissions carry another message id; this only catches a publish repeated after a lost acknowledgement.
    duplicate_window: 120_000 * NANOS,
    allow_direct: true,
  }) satisfies Partial<StreamConfig>;

/** Declares what the contracts' STREAMS says: creates what is missing, updates what differs. Safe from many processes at once. */
export async function ensureStreams(link: NatsLink): Promise<void> {
  const jsm = await jetstreamManager(link.nc, { checkAPI: false });
  await Promise.all(STREAMS.map((stream) => ensureStream(jsm, stream)));
}

export async function ensureStream(jsm: JetStreamManager, stream: StreamDeclaration): Promise<void> {
  const wanted = configOf(stream);
  try {
    const { config } = await jsm.streams.info(stream.name);
    if (!differs(config, wanted)) return;
  } catch (error) {
    if (codeOf(error) !== STREAM_NOT_FOUND) throw error;
    await delay(DELETION_MS);
    try {
      await jsm.streams.add({
        name: stream.name,
        ...wanted,
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        num_replicas: 1,
      });
      return;
    } catch (failure) {
      // Another process made it between the two calls.
      if (codeOf(failure) !== STREAM_NAME_IN_USE) throw failure;
    }
  }
  await jsm.streams.update(stream.name, wanted);
}

const differs = (actual: Partial<StreamConfig>, wanted: Partial<StreamConfig>): boolean =>
  Object.entries(wanted).some(([key, value]) => JSON.stringify(actual[key as keyof StreamConfig]) !== JSON.stringify(value));

export interface ConsumerDeclaration {
  readonly stream: string;
  readonly durable: string;
  readonly filter: string;
  readonly ackWaitMs: number;
}

/** Creates the durable pull consumer, or brings it up to date. */
export async function ensureConsumer(jsm: JetStreamManager, consumer: ConsumerDeclaration): Promise<void> {
  const config = {
    ack_wait: consumer.ackWaitMs * NANOS,
    // Messages set aside for later count as pending: low, and one outage of a dependency would stop fresh ones.
    max_ack_pending: 20_000,
    // The table of outcomes decides when to give up, not the server.
    max_deliver: -1,
    filter_subject: consumer.filter,
  } satisfies Partial<ConsumerConfig>;
  try {
    await jsm.consumers.add(consumer.stream, {
      durable_name: consumer.durable,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ...config,
    });
  } catch (error) {
    if (!CONSUMER_EXISTS.includes(codeOf(error) ?? 0)) throw error;
    await jsm.consumers.update(consumer.stream, consumer.durable, config);
  }
}
