/** What gathering needs to know of a message. */
export interface Gatherable {
  /** How many more the server had when it sent this one. */
  readonly pending: number;
}

/**
 * Holds what has arrived until a worker takes it, up to `max` at a time. A message that comes alone is handed over at once;
 * only while the server says that more is on its way does a worker linger, `waitMs` at most.
 */
export class Gatherer<M extends Gatherable> {
  #held: M[] = [];
  #waiter: { readonly wake: () => void; readonly forAny: boolean } | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(private readonly options: { readonly max: number; readonly waitMs: number }) {}

  get size(): number {
    return this.#held.length;
  }

  offer(message: M): void {
    this.#held.push(message);
    if (this.#waiter?.forAny || this.#ripe()) this.#waiter?.wake();
  }

  /** The next batch; empty when stopped. Workers are served in turn. */
  take(): Promise<M[]> {
    const mine = this.#turn.then(() => this.#gather());
    this.#turn = mine;
    return mine;
  }

  /** Ends every take(). @returns what nobody has taken */
  stop(): M[] {
    this.#stopped = true;
    this.#waiter?.wake();
    return this.#held.splice(0);
  }

  async #gather(): Promise<M[]> {
    if (this.#held.length === 0) await this.#wait();
    if (!this.#ripe()) await this.#wait(this.options.waitMs);
    return this.#held.splice(0, this.options.max);
  }

  /** Enough, or nothing more to come. */
  #ripe(): boolean {
    return this.#stopped || this.#held.length >= this.options.max || this.#held.at(-1)?.pending === 0;
  }

  /** Until ripe; without a limit, until anything is there. */
  #wait(limitMs?: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiter = undefined;
        resolve();
      };
      const timer = limitMs === undefined ? undefined : setTimeout(wake, limitMs);
      this.#waiter = { wake, forAny: limitMs === undefined };
    });
  }
}
