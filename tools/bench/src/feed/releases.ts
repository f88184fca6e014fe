import { randomUUID } from 'node:crypto';
import { EVENT_TYPES, eventSubject } from '@tieout/contracts';
import type { EventPublisher, OutgoingEvent } from '@tieout/messaging';
import { COMPANY, releasedEvents } from '../released-events.js';

const PRODUCED = { emission: 1, bucket: 1 } as const;
const PER_CALL = 5_000;

const publishAll = async (publisher: EventPublisher, events: readonly OutgoingEvent[]): Promise<void> => {
  for (let from = 0; from < events.length; from += PER_CALL) {
    const outcomes = await publisher.publish(events.slice(from, from + PER_CALL));
    const failed = outcomes.find((outcome) => !outcome.ok);
    if (failed && !failed.ok) throw new Error(`an event was not published: ${failed.message}`);
  }
};

/** Puts so many releases on the stream, each of another entry. */
export const publishReleases = (publisher: EventPublisher, count: number): Promise<void> =>
  publishAll(
    publisher,
    releasedEvents(count).map(({ type, body }) => ({
      ...PRODUCED,
      eventId: randomUUID(),
      type,
      subject: eventSubject(type, COMPANY),
      producer: 'time' as const,
      time: new Date().toISOString(),
      body,
    })),
  );

export interface BenchPeriod {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** As master-data-sync says that a period of the company is open. */
export const publishPeriod = (publisher: EventPublisher, { name, from, to }: BenchPeriod): Promise<void> => {
  const [id, code] = [randomUUID(), `${COMPANY}/${name}`];
  const attributes = { code, legalEntity: COMPANY, startDate: from, endDate: to, state: 'open' };
  const type = EVENT_TYPES.masterChanged;
  return publishAll(publisher, [
    {
      ...PRODUCED,
      eventId: randomUUID(),
      type,
      subject: eventSubject(type, 'accounting-period', id),
      producer: 'master',
      time: new Date().toISOString(),
      body: {
        kind: 'accounting-period',
        id,
        code,
        revision: 1,
        legalEntityId: COMPANY,
        timeline: [{ validFrom: '0001-01-01', attributes }],
        crossReferences: [],
        attributeSources: {},
        ambiguous: false,
      },
    },
  ]);
};
