import type { Log, Tx } from '@tieout/persistence';
import { isFault } from '@tieout/model';
import type { Timers } from './ports.js';

/** Outcomes that go into one transaction. */
const MOST = 200;
/** Between two transactions while outcomes stream in: the slots are free already, and a fuller transaction costs as much as a small one. */
const LINGER_MS = 8;

interface Waiting<T> {
  readonly item: T;
  readonly stored: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Stores outcomes, many at a time: whatever arrives while one transaction runs, and a moment after it, goes into the next. So an idle
 * sender waits for nothing and a busy one shares its commits.
 */
export class OutcomeWriter<T> {
  #queue: Waiting<T>[] = [];
  #running = false;

  constructor(
    private readonly transaction: (fn: (tx: Tx) => Promise<void>) => Promise<void>,
    private readonly write: (tx: Tx, items: readonly T[]) => Promise<void>,
    private readonly log: Log,
    private readonly timers: Pick<Timers, 'sleep'>,
  ) {}

  /** Resolves when it is stored; rejects when it could not be. */
  store(item: T): Promise<void> {
    return new Promise((stored, failed) => {
      this.#queue.push({ item, stored, failed });
      if (!this.#running) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#running = true;
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, MOST);
      await this.#flush(batch);
      if (batch.length > 1) await this.timers.sleep(LINGER_MS);
    }
    this.#running = false;
  }

  async #flush(batch: readonly Waiting<T>[]): Promise<void> {
    try {
      await this.transaction((tx) =>
        this.write(
          tx,
          batch.map(({ item }) => item),
        ),
      );
      for (const { stored } of batch) stored();
    } catch (error) {
      // One outcome that cannot be written must not take the others with it.
      if (batch.length > 1 && !isFault(error)) {
        this.log.error({ err: error, outcomes: batch.length }, 'outcomes could not be stored together: one by one');
        for (const one of batch) await this.#flush([one]);
      } else for (const { failed } of batch) failed(error);
    }
  }
}
