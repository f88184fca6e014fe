import { describe, expect, it } from 'vitest';
import { checklist, nextAction, type DestinationFacts, type OnboardingFacts } from './checklist.js';
import { adoptionWindow, type DoneAction, type OnboardingRequest } from './onboarding.js';

const request: OnboardingRequest = {
  legalEntity: { code: 'FR01', name: 'Demo Conseil', currency: 'EUR', timeZone: 'Europe/Paris', region: 'EMEA' },
  connections: { 'fr-erp': { system: 'sandbox-erp', roles: ['posting'] } },
  goLive: '2027-02-01',
};
const own: DestinationFacts = {
  feed: 'posting',
  destination: 'fr-erp',
  own: true,
  adoptable: true,
  locked: 'held by user:olga: onboarding',
};
const did = (kind: DoneAction['kind'], more: Partial<DoneAction> = {}): DoneAction => ({
  kind,
  feed: 'posting',
  destination: 'fr-erp',
  by: 'user:finn',
  at: '2027-01-20T09:00:00.000Z',
  ...more,
});
const lines = { matched: 3, ambiguous: [{}], unmatched: [] };
/** Everything is in order; only the day has not come. */
const facts: OnboardingFacts = {
  request,
  today: '2027-01-31',
  bundle: { state: 'active', digest: 'd', inForce: true, outdated: false, missingApprovals: [] },
  connections: [{ connection: 'fr-erp', states: [{ connection: 'fr-erp', state: 'works' }] }],
  silent: [],
  readiness: {
    legalEntity: { code: 'FR01', currency: 'EUR', timeZone: 'Europe/Paris', region: 'EMEA' },
    workers: 12,
    projects: 3,
    references: [{ reference: 'worker/fr-hr', missing: 0, examples: [] }],
    accountingPeriods: [{ code: 'FR01/2027-02', state: 'open' }],
    payGroups: [{ code: 'FR-M', payPeriod: 'FR-M/2' }],
  },
  payrollRouted: true,
  accounts: [{ what: 'labour-cost of employees', account: '5100 / 2100' }],
  destinations: [own],
  actions: [did('lock'), did('rehearse', { answer: lines }), did('adopt', { answer: lines })],
  requests: {},
};
const at = (change: Partial<OnboardingFacts>): OnboardingFacts => ({ ...facts, ...change });
const bundle = (change: Partial<OnboardingFacts['bundle']>): OnboardingFacts =>
  at({
    bundle: { ...facts.bundle, inForce: false, ...change },
    connections: [],
    readiness: undefined,
    destinations: [],
    actions: [],
  });
const readiness = (change: Partial<NonNullable<OnboardingFacts['readiness']>>): OnboardingFacts =>
  at({ readiness: { ...facts.readiness!, ...change } });
const step = (given: OnboardingFacts, no: number) => checklist(given)[no - 1]!;

describe('checklist', () => {
  it('waits for the day of go-live, and is over after it', () => {
    expect(checklist(facts).map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done', 'done', 'done', 'waits']);
    expect(step(facts, 7).whatToDo).toBe('Go-live is 2027-02-01; it is 2027-01-31 in Europe/Paris.');
    expect(nextAction(facts)).toBe(undefined);
    const day = at({ today: '2027-02-01' });
    expect(nextAction(day)).toEqual({ kind: 'open', feed: 'posting', destination: 'fr-erp' });
    const { locked: _locked, ...open } = own;
    const over = at({ today: '2027-02-02', destinations: [open], actions: [...facts.actions, did('open')] });
    expect(checklist(over).every(({ state }) => state === 'done')).toBe(true);
    expect(nextAction(over)).toBe(undefined);
  });

  it.each([
    ['draft', false, { kind: 'propose' }],
    ['draft', true, { kind: 'redraft' }],
    ['proposed', false, undefined],
    ['proposed', true, { kind: 'redraft' }],
    ['approved', false, undefined],
    ['rejected', false, { kind: 'redraft' }],
    ['withdrawn', false, { kind: 'redraft' }],
    ['expired', false, { kind: 'redraft' }],
    ['retired', false, { kind: 'redraft' }],
  ] as const)('a bundle that is %s, behind the active policy: %s', (state, outdated, expected) => {
    expect(nextAction(bundle({ state, outdated }))).toEqual(expected);
    expect(
      checklist(bundle({ state, outdated }))
        .slice(1, 4)
        .map((one) => one.state),
    ).toEqual(['waits', 'waits', 'waits']);
  });
  it('a draft that does not compile is for a person', () => {
    expect([
      step(bundle({ state: 'draft', digest: null }), 1).state,
      nextAction(bundle({ state: 'draft', digest: null })),
    ]).toEqual(['person', undefined]);
  });

  it.each([
    [2, at({ silent: ['time'] }), 'time does not answer'],
    [2, at({ connections: [{ connection: 'fr-erp', states: [] }] }), 'fr-erp: no service uses it yet'],
    [2, at({ connections: [{ connection: 'x', states: [{ connection: 'x', state: 'faulted' }] }] }), 'x: does not work'],
    [3, readiness({ workers: 0 }), 'no worker is known'],
    [3, readiness({ projects: 0 }), 'no project is known'],
    [
      3,
      readiness({ legalEntity: { code: 'FR01', timeZone: 'Europe/Paris', region: 'EMEA' } }),
      'currency of FR01 is not known, expected EUR',
    ],
    [
      3,
      readiness({ references: [{ reference: 'worker/fr/hr', missing: 1, examples: ['F1'] }] }),
      '1 without an id in worker of fr/hr: F1',
    ],
    [4, readiness({ accountingPeriods: [{ code: 'P', state: 'closed' }] }), 'no open accounting period holds 2027-02-01'],
    [4, readiness({ payGroups: [] }), 'no pay group is known'],
    [5, at({ accounts: [{ what: 'fact', account: undefined }] }), 'no account for fact'],
  ] as const)('step %i is for a person: %#', (no, given, finding) => {
    expect(step(given, no)).toMatchObject({ state: 'person', findings: [finding] });
    expect(step(given, 7).whatToDo).toBe(`Step ${no} comes first.`);
  });
  it('an entity that is paid by other means needs no pay calendar', () => {
    expect(step({ ...readiness({ payGroups: [] }), payrollRouted: false }, 4).state).toBe('done');
  });

  const { locked: _shut, ...unlocked } = own;
  it.each([
    ['locks its own destination first', at({ destinations: [unlocked], actions: [] }), { kind: 'lock' }],
    ['looks before it takes', at({ actions: [did('lock')] }), { kind: 'rehearse' }],
    ['takes what was looked at', at({ actions: [did('rehearse')] }), { kind: 'adopt' }],
    ['not while something else is missing', { ...readiness({ workers: 0 }), actions: [did('rehearse')] }, undefined],
    [
      'not while a second person is asked',
      at({ actions: [did('rehearse'), did('adopt', { requestId: 'r' })], requests: { r: 'open' } }),
      undefined,
    ],
    [
      'again when the second person said no',
      at({ actions: [did('rehearse'), did('adopt', { requestId: 'r' })], requests: { r: 'rejected' } }),
      { kind: 'adopt' },
    ],
    [
      'no more once it was done',
      at({ actions: [did('rehearse'), did('adopt', { requestId: 'r' })], requests: { r: 'done' } }),
      undefined,
    ],
    [
      'others keep their destination open',
      at({ destinations: [{ ...unlocked, own: false, adoptable: false }], actions: [] }),
      undefined,
    ],
    ['adopts there all the same', at({ destinations: [{ ...unlocked, own: false }], actions: [] }), { kind: 'rehearse' }],
  ] as const)('%s', (_what, given, expected) => {
    expect(nextAction(given)?.kind).toBe(expected?.kind);
  });
  it('tells what a rehearsal found, and of destinations whose predecessor nobody looks for', () => {
    expect(step(facts, 6).findings).toEqual([
      'fr-erp is locked',
      'fr-erp: 3 lines match, 1 could be several, 0 match nothing of ours (2027-01-01 to 2027-01-31)',
    ]);
    expect(step(at({ destinations: [{ ...own, adoptable: false }] }), 6).findings.join()).toContain('would be booked again');
  });
});

it('adoption looks at the month before go-live, or from the day that was asked for, to its eve', () => {
  expect(adoptionWindow(request)).toEqual({ from: '2027-01-01', to: '2027-01-31' });
  expect(adoptionWindow({ ...request, goLive: '2027-01-15', adoptFrom: '2026-10-01' })).toEqual({
    from: '2026-10-01',
    to: '2027-01-14',
  });
  expect(adoptionWindow({ ...request, goLive: '2027-01-15' }).from).toBe('2026-12-01');
});
