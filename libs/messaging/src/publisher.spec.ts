import { JetStreamApiError } from '@nats-io/jetstream';
import { describe, expect, it } from 'vitest';
import { publishFailure } from './publisher.js';

describe('publishing failures', () => {
  const api = (err_code: number): JetStreamApiError => new JetStreamApiError({ code: 400, err_code, description: 'no' });
  it('are told apart: again, never, or another sequence', () => {
    expect(publishFailure(api(10071))).toEqual({ ok: false, retry: false, message: 'no', wrongLastSequence: true });
    expect(publishFailure(api(10054))).toEqual({ ok: false, retry: false, message: 'no' });
    expect(publishFailure(api(10077))).toEqual({ ok: false, retry: true, message: 'no' });
    expect(publishFailure(Object.assign(new Error('x'), { name: 'JetStreamNotEnabled' }))).toMatchObject({
      retry: true,
      noStream: true,
    });
    expect(publishFailure(new Error('timeout'))).toEqual({ ok: false, retry: true, message: 'timeout' });
  });
});
