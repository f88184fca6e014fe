import type { Msg, MsgHdrs, NatsConnection } from '@nats-io/transport-node';

const WORKING = '+WPI';
const ACK = '+ACK';

/** One delivery of a JetStream message, with how to answer it. */
export interface Delivered {
  readonly subject: string;
  readonly headers: MsgHdrs | undefined;
  readonly data: Uint8Array;
  readonly deliveryCount: number;
  readonly streamSequence: number;
  /** Nanoseconds; with the sequence it names a message even when the stream was deleted and made anew. */
  readonly storedAtNanos: string;
  /** Messages for this consumer that the server had not sent yet. */
  readonly pending: number;
  ack(): void;
  /** Not done: again after `delayMs`. */
  retry(delayMs: number): void;
  /** Still at it: the acknowledgement clock starts anew. */
  working(): void;
}

/** Is this delivery still of the consumer that we serve? */
export type StillOurs = () => boolean;

/**
 * Reads the reply subject: $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>; with domains two
 * tokens more before the stream, and perhaps more at the end.
 */
export function delivered(nc: NatsConnection, message: Msg, stillOurs: StillOurs): Delivered {
  const reply = message.reply ?? '';
  const tokens = reply.split('.');
  if (tokens.length < 9 || tokens[1] !== 'ACK') throw new Error(`not a JetStream delivery: "${reply}"`);
  const at = tokens.length === 9 ? 4 : 6;
  let answered = false;
  const answer = (payload: string): void => {
    // "Still at it" after the answer would put off a redelivery that was asked for.
    if (answered) return;
    answered = payload !== WORKING;
    // A stream made anew numbers its messages from 1 again: an old acknowledgement would acknowledge somebody else's message.
    if (!stillOurs() || nc.isClosed()) return;
    try {
      nc.publish(reply, payload);
    } catch {
      // The connection is closing: unanswered, the message is delivered again.
    }
  };
  return {
    subject: message.subject,
    headers: message.headers,
    data: message.data,
    deliveryCount: Number(tokens[at]),
    streamSequence: Number(tokens[at + 1]),
    storedAtNanos: tokens[at + 3] ?? '',
    pending: Number(tokens[at + 4]),
    ack: () => answer(ACK),
    retry: (delayMs) => answer(delayMs > 0 ? `-NAK {"delay":${Math.round(delayMs) * 1_000_000}}` : '-NAK'),
    working: () => answer(WORKING),
  };
}
