import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  follow,
  isSigned,
  RUN_STATES,
  RUN_TRANSITIONS,
  stepRun,
  type RunEvent,
  type RunFacts,
  type RunState,
} from './run-states.js';

const EVENTS: RunEvent[] = ['cutOff', 'reopen', 'sign', 'leave', 'refuse', 'acknowledge', 'preview'];
const facts = (over: Partial<RunFacts> = {}): RunFacts => ({
  cutOffPassed: true,
  held: 0,
  unsent: 0,
  unsettled: 0,
  refused: 0,
  ...over,
});

describe('states of a pay run', () => {
  it.each(RUN_STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const)))('%s on %s', (state, event) => {
    const table: Partial<Record<string, RunState>> = RUN_TRANSITIONS[state];
    expect(stepRun(state, event)).toBe(table[event]);
  });

  it('only a signature makes a run leave', () => {
    const intoSigned = RUN_STATES.flatMap((state) => EVENTS.filter((event) => stepRun(state, event) === 'signed'));
    expect(new Set(intoSigned)).toEqual(new Set(['sign']));
  });

  it.each([
    ['collecting', facts({ cutOffPassed: false }), 'collecting'],
    ['collecting', facts({ held: 2, unsettled: 2 }), 'previewed'],
    ['previewed', facts({ cutOffPassed: false }), 'collecting'],
    ['previewed', facts(), 'previewed'],
    ['signed', facts({ unsent: 1, unsettled: 3 }), 'signed'],
    ['signed', facts({ unsettled: 3 }), 'sent'],
    ['signed', facts(), 'acknowledged'],
    ['sent', facts({ unsettled: 1 }), 'sent'],
    ['sent', facts(), 'acknowledged'],
    ['sent', facts({ unsettled: 1, refused: 1 }), 'refused'],
    ['signed', facts({ refused: 1, held: 1 }), 'refused'],
    ['refused', facts(), 'refused'],
    ['refused', facts({ held: 1, unsettled: 1 }), 'previewed'],
    ['acknowledged', facts({ refused: 1, held: 1 }), 'acknowledged'],
  ] as const)('%s with %j is %s', (state, news, next) => {
    expect(follow(state, news)).toBe(next);
  });

  it('following never signs, and never leaves an acknowledged run', () => {
    const anyFacts = fc.record({
      cutOffPassed: fc.boolean(),
      held: fc.nat(2),
      unsent: fc.nat(2),
      unsettled: fc.nat(2),
      refused: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.constantFrom(...RUN_STATES), fc.array(anyFacts, { maxLength: 8 }), (start, all) => {
        let state: RunState = start;
        for (const news of all) {
          const next = follow(state, news);
          if (!isSigned(state)) expect(isSigned(next)).toBe(false);
          if (state === 'acknowledged') expect(next).toBe('acknowledged');
          state = next;
        }
      }),
    );
  });
});
