import type { Timers } from './ports.js';

/** One alarm; an earlier one replaces a later one. */
export class Waker {
  #atMs = Infinity;
  #alarm: AbortController | undefined;
  #stopped = false;

  constructor(
    private readonly timers: Timers,
    private readonly ring: () => void,
  ) {}

  in(ms: number): void {
    const atMs = this.timers.monotonicMs() + ms;
    if (this.#stopped || this.#atMs <= atMs) return;
    this.#alarm?.abort();
    const alarm = new AbortController();
    this.#alarm = alarm;
    this.#atMs = atMs;
    const rings = (): void => {
      if (this.#alarm !== alarm) return;
      this.#clear();
      this.ring();
    };
    // An aborted sleep ends with an error or never.
    this.timers.sleep(ms, alarm.signal).then(rings, () => undefined);
  }

  stop(): void {
    this.#stopped = true;
    this.#alarm?.abort();
    this.#clear();
  }

  #clear(): void {
    this.#alarm = undefined;
    this.#atMs = Infinity;
  }
}
