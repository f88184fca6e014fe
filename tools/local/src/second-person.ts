import { setTimeout as delay } from 'node:timers/promises';
import { Refused } from './operate.js';
import type { Person } from './persons.js';
import type { ServiceName } from './services.js';
import type { Tieout } from './tieout.js';

interface Request {
  readonly requestId: string;
  readonly state: string;
  readonly closing: { readonly why: string } | null;
  readonly outcome: unknown;
}

const CARRIED_OUT_MS = 90_000;

/**
 * What one person asks a service for, and where policy wants it, a second one agrees to: then governance has it carried out.
 * @returns what the service answered. @throws Refused; Error when it was not carried out
 */
export const askAsTwo = async <T>(
  tieout: Tieout,
  { asks, agrees }: { readonly asks: Person; readonly agrees: Person },
  { service, path, body }: { readonly service: ServiceName; readonly path: string; readonly body: object },
): Promise<T> => {
  try {
    return await tieout.as(asks)<T>(service, 'POST', path, body);
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'second-person-needed') throw error;
    const { subject, command, size } = error.body;
    const why = 'the cause is mended';
    const { requestId } = await tieout.as(asks)<Request>('governance', 'POST', '/requests', { subject, command, size, why });
    await tieout.as(agrees)('governance', 'POST', `/requests/${requestId}/approve`, {});
    return (await untilCarriedOut(tieout, requestId)) as T;
  }
};

const untilCarriedOut = async (tieout: Tieout, requestId: string): Promise<unknown> => {
  for (const deadline = Date.now() + CARRIED_OUT_MS; ;) {
    const { state, closing, outcome } = await tieout.call<Request>('governance', 'GET', `/requests/${requestId}`);
    if (state === 'done') return outcome;
    if (state !== 'approved') throw new Error(`request ${requestId} is ${state}: ${closing?.why ?? ''}`);
    if (Date.now() > deadline) throw new Error(`request ${requestId} is not carried out after ${CARRIED_OUT_MS / 1000} s`);
    await delay(300);
  }
};
