import { emissionMs, SLACK_MS, type Rate } from '../domain/budget/gcra.js';
import type { BudgetStore } from './budget-store.js';
import type { Timers } from './ports.js';

/** So much work ahead is booked in one round trip. */
const BATCH_MS = 200;
/** What is booked further ahead than this, others lack. */
const AHEAD_MS = 500;
/** An instant missed by more is lost. Well below a second minus AHEAD_MS: its lateness is booked off before it could matter. */
const LATEST_MS = 250;
/** The best readings of the store's clock are forgotten after one to two of these: clocks drift. */
const READING_MS = 10_000;
/** Further apart, two readings of one clock mean that it was set. */
const STEP_MS = 5;
const RETRY_MS = 5;

export interface Token {
  readonly atMs: number;
  /** The shift at which it was booked. */
  readonly shiftedMs: number;
}

/** Instants at which this replica may start a request, booked in batches. By the store's clock. */
export class RateTokens {
  #held: Token[] = [];
  #freeAtMs = -Infinity;
  #shiftToMs: number | undefined;
  #asking = false;
  #askAtMs = -Infinity;
  readonly #clock = new StoreClock();

  constructor(
    private readonly connection: string,
    private readonly store: Pick<BudgetStore, 'reserve'>,
    private readonly timers: Pick<Timers, 'monotonicMs'>,
  ) {}

  /** An instant that has surely come, and is surely not long past. */
  take(): Token | undefined {
    const monotonicMs = this.timers.monotonicMs();
    const latest = this.#clock.atMost(monotonicMs);
    while (this.#held.length > 0 && this.#held[0]!.atMs < latest - LATEST_MS) this.#held.shift();
    return this.#held.length > 0 && this.#held[0]!.atMs <= this.#clock.atLeast(monotonicMs) ? this.#held.shift() : undefined;
  }

  /** The request has just left: only now is it known how late, for a busy machine may stop us at any line. */
  used(token: Token): void {
    const lateMs = this.#clock.atMost(this.timers.monotonicMs()) - token.atMs - SLACK_MS;
    if (lateMs > 0) this.#shiftToMs = Math.max(this.#shiftToMs ?? 0, token.shiftedMs + lateMs);
  }

  /** Milliseconds until it is worth looking again; undefined: nothing to wait for. */
  waitMs(): number | undefined {
    const [token] = this.#held;
    if (token !== undefined) return Math.max(0, token.atMs - this.#clock.atLeast(this.timers.monotonicMs()));
    return this.#asking ? undefined : Math.max(0, this.#askAtMs - this.timers.monotonicMs());
  }

  /** How many requests could start within the next half second, as far as is known. */
  ahead(rate: Rate, replicas: number): number {
    const now = this.#clock.atLeast(this.timers.monotonicMs());
    const free = Math.max(this.#freeAtMs, now);
    const more = Math.floor((now + AHEAD_MS - free) / emissionMs(rate)) + 1;
    return this.#held.length + Math.ceil(Math.max(0, more) / replicas);
  }

  /** Books for `demand` requests what the batch still lacks. @returns whether it asked, so that there may be more now. */
  async topUp(rate: Rate, demand: number, replicas: number): Promise<boolean> {
    const batch = Math.max(1, Math.ceil((rate.perSecond * BATCH_MS) / 1_000 / replicas));
    const low = this.#held.length <= batch / 2 && this.timers.monotonicMs() >= this.#askAtMs;
    const count = low ? Math.max(0, Math.min(demand, batch) - this.#held.length) : 0;
    // Lateness is told at once, before anybody books the instant that it is too close to.
    if ((count === 0 && this.#shiftToMs === undefined) || this.#asking) return false;
    this.#asking = true;
    const shiftToMs = this.#shiftToMs;
    this.#shiftToMs = undefined;
    try {
      const fromMs = this.timers.monotonicMs();
      const answer = await this.store.reserve(this.connection, rate, { count, aheadMs: AHEAD_MS, shiftToMs });
      const receivedMs = this.timers.monotonicMs();
      if (this.#clock.read(answer.nowMs, fromMs, receivedMs) === 'set') this.#held = [];
      this.#held.push(...answer.instants.map((atMs) => ({ atMs, shiftedMs: answer.shiftedMs })));
      this.#freeAtMs = answer.freeAtMs;
      const tooFar = answer.freeAtMs - answer.nowMs - AHEAD_MS;
      if (count > 0) this.#askAtMs = answer.instants.length < count ? receivedMs + Math.max(RETRY_MS, tooFar) : -Infinity;
    } catch (error) {
      if (shiftToMs !== undefined) this.#shiftToMs = Math.max(this.#shiftToMs ?? 0, shiftToMs);
      this.#askAtMs = this.timers.monotonicMs() + BATCH_MS;
      throw error;
    } finally {
      this.#asking = false;
    }
    return true;
  }
}

/** The store's clock, read from here: between two bounds, as far apart as the fastest round trip of late took. */
class StoreClock {
  #bounds: Bounds | undefined;
  #candidate: Bounds | undefined;
  #sinceMs = 0;

  /** Nothing that waits for this leaves early. */
  atLeast(monotonicMs: number): number {
    return monotonicMs + (this.#bounds?.least ?? 0);
  }

  /** Nothing that is measured by this was later. */
  atMost(monotonicMs: number): number {
    return monotonicMs + (this.#bounds?.most ?? 0);
  }

  /** `shown` was read some time between `fromMs` and `receivedMs`. @returns `set` when the clock was set. */
  read(shown: number, fromMs: number, receivedMs: number): 'set' | undefined {
    const read: Bounds = { least: shown - receivedMs, most: shown - fromMs };
    const known = this.#bounds;
    const wasSet = known !== undefined && (read.most < known.least - STEP_MS || read.least > known.most + STEP_MS);
    if (known === undefined || wasSet) {
      this.#bounds = this.#candidate = read;
      this.#sinceMs = receivedMs;
      return wasSet ? 'set' : undefined;
    }
    this.#candidate = within(this.#candidate, read);
    this.#bounds = within(known, read);
    if (receivedMs - this.#sinceMs >= READING_MS) {
      this.#bounds = this.#candidate;
      this.#candidate = read;
      this.#sinceMs = receivedMs;
    }
    return undefined;
  }
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

const within = (known: Bounds | undefined, read: Bounds): Bounds => ({
  least: Math.max(known?.least ?? -Infinity, read.least),
  most: Math.min(known?.most ?? Infinity, read.most),
});
