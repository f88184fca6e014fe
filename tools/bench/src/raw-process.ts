import { jetstream, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { readProcessSettings } from './config.js';
import { answerCalls } from './processes/commands.js';
import { releasedEvents } from './released-events.js';

const STREAM = 'BENCH_RAW';
const SUBJECT = 'bench.raw';
/** As many unacknowledged as the platform's publisher has. */
const IN_FLIGHT = 1_000;

const nc = await connect({ servers: readProcessSettings().natsUrl });
const js = jetstream(nc);
const manager = await jetstreamManager(nc);
await manager.streams.add({
  name: STREAM,
  subjects: [SUBJECT],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  num_replicas: 1,
});
let bodies: string[] = [];

answerCalls({
  prepare: async (count) => {
    await manager.streams.purge(STREAM);
    bodies = releasedEvents(count).map(({ body }) => JSON.stringify(body));
  },
  /** Nothing but bodies: no headers, no message id, so no duplicates' table in the server either. */
  publish: async () => {
    for (let from = 0; from < bodies.length; from += IN_FLIGHT)
      await Promise.all(bodies.slice(from, from + IN_FLIGHT).map((body) => js.publish(SUBJECT, body)));
  },
});
