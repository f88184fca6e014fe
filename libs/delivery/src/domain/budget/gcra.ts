/**
 * The generic cell rate algorithm, as a reservation: instead of asking "may I now?", a replica books the next instants at which it may
 * start a request. All times are milliseconds of one clock, the database's.
 */
export interface Rate {
  readonly perSecond: number;
  /** Requests that may start at the same instant after a rest. 1 unless told. */
  readonly burst?: number | undefined;
}

/** How far a connection's instants are booked. */
export interface RateBook {
  /** The theoretical arrival time: from when the next instant is free. */
  readonly freeAtMs: number;
  /** By how much bookings were moved because instants were used late, since ever. */
  readonly shiftedMs: number;
}

export interface RateAsk {
  readonly count: number;
  /** No instant further ahead than this is given: what one replica books, another cannot use. */
  readonly aheadMs: number;
  /**
   * An instant was used too late: by `late` beyond `SLACK_MS`, and was booked at a shift of `shiftedMs`. Their sum is the shift that what
   * is booked from now on needs; those who were late together need it once.
   */
  readonly shiftToMs?: number | undefined;
}

export interface Reservation extends RateBook {
  readonly instants: readonly number[];
}

/**
 * Instants lie this much further apart than the rate asks. Requests leave and arrive a little late, and not equally so: without the
 * guard, one late and one punctual request in the same second would be one too many.
 */
const GUARD = 0.01;

/** An instant may be used this much late without harm: that is what the guard adds up to within any second, less a rest for rounding. */
export const SLACK_MS = 1_000 * GUARD - 1;

/** A clock that was set back must not close the connection until it has caught up. */
const LONGEST_DEBT_MS = 1_000;

/** Milliseconds between two instants. */
export const emissionMs = (rate: Rate): number => (1_000 * (1 + GUARD)) / rate.perSecond;

/** Books up to `count` instants, none before `nowMs`, together with all earlier bookings never faster than the rate. */
export const reserve = (book: RateBook | undefined, nowMs: number, rate: Rate, ask: RateAsk): Reservation => {
  const interval = emissionMs(rate);
  const tolerance = ((rate.burst ?? 1) - 1) * interval;
  const before = book?.shiftedMs ?? 0;
  const shiftedMs = Math.max(before, ask.shiftToMs ?? 0);
  const latest = nowMs + ask.aheadMs + tolerance + interval + LONGEST_DEBT_MS;
  let next = Math.min(Math.max(book?.freeAtMs ?? nowMs, nowMs - interval) + shiftedMs - before, latest);
  const instants: number[] = [];
  while (instants.length < ask.count) {
    const at = Math.max(nowMs, next - tolerance);
    if (at > nowMs + ask.aheadMs) break;
    instants.push(at);
    next = Math.max(next, at) + interval;
  }
  return { instants, freeAtMs: next, shiftedMs };
};
