import type { Circuit, CircuitEvent, CircuitNews } from '../domain/budget/circuit.js';
import type { Rate, RateAsk, Reservation } from '../domain/budget/gcra.js';
import type { Beat } from '../domain/budget/budget-shares.js';

export interface BeatAnswer {
  readonly kind: 'granted';
  readonly life: number;
  readonly slots: number;
  readonly target: number;
  readonly replicas: number;
  /** The store's clock, milliseconds; the circuit's times are of it. */
  readonly nowMs: number;
  readonly circuit: Circuit;
}

/**
 * What all replicas share of a connection's budget. One clock reckons everything in it: the store's. PostgreSQL is one; the simulation
 * brings another.
 */
export interface BudgetStore {
  /** Renews a grant, or begins it (no `life`). `lost`: a newer life of the same instance has it. */
  beat(connection: string, beat: Beat): Promise<BeatAnswer | { readonly kind: 'lost' }>;
  leave(connection: string, me: { readonly instance: string; readonly life: number; readonly holds: number }): Promise<void>;
  reserve(connection: string, rate: Rate, ask: RateAsk): Promise<Reservation & { readonly nowMs: number }>;
  /** Takes an event into the shared circuit and tells the news of it. */
  learn(
    connection: string,
    event: CircuitEvent,
  ): Promise<{ readonly circuit: Circuit; readonly news?: CircuitNews | undefined; readonly nowMs: number }>;
}
