import type { DispatchAnswer } from '@tieout/policy';
import type { Instant } from '@tieout/model';
import { circuitState, type Circuit } from './circuit.js';

export type DispatchGate =
  | {
      readonly open: true;
      /** One request may try whether the destination is back. */
      readonly trialOnly: boolean;
    }
  | {
      readonly open: false;
      readonly why: string;
      readonly cause: 'window' | 'circuit';
      /** Of the window. */
      readonly opensAt?: Instant | undefined;
      /** Of the circuit, on its clock. */
      readonly untilMs?: number | undefined;
    };

/** Whether a request may start. The window is for what books; looking up and reading back what was sent goes on. The circuit is for all. */
export const dispatchGate = (window: DispatchAnswer | undefined, circuit: Circuit, nowMs: number): DispatchGate => {
  if (window?.open === false) return { open: false, why: window.why, cause: 'window', opensAt: window.opensAt };
  const state = circuitState(circuit, nowMs);
  if (state === 'open') return { open: false, why: whyResting(circuit), cause: 'circuit', untilMs: circuit.restUntilMs };
  return { open: true, trialOnly: state === 'half-open' };
};

const whyResting = (circuit: Circuit): string =>
  circuit.told !== undefined
    ? `the connection is down (${circuit.told}); it is tried again`
    : circuit.failures > 0
      ? 'the connection failed; it is tried again'
      : 'the destination asked us to wait';
