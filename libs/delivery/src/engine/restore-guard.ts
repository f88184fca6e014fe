/** How far the store has come. */
export interface Mark {
  /** Number of the latest attempt. */
  readonly attempt: number;
  /** When the ledger was last derived again from the destinations, on the store's clock; 0: never. */
  readonly derivedMs: number;
}

/** Remembers, outside the store, how far the store had come. */
export interface Witness {
  /** @returns the latest mark told; undefined: none */
  read(): Promise<Mark | undefined>;
  write(mark: Mark): Promise<void>;
}

export const FORGETFUL: Witness = { read: async () => undefined, write: async () => {} };

const NOTHING: Mark = { attempt: 0, derivedMs: 0 };
const same = (a: Mark, b: Mark): boolean => a.attempt === b.attempt && a.derivedMs === b.derivedMs;

/**
 * A store that was put back to an earlier point has forgotten what was sent since. The number of the latest attempt, which never falls
 * otherwise, gives it away: to this process by what it saw itself, to a new one by the witness. A ledger that was derived again counts
 * anew, for every replica, from the moment that the store names.
 */
export class RestoreGuard {
  #seen = NOTHING;
  #witnessed = NOTHING;
  #noticed = false;
  constructor(private readonly witness: Witness = FORGETFUL) {}

  /** Before the first request of a process. */
  async start(): Promise<void> {
    this.#witnessed = (await this.witness.read()) ?? NOTHING;
    const { derivedMs, attempt } = this.#witnessed;
    if (derivedMs > this.#seen.derivedMs || attempt > this.#seen.attempt) this.#seen = this.#witnessed;
  }

  /** @returns true when the store knows less than it did */
  wentBack(attempt: number, derivedMs = 0): boolean {
    if (derivedMs > this.#seen.derivedMs) this.begin({ attempt, derivedMs });
    if (attempt < this.#seen.attempt) return true;
    this.#seen = { ...this.#seen, attempt };
    return false;
  }

  /** @returns true the first time it is asked since the store went back */
  notice(): boolean {
    const first = !this.#noticed;
    this.#noticed = true;
    return first;
  }

  /** Tells the witness how far we have come. */
  async tell(): Promise<void> {
    const mark = this.#seen;
    if (same(mark, this.#witnessed)) return;
    await this.witness.write(mark);
    this.#witnessed = mark;
  }

  /** The ledger was derived again: from here on it counts anew. */
  begin(mark: Mark): void {
    this.#seen = mark;
    this.#noticed = false;
  }
}
