import type { PostingCapabilities, PostingTarget } from '@tieout/connector-kit';
import { Fault, type ConnectionId } from '@tieout/model';

/** A lease outlives the request by this, so that its expiry proves that the request is over, whatever became of the sender. */
export const LEASE_MARGIN_MS = 3_000;

/** One destination with the limit that it sets to requests at the same time. */
export interface Destination {
  readonly id: ConnectionId;
  readonly capabilities: PostingCapabilities;
  /** Asked for each use: it follows a secret that was rotated. */
  target(): PostingTarget;
  readonly slots: Slots;
}

export const destination = (id: ConnectionId, capabilities: PostingCapabilities, target: () => PostingTarget): Destination => ({
  id,
  capabilities,
  target,
  slots: new Slots(capabilities.maxConcurrency),
});

export const leaseMsOf = (capabilities: PostingCapabilities): number => capabilities.requestTimeoutMs + LEASE_MARGIN_MS;

/** Requests of this process to one destination: sends, look-ups and read-backs together. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  constructor(readonly size: number) {
    this.#free = size;
  }
  get free(): number {
    return this.#free;
  }
  async use<T>(fn: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await fn();
    } finally {
      const next = this.#waiting.shift();
      // Handed on, never put back in between: a newcomer cannot slip past those who wait.
      if (next) next();
      else this.#free += 1;
    }
  }
}

/**
 * Cuts a request that its connector fails to cut, so that no claim outlives its lease.
 * @throws Fault OutcomeUnknown (write) or Unavailable (read)
 */
export const withDeadline = async <T>(effect: 'read' | 'write', timeoutMs: number, request: () => Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Fault(effect === 'write' ? 'OutcomeUnknown' : 'Unavailable', `no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([request(), deadline]);
  } finally {
    clearTimeout(timer);
  }
};
