import { deadLetterSubject, EVENT_HEADERS as HEADERS, STREAMS } from '@tieout/contracts';
import type { Instant } from '@tieout/model';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import type { Delivered } from './delivered.js';
import type { NatsLink } from './link.js';
import type { Ending } from './outcomes.js';
import { ensureStream } from './streams.js';

/** A message that a consumer could not handle and never will as it is. */
export interface DeadLetter {
  /** Durable that gave up: "erp-posting--entry-released". */
  readonly consumer: string;
  readonly reason: string;
  /** Where and why, for a person. */
  readonly detail: string;
  readonly originalSubject: string;
  readonly deadLetteredAt: Instant;
  readonly eventId: string | undefined;
  readonly type: string | undefined;
  readonly producer: string | undefined;
  readonly traceparent: string | undefined;
  /** The original body; undefined when it is not JSON. */
  readonly body: unknown;
  readonly text: string;
  /** Position in the stream of dead letters. */
  readonly sequence: number;
}

const LETTER = {
  reason: 'tieout-reason',
  detail: 'tieout-detail',
  originalSubject: 'tieout-original-subject',
  consumer: 'tieout-consumer',
  at: 'tieout-dead-lettered-at',
} as const;

export interface Burial {
  readonly consumer: string;
  readonly reason: Ending;
  readonly detail: string;
  readonly at: Instant;
}

/** Header values are one line. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 800);

export function letterHeaders(message: Pick<Delivered, 'subject' | 'headers'>, burial: Burial): MsgHdrs {
  const out = headers();
  for (const key of message.headers?.keys() ?? [])
    if (key.startsWith('ce-') || key === HEADERS.contentType || key === HEADERS.traceparent)
      out.set(key, message.headers!.get(key));
  out.set(LETTER.reason, burial.reason);
  out.set(LETTER.detail, oneLine(burial.detail));
  out.set(LETTER.originalSubject, message.subject);
  out.set(LETTER.consumer, burial.consumer);
  out.set(LETTER.at, burial.at);
  return out;
}

/** Stores the message as a dead letter; resolves when the server has it. */
export async function bury(link: NatsLink, message: Delivered, burial: Burial): Promise<void> {
  const send = () =>
    jetstream(link.nc).publish(deadLetterSubject(burial.consumer), message.data, {
      headers: letterHeaders(message, burial),
      msgID: `${burial.consumer}:${message.streamSequence}:${message.storedAtNanos}`,
    });
  try {
    await send();
  } catch {
    const stream = STREAMS.find(({ name }) => name === 'DEAD_LETTERS')!;
    await ensureStream(await jetstreamManager(link.nc, { checkAPI: false }), stream);
    await send();
  }
}

export function decodeLetter(message: Delivered): DeadLetter {
  const read = (name: string): string | undefined => message.headers?.get(name) || undefined;
  const text = new TextDecoder().decode(message.data);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return {
    consumer: read(LETTER.consumer) ?? message.subject.slice('dlq.'.length),
    reason: read(LETTER.reason) ?? 'unknown',
    detail: read(LETTER.detail) ?? '',
    originalSubject: read(LETTER.originalSubject) ?? '',
    deadLetteredAt: read(LETTER.at) ?? '',
    eventId: read(HEADERS.id),
    type: read(HEADERS.type),
    producer: read(HEADERS.producer),
    traceparent: read(HEADERS.traceparent),
    body,
    text,
    sequence: message.streamSequence,
  };
}
