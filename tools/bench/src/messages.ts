import { jetstreamManager } from '@nats-io/jetstream';
import { startNats, startPostgres } from '@tieout/local-servers';
import { ensureStreams, NatsLink } from '@tieout/messaging';
import { Database, migrate } from '@tieout/persistence';
import type { Cleanup } from './cleanup.js';
import type { BenchConfig } from './config.js';
import { median, perSecond } from './figures.js';
import { Helper } from './processes/helper.js';
import { BODY_BYTES } from './released-events.js';

/** Events per second, each. */
export interface Round {
  /** (a) Bodies published to a stream on file with 1 000 unacknowledged, nothing else. */
  readonly raw: number;
  /** (b) The rows stand in the outbox; until a batch consumer has committed as many rows and receipts. */
  readonly outboxToRows: number;
  /** (b) with appending them to the outbox meanwhile, 500 per transaction. */
  readonly appendToRows: number;
  /** outboxToRows / raw */
  readonly ratio: number;
}

export interface MessageFigures {
  readonly events: number;
  readonly bodyBytes: number;
  readonly rounds: readonly Round[];
  readonly median: Round;
}

/** Two services as in a deployment: a database and a process each, one PostgreSQL that syncs to disk, one NATS. */
export const benchMessages = async (
  config: BenchConfig,
  cleanup: Cleanup,
  say: (text: string) => void,
): Promise<MessageFigures> => {
  const bed = await prepare(cleanup);
  // Not counted: code warms up, files and connections are made.
  await oneRound(bed, Math.min(config.events, 5_000));
  const rounds: Round[] = [];
  for (let n = 1; n <= config.rounds; n++) {
    const round = await oneRound(bed, config.events);
    rounds.push(round);
    const rates = `raw ${perSecond(round.raw)}, outbox to rows ${perSecond(round.outboxToRows)}, ratio ${round.ratio.toFixed(2)}`;
    say(`messages, round ${n}: ${rates}`);
  }
  const of = (name: keyof Round): number => median(rounds.map((round) => round[name]));
  return {
    events: config.events,
    bodyBytes: BODY_BYTES,
    rounds,
    median: { raw: of('raw'), outboxToRows: of('outboxToRows'), appendToRows: of('appendToRows'), ratio: of('ratio') },
  };
};

interface Bed {
  readonly raw: Helper;
  readonly relay: Helper;
  readonly consumer: Helper;
  readonly producerDb: Database;
  readonly consumerDb: Database;
  emptyStream(): Promise<void>;
}

const prepare = async (cleanup: Cleanup): Promise<Bed> => {
  const postgres = cleanup.add(await startPostgres());
  const nats = cleanup.add(await startNats());
  const producer = await createDatabase(postgres.url, 'producer', cleanup);
  const receiver = await createDatabase(postgres.url, 'receiver', cleanup);
  await receiver.db.query(
    `create table landed (entry_id uuid not null, release_no int not null, legal_entity_id text not null, work_date date not null,
       hours numeric not null, content jsonb not null, primary key (entry_id, release_no))`,
  );
  const link = new NatsLink({ servers: nats.url, name: 'bench' });
  await link.connect();
  cleanup.defer(() => link.close());
  await ensureStreams(link);
  const helper = async (name: string, databaseUrl: string): Promise<Helper> =>
    cleanup.add(await Helper.start(name, { natsUrl: nats.url, databaseUrl }));
  return {
    raw: await helper('raw-process', producer.url),
    relay: await helper('relay-process', producer.url),
    consumer: await helper('consumer-process', receiver.url),
    producerDb: producer.db,
    consumerDb: receiver.db,
    emptyStream: async () => {
      await (await jetstreamManager(link.nc)).streams.purge('TIME');
    },
  };
};

const createDatabase = async (serverUrl: string, name: string, cleanup: Cleanup): Promise<{ url: string; db: Database }> => {
  const admin = new Database({ url: serverUrl });
  await admin.query(`create database ${name}`).finally(() => admin.close());
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href;
  await migrate({ url });
  const db = new Database({ url });
  cleanup.defer(() => db.close());
  return { url, db };
};

const oneRound = async (bed: Bed, events: number): Promise<Round> => {
  const rawBefore = await rawRate(bed, events);

  await empty(bed);
  await bed.relay.call('append', events);
  const outboxToRows = await rateOf(events, () => Promise.all([bed.consumer.call('until', events), bed.relay.call('start')]));
  await check(bed, events);
  // Before and after: what else the machine does changes within seconds, and would favour one side.
  const raw = (rawBefore + (await rawRate(bed, events))) / 2;

  await empty(bed);
  const appendToRows = await rateOf(events, () =>
    Promise.all([bed.consumer.call('until', events), bed.relay.call('start'), bed.relay.call('append', events)]),
  );
  await check(bed, events);
  return { raw, outboxToRows, appendToRows, ratio: outboxToRows / raw };
};

const rawRate = async ({ raw }: Bed, events: number): Promise<number> => {
  await raw.call('prepare', events);
  return rateOf(events, () => raw.call('publish'));
};

const empty = async ({ producerDb, consumer, emptyStream }: Bed): Promise<void> => {
  await producerDb.query('truncate outbox');
  await emptyStream();
  await consumer.call('reset');
};

/** A fast figure for lost or doubled rows would be worth nothing. */
const check = async ({ consumerDb, relay }: Bed, events: number): Promise<void> => {
  await relay.call('stop');
  const [found] = await consumerDb.query<{ rows: number; receipts: number }>(
    'select (select count(*) from landed) as rows, (select count(*) from receipt) as receipts',
  );
  if (found?.rows !== events || found.receipts !== events)
    throw new Error(`expected ${events} rows and receipts, found ${JSON.stringify(found)}`);
};

const rateOf = async (events: number, work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return (events * 1_000) / (performance.now() - began);
};
