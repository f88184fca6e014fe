import type { Instant, OutageReason } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
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

export type OutageNews =
  | {
      readonly kind: 'faulted';
      readonly connection: string;
      readonly reason: OutageReason;
      readonly message: string;
      /** On the store's clock. */
      readonly since: Instant;
    }
  | { readonly kind: 'recovered'; readonly connection: string; readonly clearedAt: Instant };

/** Called once per outage and once at its end, in the transaction that changes the circuit. */
export type TellOutage = (tx: Tx, news: OutageNews) => Promise<void>;
