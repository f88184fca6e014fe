import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../test/in-force.js';
import { OVERRIDE_EVENTS, OVERRIDE_STATES, OVERRIDE_TRANSITIONS } from '../overrides/override.js';
import { REQUEST_EVENTS, REQUEST_STATES, REQUEST_TRANSITIONS } from '../requests/operator-request.js';
import { step, type Transitions } from '../transitions.js';
import { BUNDLE_EVENTS, BUNDLE_STATES, BUNDLE_TRANSITIONS } from './bundle.js';

/** What may happen, written down a second time: state, event, where it leads. */
const BUNDLES = `
  draft propose proposed · draft withdraw withdrawn
  proposed approve approved · proposed reject rejected · proposed withdraw withdrawn · proposed expire expired
  approved activate active · approved reject rejected · approved withdraw withdrawn · approved expire expired
  active retire retired · retired restore active`;
const OVERRIDES = `
  requested approve active · requested reject rejected · requested withdraw withdrawn · requested expire expired
  active end ended`;
const REQUESTS = `
  open approve approved · open reject rejected · open withdraw withdrawn · open expire expired
  approved succeed done · approved fail failed`;

const cases = (states: readonly string[], events: readonly string[], text: string) => {
  const ways = new Map(
    text.split(/·|\n/).flatMap((way) => {
      const [state, event, next] = way.trim().split(' ');
      return next === undefined ? [] : [[`${state} ${event}`, next] as const];
    }),
  );
  return states.flatMap((state) => events.map((event) => [state, event, ways.get(`${state} ${event}`) ?? 'refused'] as const));
};

const TABLES: readonly [string, Transitions<string, string>, readonly string[], readonly string[], string][] = [
  ['bundle', BUNDLE_TRANSITIONS, BUNDLE_STATES, BUNDLE_EVENTS, BUNDLES],
  ['override', OVERRIDE_TRANSITIONS, OVERRIDE_STATES, OVERRIDE_EVENTS, OVERRIDES],
  ['request', REQUEST_TRANSITIONS, REQUEST_STATES, REQUEST_EVENTS, REQUESTS],
];

describe.each(TABLES)('every state and event of a %s', (thing, transitions, states, events, text) => {
  it.each(cases(states, events, text))('%s + %s: %s', (state, event, expected) => {
    const decided = step(transitions, thing, state, event);
    expect(decided.ok ? decided.value : 'refused').toBe(expected);
    if (!decided.ok) expect(refusalOf(decided)).toBe('wrong-state');
  });
});
