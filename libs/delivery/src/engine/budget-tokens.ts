import { emissionMs, SLACK_MS, type Rate } from '../domain/budget/gcra.js';
import type { BudgetStore } from './budget-store.js';
import type { Timers } from './ports.js';

/** So much work ahead is booked in one round trip. */
const BATCH_MS = 200;
/** What is booked further ahead than this, others lack. */
const AHEAD_MS = 500;
/** An instant missed by more is lost. Well below a second minus AHEAD_MS: its lateness is booked off before it could matter. */
const LATEST_MS = 250;
/** The best reading of the store's clock is forgotten after one to two of these: clocks drift. */
const READING_MS = 10_000;
/** Further apart, two readings of one clock mean that it was set. */
const STEP_MS = 5;
const RETRY_MS = 5;

export interface Token {
  readonly atMs: number;
  /** The shift at which it was booked. */
  readonly shiftedMs: number;
}

/** Instants at which this replica may start a request, booked in batches. On the store's clock, which is never read as later than it is. */
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

  /** An instant that has come. */
  take(): Token | undefined {
    const now = this.#now();
    if (now === undefined) return undefined;
    while (this.#held.length > 0 && this.#held[0]!.atMs < now - LATEST_MS) this.#held.shift();
    return this.#held.length > 0 && this.#held[0]!.atMs <= now ? this.#held.shift() : undefined;
  }

  /** The request has just left: only now is it known how late, for a busy machine may stop us at any line. */
  used(token: Token): void {
    const lateMs = this.#now()! - token.atMs - SLACK_MS;
    if (lateMs > 0) this.#shiftToMs = Math.max(this.#shiftToMs ?? 0, token.shiftedMs + lateMs);
  }

  /** Milliseconds until it is worth looking again; undefined: nothing to wait for. */
  waitMs(): number | undefined {
    const now = this.#now();
    const [token] = this.#held;
    if (token !== undefined && now !== undefined) return Math.max(0, token.atMs - now);
    return this.#asking ? undefined : Math.max(0, this.#askAtMs - this.timers.monotonicMs());
  }

  /** How many requests could start within the next half second, as far as is known. */
  ahead(rate: Rate, replicas: number): number {
    const now = this.#now() ?? 0;
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

  #now(): number | undefined {
    return this.#clock.at(this.timers.monotonicMs());
  }
}

/** The store's clock, read from here: at most what it really shows, so nothing leaves early by it. */
class StoreClock {
  #best: number | undefined;
  #candidate = -Infinity;
  #sinceMs = 0;

  at(monotonicMs: number): number | undefined {
    return this.#best === undefined ? undefined : monotonicMs + this.#best;
  }

  /** `shown` was read some time between `fromMs` and `receivedMs`. @returns `set` when the clock went back. */
  read(shown: number, fromMs: number, receivedMs: number): 'set' | undefined {
    const lowest = shown - receivedMs;
    const wasSet = this.#best !== undefined && shown - fromMs < this.#best - STEP_MS;
    if (this.#best === undefined || wasSet) {
      this.#best = this.#candidate = lowest;
      this.#sinceMs = receivedMs;
      return wasSet ? 'set' : undefined;
    }
    this.#candidate = Math.max(this.#candidate, lowest);
    this.#best = Math.max(this.#best, lowest);
    if (receivedMs - this.#sinceMs >= READING_MS) {
      this.#best = this.#candidate;
      this.#candidate = lowest;
      this.#sinceMs = receivedMs;
    }
    return undefined;
  }
}
