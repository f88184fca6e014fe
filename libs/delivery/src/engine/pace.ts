import type { Timers } from './ports.js';

/** A consumer batch of this size says that more is on its way. */
const STREAM_BATCH = 20;
const STREAM_PAUSE_MS = 50;

/**
 * Whether lines are still coming in. Freezing waits a little while they do, so that documents fill up; a single line on an idle
 * system is never kept waiting.
 */
export class Pace {
  #taking = 0;
  #streamUntilMs = 0;
  #planning = false;

  constructor(private readonly timers: Timers) {}

  async taking<T>(events: number, work: () => Promise<T>): Promise<T> {
    // Single events that keep coming are no stream: each would wait for the next.
    if (events < STREAM_BATCH) return work();
    this.#taking += 1;
    try {
      return await work();
    } finally {
      this.#taking -= 1;
      this.#streamUntilMs = this.timers.monotonicMs() + STREAM_PAUSE_MS;
    }
  }

  planned(outcome: 'more' | 'idle'): void {
    this.#planning = outcome === 'more';
  }

  get gathering(): boolean {
    return this.#taking > 0 || this.#planning || this.timers.monotonicMs() < this.#streamUntilMs;
  }
}
