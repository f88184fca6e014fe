import { refused, type Decision } from './refusal.js';

/** From each state, where each event leads. What is not in it does not happen. */
export type Transitions<S extends string, E extends string> = { readonly [state in S]: { readonly [event in E]?: S } };

/** The only way from one state to another. */
export const step = <S extends string, E extends string>(
  transitions: Transitions<S, E>,
  thing: string,
  state: S,
  event: E,
): Decision<S> => {
  const next = transitions[state][event];
  if (next !== undefined) return { ok: true, value: next };
  const events = Object.keys(transitions[state]);
  return refused(
    'wrong-state',
    `The ${thing} is ${state}; "${event}" is not possible then.`,
    events.length === 0
      ? `Nothing follows on ${state}: make a new ${thing}.`
      : `Possible now: ${events.join(', ')}. Otherwise make a new ${thing}.`,
  );
};
