import { EVENT_TYPES, eventSubject } from '@tieout/contracts';
import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { contractProblem } from './contract-check.js';
import { letterHeaders } from './dead-letters.js';
import { delivered } from './delivered.js';
import { decodeEvent, encodeHeaders, messageIdOf, type Encoded, type OutgoingEvent } from './headers.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const event: OutgoingEvent = {
  eventId: 'e-1',
  emission: 3,
  type: EVENT_TYPES.entryReleased,
  subject: eventSubject(EVENT_TYPES.entryReleased, 'DE01'),
  producer: 'time',
  time: '2026-11-23T09:00:00.000Z',
  bucket: 29_400_540,
  traceparent: TRACEPARENT,
  body: { any: 'thing' },
};
const encoded = (over: Partial<Encoded> = {}): Encoded => ({
  subject: event.subject,
  headers: encodeHeaders(event),
  data: new TextEncoder().encode(JSON.stringify(event.body)),
  deliveryCount: 2,
  streamSequence: 17,
  ...over,
});

describe('CloudEvents headers', () => {
  it('are those of the binary mode, with our extension attributes and trace context', () => {
    const written = encodeHeaders(event);
    expect(Object.fromEntries(written.keys().map((key) => [key, written.get(key)]))).toEqual({
      'ce-specversion': '1.0',
      'ce-id': 'e-1',
      'ce-type': 'time.entry.released.v1',
      'ce-source': '/tieout/time',
      'ce-time': '2026-11-23T09:00:00.000Z',
      'ce-subject': 'DE01',
      'ce-tieoutbucket': '29400540',
      'ce-tieoutproducer': 'time',
      'content-type': 'application/json',
      traceparent: TRACEPARENT,
    });
    expect(encodeHeaders({ ...event, traceparent: null }).has('traceparent')).toBe(false);
    expect(messageIdOf(event)).toBe('e-1:3');
  });

  it('of a deprecated type say until when it is said; of others nothing', () => {
    const deprecated = new Map([[EVENT_TYPES.entryReleased, '2027-05-31']] as const);
    expect(encodeHeaders(event, deprecated).get('tieout-deprecated-until')).toBe('2027-05-31');
    expect(encodeHeaders({ ...event, type: EVENT_TYPES.entryHeld }, deprecated).has('tieout-deprecated-until')).toBe(false);
    expect(decodeEvent(encoded({ headers: encodeHeaders(event, deprecated) }), event.type)).toMatchObject({ ok: true });
  });

  it('read back as they were written', () => {
    expect(decodeEvent(encoded(), event.type)).toEqual({
      ok: true,
      event: {
        eventId: 'e-1',
        type: event.type,
        subject: event.subject,
        producer: 'time',
        time: event.time,
        bucket: event.bucket,
        traceparent: TRACEPARENT,
        body: event.body,
        deliveryCount: 2,
        streamSequence: 17,
      },
    });
  });

  it.each([
    ['no headers at all', { headers: undefined }, 'header ce-id is missing'],
    [
      'another type',
      { headers: encodeHeaders({ ...event, type: EVENT_TYPES.entryHeld }) },
      'header ce-type is "time.entry.held.v1"',
    ],
    [
      'an unknown producer',
      { headers: encodeHeaders({ ...event, producer: 'weather' as 'time' }) },
      'names no context: "weather"',
    ],
    ['a bucket that is none', { headers: encodeHeaders({ ...event, bucket: 1.5 }) }, 'not a whole number: "1.5"'],
    ['a body that is not JSON', { data: new TextEncoder().encode('{') }, 'body is not JSON'],
    ['a body that is not text', { data: Uint8Array.of(0xff, 0xfe) }, 'body is not JSON'],
  ])('with %s: refused, saying so', (_, over, why) => {
    const decoded = decodeEvent(encoded(over), event.type);
    expect(decoded).toEqual({ ok: false, why: expect.stringContaining(why) as string });
  });
});

describe('a dead letter', () => {
  it('keeps the attributes of the event and says who gave up and why, on one line each', () => {
    const original = encodeHeaders(event);
    original.set('Nats-Msg-Id', 'e-1:3');
    const burial = { consumer: 'erp-posting--entry-released', reason: 'bug', detail: 'Error: a\n\tb', at: event.time } as const;
    const written = letterHeaders({ subject: event.subject, headers: original }, burial);
    expect(written.get('ce-id')).toBe('e-1');
    expect(written.get('traceparent')).toBe(TRACEPARENT);
    expect(written.get('tieout-reason')).toBe('bug');
    expect(written.get('tieout-detail')).toBe('Error: a b');
    expect(written.get('tieout-original-subject')).toBe(event.subject);
    expect(written.get('tieout-consumer')).toBe('erp-posting--entry-released');
    // The original's id would let the server drop the letter as a duplicate.
    expect(written.has('Nats-Msg-Id')).toBe(false);
  });
});

describe('a delivery', () => {
  const answers: string[] = [];
  const nc = {
    isClosed: () => false,
    publish: (_: string, payload: string) => void answers.push(payload),
  } as unknown as NatsConnection;
  const message = (reply: string): Msg => ({ subject: 's', reply, data: new Uint8Array(), headers: headers() }) as unknown as Msg;
  const tail = '2.17.30.1700000000000000001.41';

  it.each([
    ['without a domain', `$JS.ACK.TIME.durable.${tail}`],
    ['with a domain', `$JS.ACK.hub.acchash.TIME.durable.${tail}`],
    ['with a domain and a random token', `$JS.ACK._.acchash.TIME.durable.${tail}.x1`],
  ])('is read from its reply subject %s', (_, reply) => {
    expect(delivered(nc, message(reply), () => true)).toMatchObject({
      deliveryCount: 2,
      streamSequence: 17,
      storedAtNanos: '1700000000000000001',
      pending: 41,
    });
  });

  it('is answered once, and not at all when its stream was made anew', () => {
    const one = delivered(nc, message(`$JS.ACK.TIME.durable.${tail}`), () => true);
    one.working();
    one.retry(250);
    one.working();
    one.ack();
    expect(answers).toEqual(['+WPI', '-NAK {"delay":250000000}']);
    delivered(nc, message(`$JS.ACK.TIME.durable.${tail}`), () => false).ack();
    expect(answers).toHaveLength(2);
    expect(() => delivered(nc, message('_INBOX.x'), () => true)).toThrow('not a JetStream delivery');
  });
});

describe('the contract check', () => {
  const cleared = { connection: 'erp', raisedBy: 'posting', clearedAt: '2026-11-23T09:00:00.000Z' };

  it('takes what keeps the contract, also with properties of a later version', () => {
    expect(contractProblem(EVENT_TYPES.connectionRecovered, cleared)).toBeUndefined();
    expect(contractProblem(EVENT_TYPES.connectionRecovered, { ...cleared, later: 1 })).toBeUndefined();
  });

  it('says where and why, without the value', () => {
    const why = contractProblem(EVENT_TYPES.connectionRecovered, { ...cleared, clearedAt: 'secret' });
    expect(why).toMatch(/^body\.clearedAt must match pattern/);
    expect(why).not.toContain('secret');
    const { connection: _, ...without } = cleared;
    expect(contractProblem(EVENT_TYPES.connectionRecovered, without)).toContain("must have required property 'connection'");
  });
});
