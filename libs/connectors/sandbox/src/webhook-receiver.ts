import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@tieout/clock';
import type { WebhookHint, WebhookReceiver } from '@tieout/connector-kit';
import { Fault } from '@tieout/model';
import { isObject } from './client/shape.js';

/** An old delivery, caught and sent again, proves nothing. The PSA repeats for at most this long. */
const MAX_AGE_MS = 15 * 60_000;

/** `x-psa-signature: sha256=<hex>` over "<timestamp>.<raw body>", with `x-psa-timestamp` and `x-psa-delivery`. */
export class PsaWebhookReceiver implements WebhookReceiver {
  constructor(
    private readonly secret: string | undefined,
    private readonly clock: Clock,
  ) {}

  verify(rawBody: Buffer, headers: Readonly<Record<string, string | undefined>>): WebhookHint | undefined {
    const timestamp = headers['x-psa-timestamp'] ?? '';
    const given = Buffer.from(headers['x-psa-signature'] ?? '');
    if (this.secret === undefined || !/^\d{13}$/.test(timestamp)) return undefined;
    const expected = Buffer.from(
      `sha256=${createHmac('sha256', this.secret).update(`${timestamp}.`).update(rawBody).digest('hex')}`,
    );
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    if (Math.abs(this.clock.epochMs() - Number(timestamp)) > MAX_AGE_MS) return undefined;
    const sourceIds = idsOf(rawBody);
    return { deliveryId: headers['x-psa-delivery'] ?? `${timestamp}:${sourceIds.join(',')}`, sourceIds };
  }
}

const idsOf = (rawBody: Buffer): string[] => {
  let body: unknown;
  try {
    body = JSON.parse(rawBody.toString('utf8'));
  } catch (cause) {
    throw new Fault('ContractBroken', 'webhook: expected a JSON body', { cause });
  }
  const ids = isObject(body) ? body['timesheetIds'] : undefined;
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string'))
    throw new Fault('ContractBroken', 'webhook: expected timesheetIds, a list of texts');
  return ids as string[];
};
