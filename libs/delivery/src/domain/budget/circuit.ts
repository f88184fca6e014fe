import type { OutageReason } from '@tieout/model';
import { backOffMs } from '../outcomes.js';

/** How a connection fares, for all replicas together. Times are milliseconds of whichever clock the holder uses. */
export interface Circuit {
  /** In a row. */
  readonly failures: number;
  /** Nothing starts before. */
  readonly restUntilMs?: number | undefined;
  /** Somebody tries with one request, at the latest until then. */
  readonly trialUntilMs?: number | undefined;
  /** The outage that was told; told once. */
  readonly told?: OutageReason | undefined;
}

export const CIRCUIT_STATES = ['closed', 'open', 'half-open'] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** `trial`: it was the one request of the half-open circuit. What started before the circuit opened says nothing new. */
export type CircuitEvent =
  | {
      readonly type: 'failed';
      readonly trial: boolean;
      readonly reason: OutageReason;
      readonly message: string;
      /** Opens at once: more of the same would do harm (refused credentials lock an account). */
      readonly grave: boolean;
      /** From Retry-After. */
      readonly restMs?: number | undefined;
    }
  | { readonly type: 'throttled'; readonly trial: boolean; readonly restMs: number }
  | { readonly type: 'answered'; readonly trial: boolean }
  /** Asks for the trial. */
  | { readonly type: 'try'; readonly forMs: number }
  /** The trial never left. */
  | { readonly type: 'abandoned'; readonly trial: boolean };

export type CircuitNews = 'faulted' | 'recovered' | 'trial';

export interface CircuitStep {
  readonly circuit: Circuit;
  readonly news?: CircuitNews | undefined;
}

export const CLOSED: Circuit = { failures: 0 };

/** One lost answer is an accident; so many in a row are an outage. */
export const FAILURES_TO_OPEN = 3;
const FIRST_REST_MS = 250;
/** A destination that is back must be found within a few seconds: the allowance is used again within 10. */
const LONGEST_REST_MS = 5_000;
const LONGEST_GRAVE_REST_MS = 30_000;
/** Nobody asks for more in earnest; after it one request asks again. */
const LONGEST_ASKED_REST_MS = 3_600_000;

export const circuitState = (circuit: Circuit, nowMs: number): CircuitState => {
  if (circuit.restUntilMs !== undefined && nowMs < circuit.restUntilMs) return 'open';
  return circuit.failures >= FAILURES_TO_OPEN ? 'half-open' : 'closed';
};

type Step<E extends CircuitEvent['type']> = (
  circuit: Circuit,
  event: Extract<CircuitEvent, { type: E }>,
  nowMs: number,
) => CircuitStep;

const same = (circuit: Circuit): CircuitStep => ({ circuit });

const fail: Step<'failed'> = (circuit, event, nowMs) => {
  const failures = event.grave ? Math.max(circuit.failures + 1, FAILURES_TO_OPEN) : circuit.failures + 1;
  const opens = failures >= FAILURES_TO_OPEN;
  const asked = event.restMs === undefined ? undefined : Math.min(event.restMs, LONGEST_ASKED_REST_MS);
  const longest = event.grave ? LONGEST_GRAVE_REST_MS : LONGEST_REST_MS;
  const rest = asked ?? (opens ? backOffMs(failures - FAILURES_TO_OPEN + 1, FIRST_REST_MS, longest) : undefined);
  const news = opens && circuit.told === undefined;
  return {
    circuit: {
      failures,
      restUntilMs: rest === undefined ? circuit.restUntilMs : nowMs + rest,
      told: news ? event.reason : circuit.told,
    },
    ...(news && { news: 'faulted' }),
  };
};

const rest: Step<'throttled'> = (circuit, event, nowMs) => {
  const until = nowMs + Math.min(event.restMs, LONGEST_ASKED_REST_MS);
  return same({
    ...circuit,
    restUntilMs: Math.max(until, circuit.restUntilMs ?? 0),
    trialUntilMs: event.trial ? undefined : circuit.trialUntilMs,
  });
};

const close: Step<'answered'> = (circuit) => ({
  circuit: CLOSED,
  ...(circuit.told !== undefined && { news: 'recovered' as const }),
});

/** Every state and event; what is absent changes nothing. */
const TRANSITIONS: {
  readonly [S in CircuitState]: { readonly [E in CircuitEvent['type']]?: Step<E> };
} = {
  closed: {
    failed: fail,
    throttled: rest,
    answered: (circuit, event, nowMs) => (circuit.failures === 0 ? same(circuit) : close(circuit, event, nowMs)),
  },
  open: { throttled: rest },
  'half-open': {
    failed: (circuit, event, nowMs) => (event.trial ? fail(circuit, event, nowMs) : same(circuit)),
    throttled: rest,
    answered: (circuit, event, nowMs) => (event.trial ? close(circuit, event, nowMs) : same(circuit)),
    try: (circuit, event, nowMs) =>
      circuit.trialUntilMs !== undefined && nowMs < circuit.trialUntilMs
        ? same(circuit)
        : { circuit: { ...circuit, trialUntilMs: nowMs + event.forMs }, news: 'trial' },
    abandoned: (circuit, event) => same(event.trial ? { ...circuit, trialUntilMs: undefined } : circuit),
  },
};

export const stepCircuit = (circuit: Circuit, event: CircuitEvent, nowMs: number): CircuitStep => {
  const step = TRANSITIONS[circuitState(circuit, nowMs)][event.type] as Step<CircuitEvent['type']> | undefined;
  return step?.(circuit, event as never, nowMs) ?? same(circuit);
};

/** The same circuit on another clock. */
export const shiftCircuit = (circuit: Circuit, byMs: number): Circuit => ({
  ...circuit,
  restUntilMs: circuit.restUntilMs === undefined ? undefined : circuit.restUntilMs + byMs,
  trialUntilMs: circuit.trialUntilMs === undefined ? undefined : circuit.trialUntilMs + byMs,
});
