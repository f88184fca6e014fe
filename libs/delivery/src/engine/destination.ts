import type { PostingCapabilities, PostingTarget } from '@tieout/connector-kit';
import { Fault, type ConnectionId } from '@tieout/model';
import type { Timers } from './ports.js';
import type { RateBudget } from './budget.js';

/** A lease outlives the request by this, so that its expiry proves that the request is over, whatever became of the sender. */
export const LEASE_MARGIN_MS = 3_000;

/** One destination with the budget for requests to it. */
export interface Destination {
  readonly id: ConnectionId;
  readonly capabilities: PostingCapabilities;
  /** Asked for each use: it follows a secret that was rotated. */
  target(): PostingTarget;
  readonly budget: RateBudget;
}

export const leaseMsOf = (capabilities: PostingCapabilities): number => capabilities.requestTimeoutMs + LEASE_MARGIN_MS;

/** Why a sleep is cut short. Without one, an error with its stack is made for each. */
export const OVER = 'over';

/**
 * Cuts a request that its connector fails to cut, so that no claim outlives its lease.
 * @throws Fault OutcomeUnknown (write) or Unavailable (read)
 */
export const withDeadline = async <T>(
  timers: Timers,
  effect: 'read' | 'write',
  timeoutMs: number,
  request: () => Promise<T>,
): Promise<T> => {
  const cut = new AbortController();
  const deadline = timers.sleep(timeoutMs, cut.signal).then((): never => {
    throw new Fault(effect === 'write' ? 'OutcomeUnknown' : 'Unavailable', `no answer within ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([request(), deadline]);
  } finally {
    cut.abort(OVER);
  }
};
