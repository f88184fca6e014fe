/** Remembers, outside the store, how far the store had come. */
export interface Witness {
  /** @returns the highest mark known; undefined: none, or it cannot be asked */
  read(): Promise<number | undefined>;
  write(mark: number): Promise<void>;
}

export const FORGETFUL: Witness = { read: async () => undefined, write: async () => {} };

/**
 * A store that was put back to an earlier point has forgotten what was sent since. The number of the latest attempt, which never falls
 * otherwise, gives it away: to this process by what it saw itself, to a new one by the witness.
 */
export class RestoreGuard {
  #seen = 0;
  #witnessed = 0;
  constructor(private readonly witness: Witness = FORGETFUL) {}

  /** Before the first request of a process. */
  async start(): Promise<void> {
    this.#witnessed = (await this.witness.read()) ?? 0;
    this.#seen = Math.max(this.#seen, this.#witnessed);
  }

  /** @returns true when the store knows less than it did */
  wentBack(lastAttempt: number): boolean {
    if (lastAttempt < this.#seen) return true;
    this.#seen = lastAttempt;
    return false;
  }

  /** Tells the witness how far we have come. */
  async tell(): Promise<void> {
    if (this.#seen <= this.#witnessed) return;
    const mark = this.#seen;
    await this.witness.write(mark);
    this.#witnessed = mark;
  }

  /** The ledger was derived again: from here on it counts anew. */
  async begin(lastAttempt: number): Promise<void> {
    await this.witness.write(lastAttempt);
    this.#witnessed = lastAttempt;
    this.#seen = lastAttempt;
  }
}
