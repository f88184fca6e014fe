import type { BundlePart, Role } from '@tieout/policy';
import { describe, expect, it } from 'vitest';
import {
  AT,
  BASE,
  DIGEST,
  draft,
  FROZEN,
  later,
  moment,
  NEEDED,
  person,
  proposed,
  refusalOf,
  rules,
} from '../../../test/in-force.js';
import { activate, review, rollBack, type Activation } from './activate.js';
import { approve, expire, reject, withdraw } from './approve.js';
import type { Bundle } from './bundle.js';
import { propose } from './propose.js';
import type { Decision } from '../refusal.js';

const ana = person('ana', 'enterprise-architecture');
const pia = person('pia', 'platform');
const finn = person('finn', 'finance');
const fay = person('fay', 'finance');
const sam = person('sam', 'service-operations');
const robot = { actor: 'service:deployer', roles: ['finance', 'platform', 'service-operations'] as const };

const value = <T>(decision: Decision<T>): T => {
  if (!decision.ok) throw new Error(`${decision.refusal.code}: ${decision.refusal.detail}`);
  return decision.value;
};
const yes = { digest: DIGEST };
const approvedBy = (bundle: Bundle, ...people: (typeof ana)[]): Bundle =>
  people.reduce((now, one) => value(approve(now, one, yes, moment())), bundle);

describe('proposing', () => {
  it('keeps what the approvers must know: what differs, from what, by when', () => {
    const request = { why: 'new limit', effectiveFrom: later('P1D') };
    expect(value(propose(draft(), ['validation'], pia, request, moment()))).toMatchObject({
      state: 'proposed',
      approvals: [],
      proposal: {
        by: 'user:pia',
        parts: ['validation'],
        baseDigest: BASE,
        effectiveFrom: later('P1D'),
        // Counted from the date, not from now: else a date in a month would never be reached.
        expiresAt: later('P14D', later('P1D')),
        emergency: null,
      },
    });
  });

  it.each([
    ['nothing that differs', [], {}, 'nothing-changed'],
    ['a part for which nobody is named', ['slas'], {}, 'no-rule-for-part'],
    ['a date in the past', ['validation'], { effectiveFrom: '2026-11-23T08:54:59.000Z' }, 'effective-from-past'],
    ['a date just passed', ['validation'], { effectiveFrom: '2026-11-23T08:56:00.000Z' }, undefined],
    ['an emergency by somebody without the role', ['validation'], { emergency: 'pay run' }, 'role-not-held'],
  ] as const)('%s: %s', (_what, parts, more, refusal) => {
    expect(refusalOf(propose(draft(), parts as readonly BundlePart[], ana, { why: 'x', ...more }, moment()))).toBe(refusal);
  });

  it('in an emergency is for people', () => {
    expect(refusalOf(propose(draft(), ['validation'], robot, { why: 'x', emergency: 'y' }, moment()))).toBe('not-a-person');
    expect(value(propose(draft(), ['validation'], pia, { why: 'x', emergency: 'y' }, moment())).proposal?.emergency).toEqual({
      reason: 'y',
      declaredBy: 'user:pia',
    });
  });
});

describe('approving', () => {
  it('is complete when every role of every part has said yes', () => {
    const first = value(approve(proposed(['routing', 'accounts']), finn, yes, moment()));
    expect([first.state, first.approvals]).toEqual([
      'proposed',
      [{ actor: 'user:finn', role: 'finance', digest: DIGEST, at: AT }],
    ]);
    expect(value(approve(first, person('paul', 'platform'), yes, moment())).state).toBe('approved');
  });

  it.each([
    ['the author, in a role that is needed', person('ana', 'finance'), yes, 'self-approval'],
    ['whoever proposed it', person('pia', 'finance'), yes, 'self-approval'],
    ['a program', robot, yes, 'not-a-person'],
    ['somebody without the role', sam, yes, 'role-not-held'],
    ['somebody in a role that they do not have', sam, { ...yes, role: 'finance' as Role }, 'role-not-held'],
    [
      'somebody in a role that is not asked',
      person('x', 'finance', 'operator'),
      { ...yes, role: 'operator' as Role },
      'role-not-needed',
    ],
    ['somebody who looked at another digest', finn, { digest: BASE }, 'another-digest'],
    ['whoever may', finn, yes, undefined],
  ] as const)('%s: %s', (_what, who, request, refusal) => {
    expect(refusalOf(approve(proposed(['accounts']), who, request, moment()))).toBe(refusal);
  });

  it('takes one approval of a person, though they have two of the roles', () => {
    const both = person('bo', 'finance', 'platform');
    const first = value(approve(proposed(['routing']), both, yes, moment()));
    expect(first.state).toBe('proposed');
    expect(refusalOf(approve(first, both, { ...yes, role: 'platform' }, moment()))).toBe('already-approved');
    // The second person's role is the one that is still missing.
    expect(value(approve(first, person('bea', 'finance', 'platform'), yes, moment())).approvals.map(({ role }) => role)).toEqual([
      'finance',
      'platform',
    ]);
  });

  it('by those who wrote it in another environment is refused', () => {
    const promoted = proposed(['accounts'], { earlierAuthors: ['user:finn'], promotedFrom: 'dev' });
    expect(refusalOf(approve(promoted, finn, yes, moment()))).toBe('self-approval');
    expect(refusalOf(approve(promoted, fay, yes, moment()))).toBeUndefined();
  });

  it('is refused once it expired, or another policy came into force', () => {
    expect(refusalOf(approve(proposed(['accounts']), finn, yes, moment({ at: later('P14D') })))).toBe('proposal-expired');
    expect(refusalOf(approve(proposed(['accounts']), finn, yes, moment({ digest: 'e'.repeat(64) })))).toBe('base-changed');
  });

  it('goes by the rules in force, whatever the proposal says of itself', () => {
    const stricter = rules({ ...NEEDED, accounts: ['finance', 'platform'] });
    expect(value(approve(proposed(['accounts']), finn, yes, moment({ approvals: stricter }))).state).toBe('proposed');
  });

  it('of what was never proposed, or is over, is refused', () => {
    expect(refusalOf(approve(draft(), finn, yes, moment()))).toBe('wrong-state');
    expect(refusalOf(approve(approvedBy(proposed(['accounts']), finn), fay, yes, moment()))).toBe('wrong-state');
  });
});

describe('saying no', () => {
  it.each([
    ['rejecting, by who may approve', () => reject(proposed(['accounts']), finn, 'no', moment()), undefined],
    ['rejecting, by others', () => reject(proposed(['accounts']), sam, 'no', moment()), 'role-not-held'],
    ['rejecting, by a program', () => reject(proposed(['accounts']), robot, 'no', moment()), 'not-a-person'],
    ['withdrawing, by the author', () => withdraw(proposed(['accounts']), ana, 'no', AT), undefined],
    ['withdrawing, by the proposer', () => withdraw(proposed(['accounts']), pia, 'no', AT), undefined],
    ['withdrawing, by others', () => withdraw(proposed(['accounts']), finn, 'no', AT), 'not-yours'],
    ['expiring', () => expire(proposed(['accounts']), 'service:governance', 'too late', AT), undefined],
    ['rejecting a draft', () => reject(draft(), finn, 'no', moment()), 'wrong-state'],
  ] as const)('%s', (_what, decide, refusal) => {
    const decided = decide();
    expect(refusalOf(decided)).toBe(refusal);
    if (decided.ok) expect(decided.value.closing).toMatchObject({ at: AT });
  });
});

describe('activating', () => {
  const ready = approvedBy(proposed(['accounts']), finn);
  const dated = (effectiveFrom: string) => approvedBy(proposed(['accounts'], {}, { effectiveFrom }), finn);

  it('is for those whom the policy names', () => {
    expect(value(activate(ready, pia, undefined, moment()))).toMatchObject({
      bundle: { state: 'active' },
      cause: 'approved',
      emergency: null,
      reviewDueAt: null,
    });
    expect(refusalOf(activate(ready, finn, undefined, moment()))).toBe('role-not-held');
  });

  it('happens by itself when the date has come, and without one by hand only', () => {
    expect(refusalOf(activate(dated(later('P1D')), 'the-date-has-come', undefined, moment()))).toBe('not-due');
    expect(refusalOf(activate(dated(later('P1D')), pia, undefined, moment()))).toBe('not-due');
    expect(refusalOf(activate(dated(AT), 'the-date-has-come', undefined, moment()))).toBeUndefined();
    expect(refusalOf(activate(ready, 'the-date-has-come', undefined, moment()))).toBe('not-due');
  });

  it('is refused when it expired, was overtaken, or the rules in force want more than was given', () => {
    expect(refusalOf(activate(ready, pia, undefined, moment({ at: later('P15D') })))).toBe('proposal-expired');
    expect(refusalOf(activate(ready, pia, undefined, moment({ digest: DIGEST })))).toBe('base-changed');
    const stricter = rules({ accounts: ['finance', 'platform'] });
    expect(refusalOf(activate(ready, pia, undefined, moment({ approvals: stricter })))).toBe('approvals-missing');
  });

  it('counts no approval of those who may not give one, and none for another digest', () => {
    const given = { role: 'finance' as const, at: AT };
    const forged = (actor: string, digest: string): Bundle =>
      proposed(['accounts'], { state: 'approved', approvals: [{ ...given, actor, digest }] });
    expect(refusalOf(activate(forged('user:ana', DIGEST), pia, undefined, moment()))).toBe('approvals-missing');
    expect(refusalOf(activate(forged('user:finn', BASE), pia, undefined, moment()))).toBe('approvals-missing');
    expect(refusalOf(activate(proposed(['accounts'], { state: 'approved' }), pia, undefined, moment()))).toBe(
      'approvals-missing',
    );
  });
});

describe('a freeze', () => {
  const ready = approvedBy(proposed(['accounts']), finn);
  const frozen = moment({ changeAllowed: () => FROZEN });

  it('blocks activation and says until when', () => {
    const decided = activate(ready, pia, undefined, frozen);
    expect(decided).toMatchObject({
      refusal: { code: 'change-frozen', detail: expect.stringContaining('2026-11-24') as string },
    });
    expect(refusalOf(activate({ ...ready, state: 'retired' }, pia, undefined, frozen))).toBe('wrong-state');
  });

  it('of mappings blocks only what changes mappings', () => {
    const mappings = moment({ changeAllowed: ({ change }) => (change === 'mapping' ? FROZEN : { allowed: true }) });
    const mapped = approvedBy(proposed(['mappings']), person('eve', 'enterprise-architecture'));
    expect(refusalOf(activate(mapped, pia, undefined, mappings))).toBe('change-frozen');
    expect(refusalOf(activate(ready, pia, undefined, mappings))).toBeUndefined();
  });

  it('gives way to an emergency, which is reviewed within the time that policy sets', () => {
    expect(value(activate(ready, pia, 'the pay run fails', frozen))).toMatchObject({
      emergency: { reason: 'the pay run fails', declaredBy: 'user:pia' },
      reviewDueAt: later('P2D'),
    });
    expect(refusalOf(activate(ready, { actor: 'service:x', roles: ['platform'] }, 'y', frozen))).toBe('not-a-person');
  });

  it('gives way to an emergency that was proposed as one: with one approval, by somebody else', () => {
    const urgent = value(propose(draft(), ['routing', 'accounts'], pia, { why: 'x', emergency: 'y' }, moment()));
    expect(refusalOf(activate(urgent, pia, undefined, frozen))).toBe('wrong-state');
    expect(refusalOf(approve(urgent, pia, yes, moment()))).toBe('self-approval');
    const one = value(approve(urgent, finn, yes, moment()));
    expect(one.state).toBe('approved');
    expect(value(activate(one, pia, undefined, frozen)).reviewDueAt).toBe(later('P2D'));
  });

  it('blocks rollback too', () => {
    const old = draft({ state: 'retired' });
    expect(refusalOf(rollBack(old, ['accounts'], pia, { why: 'worse' }, frozen))).toBe('change-frozen');
    expect(value(rollBack(old, ['accounts'], pia, { why: 'worse', emergency: 'much worse' }, frozen))).toMatchObject({
      cause: 'rollback',
      reviewDueAt: later('P2D'),
      reason: 'worse',
    });
  });
});

describe('rolling back', () => {
  it('is for those whom the policy names, to what was active', () => {
    expect(value(rollBack(draft({ state: 'retired' }), [], pia, { why: 'x' }, moment())).bundle.state).toBe('active');
    expect(refusalOf(rollBack(draft({ state: 'retired' }), [], finn, { why: 'x' }, moment()))).toBe('role-not-held');
    expect(refusalOf(rollBack(draft({ state: 'withdrawn' }), [], pia, { why: 'x' }, moment()))).toBe('wrong-state');
    expect(refusalOf(rollBack(draft({ state: 'approved' }), [], pia, { why: 'x' }, moment()))).toBe('wrong-state');
  });
});

describe('reviewing an emergency', () => {
  const bundle = approvedBy(proposed(['accounts']), finn);
  const activation: Activation = {
    revision: 4,
    bundleId: bundle.bundleId,
    digest: DIGEST,
    cause: 'approved',
    activatedAt: AT,
    activatedBy: 'user:paul',
    reason: 'x',
    parts: ['accounts'],
    emergency: { reason: 'y', declaredBy: 'user:sam' },
    reviewDueAt: later('P2D'),
    review: null,
  };

  it.each([
    ['somebody with no part in it', fay, undefined],
    ['somebody who may declare emergencies', person('olaf', 'service-operations'), undefined],
    ['the author', person('ana', 'finance'), 'self-approval'],
    ['the proposer', person('pia', 'platform'), 'self-approval'],
    ['an approver', finn, 'self-approval'],
    ['whoever activated it', person('paul', 'platform'), 'self-approval'],
    ['whoever declared it', sam, 'self-approval'],
    ['a program', robot, 'not-a-person'],
    ['somebody without a role in it', person('otto', 'operator'), 'role-not-held'],
  ])('by %s', (_what, who, refusal) => {
    expect(refusalOf(review(activation, bundle, who, 'fine', moment()))).toBe(refusal);
  });

  it('happens once, and only of emergencies', () => {
    const reviewed = value(review(activation, bundle, fay, 'fine', moment()));
    expect(reviewed.review).toEqual({ by: 'user:fay', at: AT, note: 'fine' });
    expect(refusalOf(review(reviewed, bundle, fay, 'fine', moment()))).toBe('no-review-due');
    expect(refusalOf(review({ ...activation, reviewDueAt: null }, bundle, fay, 'fine', moment()))).toBe('no-review-due');
  });

  it('of a rollback is open to those who approved the old bundle long ago', () => {
    const back: Activation = { ...activation, cause: 'rollback' };
    expect(refusalOf(review(back, bundle, finn, 'fine', moment()))).toBeUndefined();
    expect(refusalOf(review(back, bundle, sam, 'fine', moment()))).toBe('self-approval');
  });
});
