import {
  circuitState,
  CLOSED,
  shiftCircuit,
  stepCircuit,
  type Circuit,
  type CircuitEvent,
  type CircuitState,
} from '../domain/budget/circuit.js';
import type { BudgetStore } from './budget-store.js';
import type { Timers } from './ports.js';

interface Shared {
  readonly circuit: Circuit;
  readonly nowMs: number;
}

/** The connection's circuit as this process knows it. What happens here counts here at once and is then shared. */
export class SharedCircuit {
  #circuit: Circuit = CLOSED;
  #writing: Promise<unknown> = Promise.resolve();
  #pending = 0;
  #revision = 0;

  constructor(
    private readonly connection: string,
    private readonly store: Pick<BudgetStore, 'learn'>,
    private readonly timers: Pick<Timers, 'monotonicMs'>,
  ) {}

  /** On the monotonic clock. */
  get circuit(): Circuit {
    return this.#circuit;
  }

  get state(): CircuitState {
    return circuitState(this.#circuit, this.timers.monotonicMs());
  }

  /** Grows with every event of our own: what the store said before it is not adopted after it. */
  get revision(): number {
    return this.#revision;
  }

  /** Costs nothing while all is well. @returns when it is shared. @throws what the store throws; it counts here all the same. */
  learn(event: CircuitEvent): Promise<void> | undefined {
    const { circuit } = stepCircuit(this.#circuit, event, this.timers.monotonicMs());
    if (circuit === this.#circuit) return undefined;
    this.#circuit = circuit;
    return this.#share(event).then(() => undefined);
  }

  /** Asks for the one request of the half-open circuit. */
  async tryOnce(forMs: number): Promise<boolean> {
    return (await this.#share({ type: 'try', forMs })).news === 'trial';
  }

  adopt(shared: Shared, revision: number): void {
    if (this.#pending > 0 || revision !== this.#revision) return;
    this.#circuit = shiftCircuit(shared.circuit, this.timers.monotonicMs() - shared.nowMs);
  }

  /** Everything that happened here is shared, or could not be. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** One after the other, in the order in which it happened. */
  #share(event: CircuitEvent): ReturnType<BudgetStore['learn']> {
    this.#revision += 1;
    this.#pending += 1;
    const shared = this.#writing
      .then(() => this.store.learn(this.connection, event))
      .then(
        (answer) => {
          this.#pending -= 1;
          this.adopt(answer, this.#revision);
          return answer;
        },
        (error: unknown) => {
          this.#pending -= 1;
          throw error;
        },
      );
    this.#writing = shared.catch(() => undefined);
    return shared;
  }
}
