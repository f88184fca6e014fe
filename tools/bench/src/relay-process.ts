import { systemClock } from '@tieout/clock';
import { EventPublisher, NatsLink } from '@tieout/messaging';
import { appendOutbox, Database, Listener, OutboxRelay } from '@tieout/persistence';
import { readProcessSettings } from './config.js';
import { answerCalls } from './processes/commands.js';
import { releasedEvents } from './released-events.js';

/** As time-ingestion's transactions. */
const PER_TRANSACTION = 500;

const { natsUrl, databaseUrl } = readProcessSettings();
const database = new Database({ url: databaseUrl });
const listener = new Listener(databaseUrl);
const link = new NatsLink({ servers: natsUrl, name: 'bench relay' });
await link.connect();
const say = (_: object, message: string): void => console.error(message);
let relay: OutboxRelay | undefined;

const relayOn = (): OutboxRelay =>
  new OutboxRelay({
    database,
    publisher: new EventPublisher(link),
    producer: 'time',
    clock: systemClock,
    logger: { info: say, warn: say, error: say },
    listener,
  });

answerCalls({
  append: async (count) => {
    const events = releasedEvents(count);
    for (let from = 0; from < count; from += PER_TRANSACTION)
      await database.transaction((tx) => appendOutbox(tx, 'time', events.slice(from, from + PER_TRANSACTION), systemClock.now()));
  },
  start: async () => {
    relay = relayOn();
    relay.start();
    await Promise.resolve();
  },
  stop: async () => {
    await relay?.stop();
    relay = undefined;
  },
});
