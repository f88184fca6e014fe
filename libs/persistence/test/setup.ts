import { randomUUID } from 'node:crypto';
import { systemClock } from '@tieout/clock';
import {
  EVENT_TYPES,
  type MasterObjectChangedV1,
  type ReceiptsAnswerV1,
  type ReceiptsV1,
  type SourceRecordRefusedV1,
  type TimeEntryHeldV1,
} from '@tieout/contracts';
import {
  EventPublisher,
  NatsLink,
  ensureStreams,
  type OutgoingEvent,
  type PublishOutcome,
  type ReceivedEvent,
} from '@tieout/messaging';
import { testDatabase, testNats } from '@tieout/testing';
import { onTestFinished } from 'vitest';
import { Database, OutboxRelay, answerReceipts, migrate, type NewEvent, type OutboxRelayOptions, type Tx } from '../src/index.js';

export interface TestDb {
  readonly db: Database;
  readonly url: string;
}

const platform = (url: string): Promise<string[]> => migrate({ url });

/** An empty, migrated database of the test's own. */
export async function freshDatabase(options: { poolSize?: number } = {}): Promise<TestDb> {
  const { url, drop } = await testDatabase(platform);
  const db = new Database({ url, ...options });
  onTestFinished(async () => {
    await db.close();
    await drop();
  });
  return { db, url };
}

export async function natsLink(): Promise<{ link: NatsLink; publisher: EventPublisher }> {
  const { url } = await testNats();
  const link = new NatsLink({ servers: url, name: 'persistence test' });
  await link.connect();
  await ensureStreams(link);
  onTestFinished(() => link.close());
  return { link, publisher: new EventPublisher(link) };
}

export const said: string[] = [];
const say = (_: object, message: string): void => void said.push(message);
export const logger = { info: say, warn: say, error: say };

export const refused = (n: number, entity = 'US01'): NewEvent<typeof EVENT_TYPES.recordRefused> => ({
  type: EVENT_TYPES.recordRefused,
  scope: [entity],
  body: {
    connection: 'psa',
    recordKey: `k${n}`,
    where: 'hours',
    why: `"${n}\\" is not a number`,
    receivedAt: '2026-11-23T09:00:00.000Z',
  } as SourceRecordRefusedV1,
});

export const held = (n: number): NewEvent<typeof EVENT_TYPES.entryHeld> => ({
  type: EVENT_TYPES.entryHeld,
  scope: ['DE01'],
  body: { entryId: randomUUID(), decisionNo: n } as unknown as TimeEntryHeldV1,
});

export const project = (id: string, revision: number, code = 'P-1'): MasterObjectChangedV1 => ({
  kind: 'project',
  id,
  code,
  revision,
  legalEntityId: 'US01',
  timeline: [{ validFrom: '2026-01-01', attributes: { code, name: `as of revision ${revision}` } }],
  crossReferences: [],
  attributeSources: {},
  ambiguous: false,
});

export const masterChanged = (id: string, revision: number): NewEvent<typeof EVENT_TYPES.masterChanged> => ({
  type: EVENT_TYPES.masterChanged,
  scope: ['project', id],
  body: project(id, revision),
});

/** As messaging would hand it to a consumer. */
export const received = <T = unknown>(event: OutgoingEvent): ReceivedEvent<T> => ({
  ...event,
  body: event.body as T,
  traceparent: event.traceparent ?? undefined,
  deliveryCount: 1,
  streamSequence: 1,
});

/** Takes the place of NATS where a test must decide what becomes of a publication. */
export class RecordingPublisher {
  readonly events: OutgoingEvent[] = [];
  /** What to answer; 'taken' unless told. */
  answer: (event: OutgoingEvent) => PublishOutcome | 'crash' = () => ({ ok: true, sequence: 1 });

  async publish(events: readonly OutgoingEvent[]): Promise<PublishOutcome[]> {
    this.events.push(...events);
    const answers = events.map((event) => this.answer(event));
    // Never answers: to the relay's database it looks like a process that died after publishing.
    if (answers.includes('crash')) return new Promise(() => undefined);
    return answers as PublishOutcome[];
  }

  async lastOf(): Promise<undefined> {
    return undefined;
  }
}

export const relayOf = (
  database: Database,
  publisher: OutboxRelayOptions['publisher'],
  more: Partial<OutboxRelayOptions> = {},
): OutboxRelay => new OutboxRelay({ database, publisher, producer: 'time', clock: systemClock, logger, pollMs: 20, ...more });

/** Consumers' answers from their own databases, as over NATS. */
export const questionsTo = (consumers: Readonly<Record<string, Tx>>) => ({
  ask: async <A>(subject: string, body: unknown): Promise<A> => {
    const consumer = consumers[subject.split('.')[1]!];
    if (!consumer) throw new Error(`no responders on ${subject}`);
    return (await answerReceipts(consumer, body as ReceiptsV1)) as ReceiptsAnswerV1 as A;
  },
});

export const unpublished = async (db: Tx): Promise<number> =>
  (await db.query<{ n: number }>('select count(*) as n from outbox where published_at is null'))[0]!.n;
