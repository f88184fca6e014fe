/**
 * How many of its granted slots a replica dares to use: additive increase, multiplicative decrease. Told by throttling, and by answers
 * that take far longer than usual.
 */
export interface Concurrency {
  /** Infinity: nothing but the grant limits. */
  readonly ceiling: number;
  readonly loweredMs: number;
  readonly steppedMs: number;
  /** Milliseconds an answer takes, of late and over a longer while. */
  readonly recentMs: number;
  readonly usualMs: number;
  readonly samples: number;
}

/** Without a throttled answer for so long, a little more is tried. */
const QUIET_MS = 1_000;
/** From one slot back to all in that many quiet intervals: below the 10 s in which the allowance must be used again. */
const STEPS_TO_FULL = 7;
const RECENT_WEIGHT = 0.2;
const USUAL_WEIGHT = 0.01;
const SAMPLES_TO_JUDGE = 20;
/** Documents differ in size, and so do their answers; only what is far outside is a sign of distress. */
const GROWN_TIMES = 4;
const GROWN_BY_MS = 500;
const JUDGE_EVERY_MS = 2_000;

export const unrestricted: Concurrency = {
  ceiling: Infinity,
  loweredMs: -Infinity,
  steppedMs: -Infinity,
  recentMs: 0,
  usualMs: 0,
  samples: 0,
};

/** Never above the grant, never below 1 of it. */
export const allowed = (state: Concurrency, granted: number): number => Math.min(granted, Math.max(1, state.ceiling));

/** Half, once per round: what had started before the last decrease says nothing of what is used since. */
export const throttled = (
  state: Concurrency,
  o: {
    readonly startedMs: number;
    readonly nowMs: number;
    readonly granted: number;
    /** Nothing starts meanwhile, so the quiet tells nothing. */
    readonly restMs: number;
  },
): Concurrency => {
  const steppedMs = Math.max(state.steppedMs, o.nowMs + o.restMs);
  if (o.startedMs < state.loweredMs) return { ...state, steppedMs };
  const ceiling = Math.max(1, Math.floor(allowed(state, o.granted) / 2));
  return { ...state, ceiling, loweredMs: o.nowMs, steppedMs };
};

/** An answer that was no throttling. */
export const answered = (
  state: Concurrency,
  { tookMs, nowMs, granted }: { readonly tookMs: number; readonly nowMs: number; readonly granted: number },
): Concurrency => {
  const first = state.samples === 0;
  const measured: Concurrency = {
    ...state,
    samples: state.samples + 1,
    recentMs: first ? tookMs : state.recentMs + (tookMs - state.recentMs) * RECENT_WEIGHT,
    usualMs: first ? tookMs : state.usualMs + (tookMs - state.usualMs) * USUAL_WEIGHT,
  };
  if (distressed(measured) && nowMs - state.loweredMs >= JUDGE_EVERY_MS) {
    // Slow is not refused: never below half of the grant for slowness alone.
    const ceiling = Math.max(Math.floor(allowed(state, granted) * 0.75), Math.ceil(granted / 2), 1);
    return { ...measured, ceiling: Math.min(ceiling, state.ceiling), loweredMs: nowMs, steppedMs: nowMs };
  }
  if (state.ceiling === Infinity || nowMs - state.steppedMs < QUIET_MS) return measured;
  const ceiling = state.ceiling + Math.max(1, Math.ceil(granted / STEPS_TO_FULL));
  return { ...measured, ceiling: ceiling >= granted ? Infinity : ceiling, steppedMs: nowMs };
};

const distressed = ({ samples, recentMs, usualMs }: Concurrency): boolean =>
  samples >= SAMPLES_TO_JUDGE && recentMs > usualMs * GROWN_TIMES && recentMs - usualMs > GROWN_BY_MS;
