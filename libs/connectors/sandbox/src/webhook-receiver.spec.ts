import { createHmac } from 'node:crypto';
import { ManualClock } from '@tieout/clock';
import { describe, expect, it } from 'vitest';
import { PsaWebhookReceiver } from './webhook-receiver.js';

const NOW = '2026-11-23T10:00:00.000Z';
const clock = new ManualClock(NOW);
const receiver = new PsaWebhookReceiver('secret', clock);
const body = Buffer.from('{"event":"timesheets.changed","timesheetIds":["TS-1","TS-2"]}');
const signed = (raw: Buffer, at = Date.parse(NOW), secret = 'secret') => ({
  'x-psa-delivery': 'd-1',
  'x-psa-timestamp': String(at),
  'x-psa-signature': `sha256=${createHmac('sha256', secret).update(`${at}.`).update(raw).digest('hex')}`,
});

describe('webhooks of the sandbox PSA', () => {
  it('takes a delivery that is signed and fresh', () => {
    expect(receiver.verify(body, signed(body))).toEqual({ deliveryId: 'd-1', sourceIds: ['TS-1', 'TS-2'] });
  });

  it.each([
    ['another secret', body, signed(body, Date.parse(NOW), 'other')],
    ['another body', Buffer.from(`${body.toString()} `), signed(body)],
    ['another timestamp', body, { ...signed(body), 'x-psa-timestamp': String(Date.parse(NOW) + 1) }],
    ['an old delivery', body, signed(body, Date.parse(NOW) - 16 * 60_000)],
    ['no headers', body, {}],
  ])('refuses %s', (_name, raw, headers) => {
    expect(receiver.verify(raw, headers)).toBeUndefined();
  });

  it('refuses everything without a secret', () => {
    expect(new PsaWebhookReceiver(undefined, clock).verify(body, signed(body))).toBeUndefined();
    expect(new PsaWebhookReceiver(undefined, clock).verify(body, signed(body, Date.parse(NOW), ''))).toBeUndefined();
  });

  it.each(['not json', '{}', '{"timesheetIds":[1]}', 'null'])('is ContractBroken for a signed body that reads %j', (text) => {
    const raw = Buffer.from(text);
    expect(() => receiver.verify(raw, signed(raw))).toThrow(expect.objectContaining({ kind: 'ContractBroken' }));
  });
});
