import type { BudgetStore, BeatAnswer } from './budget-store.js';
import type { Timers } from './ports.js';

/** Without a successful beat for so long, on our own clock, no request starts. */
export const GRANT_VALID_MS = 2_500;
/** Clocks do not tick alike. */
const MARGIN_MS = 500;

export interface GrantOptions {
  readonly connection: string;
  readonly instance: string;
  /** A request that started in the last valid moment may take this long. */
  readonly requestTimeoutMs: number;
  readonly store: Pick<BudgetStore, 'beat' | 'leave'>;
  readonly timers: Pick<Timers, 'monotonicMs'>;
}

/** This process's slots of a connection, used locally and renewed every second. */
export class SlotGrant {
  #life: number | undefined;
  #beatNo = 0;
  #validUntilMs = -Infinity;
  #cap = 0;
  #slots = 0;
  #target = 0;
  #replicas = 1;
  #lost = false;

  constructor(private readonly options: GrantOptions) {}

  get cap(): number {
    return this.#cap;
  }

  get replicas(): number {
    return this.#replicas;
  }

  /** Another process of the same name has taken over: for good. */
  get lost(): boolean {
    return this.#lost;
  }

  get valid(): boolean {
    return !this.#lost && this.validForMs > 0;
  }

  /** Unless it is renewed. */
  get validForMs(): number {
    return Math.max(0, this.#validUntilMs - this.options.timers.monotonicMs());
  }

  /** Slots change hands: the next beat should come soon. */
  get unsettled(): boolean {
    return this.#slots !== this.#target;
  }

  /** @returns the store's answer; undefined when the grant is lost. @throws what the store throws; the grant then runs out. */
  async renew(limit: number, inFlight: number): Promise<BeatAnswer | undefined> {
    const { store, connection, instance, requestTimeoutMs, timers } = this.options;
    const fromMs = timers.monotonicMs();
    // The cap does not change until the answer is here, so this promise holds.
    const answer = await store.beat(connection, {
      instance,
      life: this.#life,
      beatNo: (this.#beatNo += 1),
      holds: Math.max(inFlight, this.#cap),
      limit,
      keepMs: GRANT_VALID_MS + requestTimeoutMs + MARGIN_MS,
    });
    if (answer.kind === 'lost') {
      this.#lost = true;
      return undefined;
    }
    this.#life = answer.life;
    this.#slots = answer.slots;
    this.#target = answer.target;
    this.#replicas = answer.replicas;
    this.#cap = Math.min(answer.slots, answer.target);
    this.#validUntilMs = fromMs + GRANT_VALID_MS;
    return answer;
  }

  async leave(inFlight: number): Promise<void> {
    const { store, connection, instance } = this.options;
    this.#validUntilMs = -Infinity;
    if (this.#life !== undefined && !this.#lost) await store.leave(connection, { instance, life: this.#life, holds: inFlight });
  }
}
