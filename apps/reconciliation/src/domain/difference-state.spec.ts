import { describe, expect, it } from 'vitest';
import {
  acceptedShares,
  DIFFERENCE_EVENTS,
  DIFFERENCE_STATES,
  nextDifferenceState,
  selectDifferences,
  sizeOfDifferences,
  stateOf,
  takeFindings,
  type StandingDifference,
} from './difference-state.js';
import type { Difference } from './tie-out.js';

const acceptance = {
  acceptedAt: '2026-11-23T10:00:00.000Z',
  acceptedBy: 'user:finn',
  approvedBy: 'user:fay',
  acceptedReason: 'written off',
};
const standing = (more: Partial<StandingDifference> = {}): StandingDifference => ({
  differenceKey: 'erp|HOURS_DIFFER|e1',
  differenceId: 'id-1',
  runId: 'run-1',
  reason: 'HOURS_DIFFER',
  destination: 'erp',
  legalEntityId: 'DE01',
  entryId: 'e1',
  detail: 'source 8 h, destination 7 h',
  hours: '8',
  amount: '400',
  currency: 'EUR',
  varianceHours: '1',
  varianceAmount: '50',
  resolvedAt: null,
  acceptance: null,
  ...more,
});
const found = (more: Partial<Difference> = {}): Difference => ({
  differenceKey: 'erp|HOURS_DIFFER|e1',
  differenceId: 'id-1',
  reason: 'HOURS_DIFFER',
  destination: 'erp',
  legalEntityId: 'DE01',
  entryId: 'e1',
  detail: 'source 8 h, destination 7 h',
  hours: '8',
  amount: '400',
  currency: 'EUR',
  variance: { hours: '1', amount: '50' },
  gap: { count: 0, hours: '1' },
  ...more,
});
const IN = {
  open: standing(),
  accepted: standing({ acceptance }),
  resolved: standing({ resolvedAt: '2026-11-23T11:00:00.000Z', acceptance }),
};

describe('a difference', () => {
  it('goes from state to state so, and no other way', () => {
    const table = Object.fromEntries(
      DIFFERENCE_STATES.map((state) => [state, DIFFERENCE_EVENTS.map((event) => nextDifferenceState(state, event))]),
    );
    expect(DIFFERENCE_EVENTS).toEqual(['found', 'changed', 'gone', 'accept', 'reopen']);
    expect(table).toEqual({
      open: ['open', 'open', 'resolved', 'accepted', undefined],
      accepted: ['accepted', 'open', 'resolved', undefined, 'open'],
      resolved: ['open', 'open', undefined, undefined, undefined],
    });
  });

  it.each(DIFFERENCE_STATES)('is %s by what is stored', (state) => expect(stateOf(IN[state])).toBe(state));

  it.each([
    ['never seen', undefined, 'id-1', { state: 'open', isNews: true, lapsed: null }],
    ['open, as it was', IN.open, 'id-1', { state: 'open', isNews: false, lapsed: null }],
    ['open, changed', IN.open, 'id-2', { state: 'open', isNews: false, lapsed: null }],
    ['accepted, as it was', IN.accepted, 'id-1', { state: 'accepted', isNews: false, lapsed: null }],
    ['accepted, changed', IN.accepted, 'id-2', { state: 'open', isNews: true, lapsed: IN.accepted }],
    ['gone and back, though it was accepted', IN.resolved, 'id-1', { state: 'open', isNews: true, lapsed: null }],
    ['gone and back, changed', IN.resolved, 'id-2', { state: 'open', isNews: true, lapsed: null }],
  ])('found by a run: %s', (_, before, differenceId, expected) => {
    const difference = found({ differenceId });
    const known = new Map(before && [[before.differenceKey, before]]);
    expect(takeFindings(known, [difference])).toEqual([{ difference, ...expected }]);
  });

  it.each([
    ['accept', IN.open, undefined],
    ['accept', IN.accepted, 'it is accepted already'],
    ['accept', IN.resolved, 'it is gone'],
    ['reopen', IN.open, 'it is open already'],
    ['reopen', IN.accepted, undefined],
    ['reopen', IN.resolved, 'it is gone'],
    ['accept', undefined, 'no difference is like that now: it never was, or it has changed since'],
  ] as const)('%s: %j', (event, before, why) => {
    const known = new Map(before && [[before.differenceId, before]]);
    expect(selectDifferences(event, ['id-1', 'id-1'], known)).toEqual(
      why === undefined ? { chosen: [before], leftAlone: [] } : { chosen: [], leftAlone: [{ differenceId: 'id-1', why }] },
    );
  });

  it('adds up by how much both ends differ, whatever the direction, per currency', () =>
    expect(
      sizeOfDifferences([standing(), standing(), standing({ currency: 'INR', varianceHours: '0', varianceAmount: '9' })]),
    ).toEqual({ lines: 3, hours: '2', amounts: { EUR: '100', INR: '9' } }));

  it('whose money nobody knows counts by its hours, in no currency', () =>
    expect(sizeOfDifferences([standing({ currency: 'XXX', varianceHours: '8', varianceAmount: '0' })])).toEqual({
      lines: 1,
      hours: '8',
      amounts: { XXX: '8' },
    }));

  it('is told of with those that the same people accepted for the same reason', () => {
    const alone = { ...acceptance, approvedBy: null };
    const [one, two, three] = [found(), found({ legalEntityId: 'FR01' }), found()];
    expect(
      acceptedShares([
        { difference: one, acceptance },
        { difference: two, acceptance },
        { difference: three, acceptance },
        { difference: one, acceptance: alone },
      ]),
    ).toEqual(
      [
        { legalEntityId: 'DE01', approvedBy: 'user:fay', count: 2, hours: '2', amounts: { EUR: '100' } },
        { legalEntityId: 'FR01', approvedBy: 'user:fay', count: 1, hours: '1', amounts: { EUR: '50' } },
        { legalEntityId: 'DE01', approvedBy: null, count: 1, hours: '1', amounts: { EUR: '50' } },
      ].map((share) => ({ destination: 'erp', acceptedBy: 'user:finn', reason: 'written off', ...share })),
    );
  });
});
