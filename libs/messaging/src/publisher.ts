import { EVENT_HEADERS } from '@tieout/contracts';
import { Logger } from '@nestjs/common';
import { jetstream, JetStreamApiCodes, JetStreamApiError, jetstreamManager, type JetStreamClient } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { encodeHeaders, messageIdOf, type OutgoingEvent } from './headers.js';
import type { NatsLink } from './link.js';
import { ensureStreams } from './streams.js';

export type PublishOutcome =
  | { readonly ok: true; readonly sequence: number }
  | {
      readonly ok: false;
      /** False: the same message will never be taken (too large, or expectLastSubjectSequence does not hold). */
      readonly retry: boolean;
      readonly message: string;
      /** The subject's last message is not the one that was expected. */
      readonly wrongLastSequence?: true;
      /** Nobody stores the subject. */
      readonly noStream?: true;
    };

export interface LastEvent {
  readonly sequence: number;
  readonly eventId: string;
  readonly body: unknown;
}

// Beyond this a slow server's buffer only grows; below it the round trip shows.
const IN_FLIGHT = 1_000;
const TIMEOUT_MS = 5_000;

export class EventPublisher {
  readonly #logger = new Logger(EventPublisher.name);
  readonly #clients = new WeakMap<NatsConnection, JetStreamClient>();

  constructor(private readonly link: NatsLink) {}

  /** Publishes all of them without waiting for each; one outcome per event, in order. Never throws. Makes a lost stream anew. */
  async publish(events: readonly OutgoingEvent[]): Promise<readonly PublishOutcome[]> {
    const outcomes = await this.#publishAll(events);
    const homeless = outcomes.flatMap((outcome, index) => (!outcome.ok && outcome.noStream ? [index] : []));
    if (homeless.length === 0) return outcomes;
    try {
      await ensureStreams(this.link);
    } catch (error) {
      this.#logger.warn(`streams could not be declared: ${String(error)}`);
      return outcomes;
    }
    const again = await this.#publishAll(homeless.map((index) => events[index]!));
    homeless.forEach((index, position) => (outcomes[index] = again[position]!));
    return outcomes;
  }

  /** The last message a stream keeps on a subject; undefined when there is none. For streams that keep the last per subject. */
  async lastOf(stream: string, subject: string): Promise<LastEvent | undefined> {
    const jsm = await jetstreamManager(this.link.nc, { checkAPI: false });
    try {
      const stored = await jsm.streams.getMessage(stream, { last_by_subj: subject });
      return stored ? { sequence: stored.seq, eventId: stored.header.get(EVENT_HEADERS.id), body: bodyOf(stored) } : undefined;
    } catch (error) {
      const gone = [JetStreamApiCodes.NoMessageFound, JetStreamApiCodes.StreamNotFound] as number[];
      if (error instanceof JetStreamApiError && gone.includes(error.code)) return undefined;
      throw error;
    }
  }

  /** Takes away what a stream keeps on a subject: somebody else said it. */
  async forget(stream: string, subject: string): Promise<void> {
    const jsm = await jetstreamManager(this.link.nc, { checkAPI: false });
    await jsm.streams.purge(stream, { filter: subject });
  }

  async #publishAll(events: readonly OutgoingEvent[]): Promise<PublishOutcome[]> {
    const outcomes: PublishOutcome[] = [];
    for (let from = 0; from < events.length; from += IN_FLIGHT)
      outcomes.push(...(await Promise.all(events.slice(from, from + IN_FLIGHT).map((event) => this.#publishOne(event)))));
    return outcomes;
  }

  async #publishOne(event: OutgoingEvent): Promise<PublishOutcome> {
    // While disconnected the client would only buffer, and time out five seconds later.
    if (!this.link.connected) return { ok: false, retry: true, message: 'not connected to NATS' };
    try {
      const ack = await this.#client().publish(event.subject, JSON.stringify(event.body), {
        msgID: messageIdOf(event),
        headers: encodeHeaders(event),
        timeout: TIMEOUT_MS,
        ...(event.expectLastSubjectSequence !== undefined && {
          expect: { lastSubjectSequence: event.expectLastSubjectSequence },
        }),
      });
      return { ok: true, sequence: ack.seq };
    } catch (error) {
      return publishFailure(error);
    }
  }

  #client(): JetStreamClient {
    const nc = this.link.nc;
    let client = this.#clients.get(nc);
    if (!client) this.#clients.set(nc, (client = jetstream(nc)));
    return client;
  }
}

/** Whoever may publish may publish nonsense: it must not stop those who look what stands there. */
const bodyOf = (stored: { json(): unknown }): unknown => {
  try {
    return stored.json();
  } catch {
    return {};
  }
};

const WRONG_LAST = [JetStreamApiCodes.StreamWrongLastSequence, JetStreamApiCodes.StreamWrongLastSequenceUnknown] as number[];
const TOO_LARGE = 10054;

export function publishFailure(error: unknown): Extract<PublishOutcome, { ok: false }> {
  const { name, message } = error as Error;
  if (error instanceof JetStreamApiError) {
    if (WRONG_LAST.includes(error.code)) return { ok: false, retry: false, message, wrongLastSequence: true };
    return { ok: false, retry: error.code !== TOO_LARGE, message };
  }
  // No responders: no stream takes the subject (or JetStream is not up yet, and then declaring streams fails too).
  if (name === 'JetStreamNotEnabled') return { ok: false, retry: true, message: 'no stream takes the subject', noStream: true };
  // The client refuses before sending: larger than the server's max_payload, or a subject that is none.
  if (name === 'InvalidArgumentError' || name === 'InvalidSubjectError') return { ok: false, retry: false, message };
  return { ok: false, retry: true, message };
}
