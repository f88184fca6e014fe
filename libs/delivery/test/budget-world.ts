import { setImmediate as turn } from 'node:timers/promises';
import type { Instant } from '@tieout/model';
import { ConnectionBudget, type ConnectionBudgetOptions } from '../src/engine/rate-budget.js';
import type { BudgetStore } from '../src/engine/budget-store.js';
import type { Timers } from '../src/engine/ports.js';

interface Sleeper {
  readonly atMs: number;
  readonly no: number;
  readonly wake: () => void;
  readonly signal: AbortSignal | undefined;
}

/** A clock that moves only when everything that may run has run. */
export class SimulatedTime implements Timers {
  #nowMs = 0;
  #no = 0;
  #sleepers: Sleeper[] = [];

  monotonicMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((wake) => {
      if (!signal?.aborted) this.#sleepers.push({ atMs: this.#nowMs + Math.max(0, ms), no: (this.#no += 1), wake, signal });
    });
  }

  readonly clock = {
    now: (): Instant => new Date(this.clock.epochMs()).toISOString(),
    epochMs: (): number => Date.UTC(2026, 10, 23) + this.#nowMs,
  };

  async run(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      this.#sleepers = this.#sleepers.filter(({ signal }) => !signal?.aborted).sort((a, b) => a.atMs - b.atMs || a.no - b.no);
      const [next] = this.#sleepers;
      if (next === undefined || next.atMs > untilMs) break;
      this.#sleepers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/** Lets every promise that can go on do so. */
const settle = (): Promise<unknown> => turn();

/** A process that may stand still (for ever: it vanished) while its requests go on at the destination. */
export class Process {
  #thawed: Promise<void> = Promise.resolve();

  constructor(private readonly time: Timers) {}

  readonly timers: Timers = {
    monotonicMs: () => this.time.monotonicMs(),
    sleep: (ms, signal) => this.#seen(this.time.sleep(ms, signal)),
  };

  /** @returns what ends this standstill, and no later one. */
  freeze(): () => void {
    let thaw!: () => void;
    this.#thawed = new Promise((resolve) => (thaw = resolve));
    return thaw;
  }

  readonly store = (store: BudgetStore): BudgetStore => ({
    beat: (...args) => this.#seen(store.beat(...args)),
    leave: (...args) => this.#seen(store.leave(...args)),
    reserve: (...args) => this.#seen(store.reserve(...args)),
    learn: (...args) => this.#seen(store.learn(...args)),
  });

  readonly request = (request: () => Promise<void>) => (): Promise<void> => this.#seen(request());

  async #seen<T>(event: Promise<T>): Promise<T> {
    try {
      return await event;
    } finally {
      for (let known; known !== this.#thawed;) await (known = this.#thawed);
    }
  }
}

/** A destination that counts, and refuses nothing unless told. */
export class CountingDestination {
  readonly startedMs: number[] = [];
  #inside = 0;
  #busyMs = 0;
  #since = 0;
  peak = 0;
  answer: () => Promise<void> | void = () => undefined;

  constructor(
    private readonly timers: Timers,
    private readonly latencyMs: () => number,
  ) {}

  readonly request = async (): Promise<void> => {
    this.startedMs.push(this.timers.monotonicMs());
    this.#step(1);
    this.peak = Math.max(this.peak, this.inside);
    try {
      await this.timers.sleep(this.latencyMs());
      await this.answer();
    } finally {
      this.#step(-1);
    }
  };

  get inside(): number {
    return this.#inside;
  }

  /** Slots in use, summed over time: milliseconds. */
  busyMs(): number {
    this.#step(0);
    return this.#busyMs;
  }

  #step(by: number): void {
    const now = this.timers.monotonicMs();
    this.#busyMs += this.#inside * (now - this.#since);
    this.#since = now;
    this.#inside += by;
  }

  /** Most requests that started within any `windowMs`. */
  most(windowMs: number): number {
    let first = 0;
    let most = 0;
    const sorted = this.startedMs.toSorted((a, b) => a - b);
    sorted.forEach((at, index) => {
      while (at - sorted[first]! >= windowMs) first += 1;
      most = Math.max(most, index - first + 1);
    });
    return most;
  }

  between(fromMs: number, toMs: number): number {
    return this.startedMs.filter((at) => at >= fromMs && at < toMs).length;
  }
}

export const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

export const budgetOf = (
  options: Pick<ConnectionBudgetOptions, 'instance' | 'store' | 'timers' | 'clock' | 'limit'> & Partial<ConnectionBudgetOptions>,
): ConnectionBudget =>
  new ConnectionBudget({
    connection: 'erp' as ConnectionBudgetOptions['connection'],
    requestTimeoutMs: 2_000,
    mayDispatch: () => ({ open: true }),
    log: quiet,
    ...options,
  });

/** Sends as the sender does: claims what there is room for, takes a moment for the claim, and starts again. */
export class Sender {
  #stopped = false;
  readonly failures: unknown[] = [];
  readonly #changed: (() => void)[] = [];

  constructor(
    private readonly budget: ConnectionBudget,
    private readonly timers: Timers,
    private readonly request: () => Promise<void>,
    private readonly claimMs = 5,
  ) {}

  async run(): Promise<void> {
    while (!this.#stopped) {
      const room = this.budget.room();
      if (room === 0) {
        const pause = new AbortController();
        await Promise.race([this.timers.sleep(25, pause.signal), new Promise<void>((resolve) => this.#changed.push(resolve))]);
        pause.abort();
        continue;
      }
      await this.timers.sleep(this.claimMs);
      for (let n = 0; n < room; n++) void this.#send();
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #send(): Promise<void> {
    try {
      await this.budget.use('send', this.request);
    } catch (error) {
      this.failures.push(error);
    }
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}
