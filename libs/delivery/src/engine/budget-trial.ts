import type { SharedCircuit } from './budget-circuit.js';
import type { Timers } from './ports.js';

/** Refused, somebody else tries; the heartbeat will tell what came of it. */
const ASK_AGAIN_MS = 250;
/** The trial may first have to wait for a slot and the rate. */
const MARGIN_MS = 3_000;

export interface TrialOptions {
  readonly circuit: SharedCircuit;
  readonly timers: Pick<Timers, 'monotonicMs'>;
  /** How long a request may take. */
  readonly forMs: number;
  readonly changed: () => void;
}

/** The one request that finds out whether a destination is back: one for all replicas. */
export class BudgetTrial {
  #state: 'none' | 'asking' | 'granted' | 'running' = 'none';
  #untilMs = -Infinity;
  #askAtMs = -Infinity;

  constructor(private readonly options: TrialOptions) {}

  /** Whether a request would have a chance to be it. */
  get possible(): boolean {
    if (this.#granted) return true;
    const { timers, circuit } = this.options;
    const nowMs = timers.monotonicMs();
    // What was granted and not begun in time counts for nothing: waiting for it, nobody would ever ask again.
    const free = this.#state === 'none' || this.#state === 'granted';
    return free && nowMs >= this.#askAtMs && nowMs >= (circuit.circuit.trialUntilMs ?? -Infinity);
  }

  /** Whether the trial is ours to start; asks for it otherwise, and says when that changed. */
  mine(): boolean {
    if (this.#granted) return true;
    if (this.possible) void this.#ask();
    return false;
  }

  get #granted(): boolean {
    return this.#state === 'granted' && this.options.timers.monotonicMs() < this.#untilMs;
  }

  begin(): void {
    this.#state = 'running';
  }

  end(): void {
    this.#state = 'none';
  }

  async #ask(): Promise<void> {
    const { circuit, timers, forMs, changed } = this.options;
    this.#state = 'asking';
    const fromMs = timers.monotonicMs();
    const granted = await circuit.tryOnce(forMs + MARGIN_MS).catch(() => false);
    this.#state = granted ? 'granted' : 'none';
    // A trial that starts within the margin is over before anybody else may try.
    if (granted) this.#untilMs = fromMs + MARGIN_MS;
    else this.#askAtMs = timers.monotonicMs() + ASK_AGAIN_MS;
    changed();
  }
}
