import { CATALOGUE, CONTEXTS, deprecatedEvents, EVENT_HEADERS as HEADERS, type Context, type EventType } from '@tieout/contracts';
import type { Instant } from '@tieout/model';
import { headers, type MsgHdrs } from '@nats-io/transport-node';

export interface OutgoingEvent {
  readonly eventId: string;
  /** Rises when the completeness sweep sends the event again; part of the message id, which would otherwise be a duplicate. */
  readonly emission: number;
  readonly type: EventType;
  readonly subject: string;
  readonly producer: Context;
  readonly time: Instant;
  /** Minute of the outbox row; receipts are compared per bucket. */
  readonly bucket: number;
  readonly traceparent?: string | null | undefined;
  readonly body: unknown;
  /** Publish only if the subject's last message has this sequence (0: none). */
  readonly expectLastSubjectSequence?: number | undefined;
}

export interface ReceivedEvent<T = unknown> {
  readonly eventId: string;
  readonly type: EventType;
  readonly subject: string;
  readonly producer: Context;
  readonly time: Instant;
  readonly bucket: number;
  readonly traceparent: string | undefined;
  readonly body: T;
  /** 1 at the first delivery. */
  readonly deliveryCount: number;
  readonly streamSequence: number;
}

const SOURCE = '/tieout/';
const DEPRECATED = deprecatedEvents(CATALOGUE);

export const messageIdOf = (event: Pick<OutgoingEvent, 'eventId' | 'emission'>): string => `${event.eventId}:${event.emission}`;

/** @param deprecated until which day each deprecated type is said */
export function encodeHeaders(event: OutgoingEvent, deprecated = DEPRECATED): MsgHdrs {
  const out = headers();
  out.set(HEADERS.specVersion, '1.0');
  out.set(HEADERS.id, event.eventId);
  out.set(HEADERS.type, event.type);
  out.set(HEADERS.source, SOURCE + event.producer);
  out.set(HEADERS.time, event.time);
  // What the event is about: the tokens after the type (legal entity; for master data kind and id).
  const about = event.subject.slice(`evt.${event.type}.`.length);
  if (about !== '') out.set(HEADERS.subject, about);
  out.set(HEADERS.bucket, String(event.bucket));
  out.set(HEADERS.producer, event.producer);
  out.set(HEADERS.contentType, 'application/json');
  if (event.traceparent) out.set(HEADERS.traceparent, event.traceparent);
  const until = deprecated.get(event.type);
  if (until !== undefined) out.set(HEADERS.deprecatedUntil, until);
  return out;
}

/** The part of a delivered message that decoding reads. */
export interface Encoded {
  readonly subject: string;
  readonly headers: MsgHdrs | undefined;
  readonly data: Uint8Array;
  readonly deliveryCount: number;
  readonly streamSequence: number;
}

export type Decoded = { readonly ok: true; readonly event: ReceivedEvent } | { readonly ok: false; readonly why: string };

const utf8 = new TextDecoder('utf-8', { fatal: true });
const refuse = (why: string): Decoded => ({ ok: false, why });

/** Reads a message of one type. Says where and why when it is not one of ours. */
export function decodeEvent(message: Encoded, type: EventType): Decoded {
  const read = (name: string): string => message.headers?.get(name) ?? '';
  for (const name of [HEADERS.id, HEADERS.type, HEADERS.time, HEADERS.bucket, HEADERS.producer])
    if (read(name) === '') return refuse(`header ${name} is missing`);
  if (read(HEADERS.type) !== type) return refuse(`header ce-type is "${read(HEADERS.type)}", expected "${type}"`);
  const producer = CONTEXTS.find((context) => context === read(HEADERS.producer));
  if (producer === undefined) return refuse(`header ${HEADERS.producer} names no context: "${read(HEADERS.producer)}"`);
  const bucket = Number(read(HEADERS.bucket));
  if (!Number.isInteger(bucket)) return refuse(`header ${HEADERS.bucket} is not a whole number: "${read(HEADERS.bucket)}"`);
  let body: unknown;
  try {
    body = JSON.parse(utf8.decode(message.data));
  } catch (error) {
    return refuse(`body is not JSON: ${(error as Error).message}`);
  }
  return {
    ok: true,
    event: {
      eventId: read(HEADERS.id),
      type,
      subject: message.subject,
      producer,
      time: read(HEADERS.time),
      bucket,
      traceparent: read(HEADERS.traceparent) || undefined,
      body,
      deliveryCount: message.deliveryCount,
      streamSequence: message.streamSequence,
    },
  };
}
