import type { PanelSettings } from './settings.js';

/** Seconds of traffic that are remembered: long enough for a measurement of some minutes. */
const REMEMBERED_SECONDS = 900;
/** Whole seconds are the smallest wait that a Retry-After can name. */
const WAIT_SECONDS = 1;

export interface SecondCount {
  /** Seconds since 1970. */
  readonly second: number;
  /** All that came in. */
  readonly requests: number;
  /** Of these, refused because of a limit. */
  readonly limited: number;
}

/** Rate and concurrency of one system, and the account of both. */
export class Limits {
  requests = 0;
  limited = 0;
  running = 0;
  mostAtOnce = 0;
  #tokens = 0;
  #refilledAt = 0;
  readonly #seconds: { second: number; requests: number; limited: number }[] = [];

  /** @returns seconds to wait when over a limit; otherwise the caller holds a slot and must `leave`. */
  enter(settings: PanelSettings): number | undefined {
    const count = this.#count();
    this.requests += 1;
    count.requests += 1;
    const { concurrency, foreignLoad, ratePerSecond } = settings;
    const full = concurrency > 0 && this.running + foreignLoad >= concurrency;
    if (full || (ratePerSecond > 0 && !this.#token(ratePerSecond))) {
      this.limited += 1;
      count.limited += 1;
      return WAIT_SECONDS;
    }
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    return undefined;
  }
  leave(): void {
    this.running -= 1;
  }
  /** The seconds in which anything came in, oldest first. */
  get perSecond(): readonly SecondCount[] {
    const oldest = Math.floor(Date.now() / 1000) - REMEMBERED_SECONDS;
    return this.#seconds.filter((count) => count?.second > oldest).sort((a, b) => a.second - b.second);
  }
  #count(): { second: number; requests: number; limited: number } {
    const second = Math.floor(Date.now() / 1000);
    const at = second % REMEMBERED_SECONDS;
    let count = this.#seconds[at];
    if (count?.second !== second) this.#seconds[at] = count = { second, requests: 0, limited: 0 };
    return count;
  }
  #token(rate: number): boolean {
    const now = Date.now();
    // A burst of one second's worth: what real limiters grant.
    this.#tokens = Math.min(Math.max(1, rate), this.#tokens + ((now - this.#refilledAt) / 1000) * rate);
    this.#refilledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
