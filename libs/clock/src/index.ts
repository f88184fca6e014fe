import type { Instant } from '@tieout/model';

/** The only way to ask for the time in anything that decides. Tests and simulations bring their own. */
export interface Clock {
  now(): Instant;
  /** Milliseconds since the epoch. */
  epochMs(): number;
}

export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  epochMs: () => Date.now(),
};

/** A clock that is wrong by so many milliseconds; negative: slow. Wrong clocks are found by running with one. */
export const clockOffBy = (ms: number, clock: Clock = systemClock): Clock => ({
  now: () => new Date(clock.epochMs() + ms).toISOString(),
  epochMs: () => clock.epochMs() + ms,
});

/** A clock that stands still until moved. */
export class ManualClock implements Clock {
  #ms: number;
  constructor(start: Instant) {
    this.#ms = Date.parse(start);
  }
  now(): Instant {
    return new Date(this.#ms).toISOString();
  }
  epochMs(): number {
    return this.#ms;
  }
  advance(ms: number): void {
    this.#ms += ms;
  }
}
