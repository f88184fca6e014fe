/** Sends go before look-ups before read-backs where slots are scarce, but none starves. */
export type RequestKind = 'send' | 'look-up' | 'read-back';

/** How many requests, and how fast, one destination takes from all replicas together. */
export interface RateBudget {
  /** How many more documents are worth claiming now, beyond those that wait in `use` already. */
  room(): number;
  /** Waits for a slot and for the rate, runs the request, and learns from how it ended. Of one kind, the smaller `rank` goes first. */
  use<T>(kind: RequestKind, request: () => Promise<T>, rank?: number): Promise<T>;
  /** Why no request of the kind (default: send) starts at the moment; undefined: open. */
  paused(kind?: RequestKind): { readonly why: string; readonly until?: string } | undefined;
  /** It failed, and no answer has come since: somebody should ask whether it is back, also when there is nothing to send. */
  ailing(): boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Slots of one process alone: for tests, and for destinations that nobody else uses. */
export class LocalBudget implements RateBudget {
  #free: number;
  readonly #waiting: { readonly rank: number; readonly start: () => void }[] = [];
  constructor(readonly size: number) {
    this.#free = size;
  }
  room(): number {
    // As many again as there are slots, so that none lies idle while documents are claimed.
    return Math.max(0, this.#free + this.size - this.#waiting.length);
  }
  async use<T>(_kind: RequestKind, request: () => Promise<T>, rank = 0): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((start) => this.#queue({ rank, start }));
    try {
      return await request();
    } finally {
      const next = this.#waiting.shift();
      // Handed on, never put back in between: a newcomer cannot slip past those who wait.
      if (next) next.start();
      else this.#free += 1;
    }
  }
  paused(): undefined {
    return undefined;
  }
  #queue(request: { readonly rank: number; readonly start: () => void }): void {
    const behind = this.#waiting.findLastIndex(({ rank }) => rank <= request.rank);
    this.#waiting.splice(behind + 1, 0, request);
  }
  ailing(): boolean {
    return false;
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
}
