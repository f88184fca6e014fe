import { APPROVER_ROLES, BUNDLE_PARTS, type BundlePart, type Role } from '@tieout/policy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draft, later, moment, rules, FROZEN, type Needed } from '../../../test/in-force.js';
import type { Person } from '../person.js';
import type { Decision } from '../refusal.js';
import { activate, rollBack, type Activated } from './activate.js';
import { approve, expire, reject, withdraw } from './approve.js';
import type { Bundle } from './bundle.js';
import { propose } from './propose.js';

const PARTS = BUNDLE_PARTS.slice(0, 4);
const ROLES = APPROVER_ROLES.slice(0, 3);

const people = fc.array(
  fc.record({ roles: fc.subarray([...ROLES], { minLength: 1 }), program: fc.nat({ max: 3 }).map((n) => n === 0) }),
  { minLength: 3, maxLength: 6 },
);
/** Every bundle brings rules of its own, which count once it is active. */
const bundles = fc.array(
  fc.record({
    parts: fc.subarray([...PARTS], { minLength: 1, maxLength: 2 }),
    needed: fc.record(
      Object.fromEntries(PARTS.map((part) => [part, fc.subarray([...ROLES], { minLength: 0, maxLength: 2 })])) as Record<
        BundlePart,
        fc.Arbitrary<Role[]>
      >,
    ),
  }),
  { minLength: 2, maxLength: 4 },
);
const index = fc.nat({ max: 59 });
const action = fc.record({
  do: fc.oneof(
    { weight: 5, arbitrary: fc.constant('propose' as const) },
    { weight: 20, arbitrary: fc.constant('approve' as const) },
    { weight: 15, arbitrary: fc.constantFrom('activate' as const, 'date' as const, 'rollback' as const) },
    { weight: 1, arbitrary: fc.constantFrom('reject' as const, 'withdraw' as const, 'expire' as const) },
  ),
  who: index,
  bundle: index,
  role: fc.option(fc.constantFrom(...ROLES), { nil: undefined }),
  otherDigest: fc.nat({ max: 9 }).map((n) => n === 0),
  emergency: fc.nat({ max: 5 }).map((n) => n === 0),
  dated: fc.boolean(),
  frozen: fc.nat({ max: 4 }).map((n) => n === 0),
  hours: fc.nat({ max: 6 }),
});
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** What the outside saw: kept beside the code under test, which knows nothing of it. */
interface Witness {
  readonly bundle: string;
  readonly person: Person;
  readonly role: Role | undefined;
}

class Firm {
  readonly all: Bundle[];
  readonly yeses: Witness[] = [];
  readonly #rules: ReturnType<typeof rules>[];
  active = 'base';
  activeRules: ReturnType<typeof rules>;
  activations = 0;
  at = later('PT0S');

  constructor(
    readonly staff: readonly Person[],
    specs: readonly { parts: readonly BundlePart[]; needed: Needed }[],
    private readonly parts = specs.map((spec) => spec.parts),
  ) {
    this.#rules = specs.map((spec) => rules(spec.needed));
    this.activeRules = rules({
      [PARTS[0]!]: ['finance'],
      [PARTS[1]!]: ['finance', 'payroll'],
      [PARTS[2]!]: ['operator'],
    });
    this.all = specs.map((_, i) => draft({ bundleId: `b${i}`, digest: `digest-${i}`, author: staff[i % staff.length]!.actor }));
  }

  act(step: Action): void {
    this.at = later(`PT${step.hours}H`, this.at);
    const i = step.bundle % this.all.length;
    const bundle = this.all[i]!;
    const who = this.staff[step.who % this.staff.length]!;
    const now = moment({
      at: this.at,
      digest: this.active,
      approvals: this.activeRules,
      ...(step.frozen && { changeAllowed: () => FROZEN }),
    });
    const emergency = step.emergency ? 'now' : undefined;
    const put = (decision: Decision<Bundle>): void => {
      if (decision.ok) this.all[i] = decision.value;
    };
    if (step.do === 'propose')
      put(propose(bundle, this.parts[i]!, who, { why: 'x', emergency, ...(step.dated && { effectiveFrom: this.at }) }, now));
    else if (step.do === 'approve') {
      const digest = step.otherDigest ? 'digest-other' : bundle.digest!;
      const decision = approve(bundle, who, { digest, role: step.role }, now);
      if (step.otherDigest) expect(decision.ok).toBe(false);
      if (decision.ok) this.yeses.push({ bundle: bundle.bundleId, person: who, role: decision.value.approvals.at(-1)?.role });
      put(decision);
    } else if (step.do === 'reject') put(reject(bundle, who, 'no', now));
    else if (step.do === 'withdraw') put(withdraw(bundle, who, 'no', this.at));
    else if (step.do === 'expire') put(expire(bundle, 'service:governance', 'late', this.at));
    else if (step.do === 'rollback')
      this.#activated(i, rollBack(bundle, this.parts[i]!, who, { why: 'x', emergency }, now), step, who);
    else this.#activated(i, activate(bundle, step.do === 'date' ? 'the-date-has-come' : who, emergency, now), step, who);
  }

  #activated(i: number, decision: Decision<Activated>, step: Action, who: Person): void {
    if (!decision.ok) return;
    if (decision.value.cause === 'approved') this.#justified(this.all[i]!, decision.value);
    else expect(this.all[i]!.state).toBe('retired');
    if (step.frozen) expect(decision.value.emergency).not.toBeNull();
    if (step.do !== 'date') expect(who.roles.some((role) => this.activeRules.activateRoles.includes(role))).toBe(true);
    expect(decision.value.reviewDueAt === null).toBe(decision.value.emergency === null);
    this.all.forEach((one, at) => {
      if (one.state === 'active') this.all[at] = { ...one, state: 'retired' };
    });
    this.all[i] = decision.value.bundle;
    this.active = decision.value.bundle.digest!;
    this.activeRules = this.#rules[i]!;
    this.activations++;
  }

  /** By the rules that are in force at this moment, with nothing but what the outside saw. */
  #justified(bundle: Bundle, { parts, emergency }: Activated): void {
    const yeses = this.yeses.filter(({ bundle: id }) => id === bundle.bundleId);
    const proposer = bundle.proposal!.by;
    // What they said yes to was a change of what is in force now, and of nothing else.
    expect(bundle.proposal!.baseDigest).toBe(this.active);
    for (const { person, role } of yeses) {
      expect([bundle.author, proposer]).not.toContain(person.actor);
      expect(person.actor).toMatch(/^user:/);
      expect(person.roles).toContain(role);
    }
    expect(new Set(yeses.map(({ person }) => person.actor)).size).toBe(yeses.length);
    expect(yeses.length).toBeGreaterThan(0);
    if (bundle.proposal!.emergency === null)
      for (const { role } of this.activeRules.neededFor(parts)) expect(yeses.map((yes) => yes.role)).toContain(role);
    else expect(emergency).not.toBeNull();
  }
}

describe('random actions of random people', () => {
  it('never make a bundle active without the approvals that the rules in force want, by somebody else', () => {
    let activations = 0;
    fc.assert(
      fc.property(people, bundles, fc.array(action, { minLength: 60, maxLength: 120 }), (staff, specs, steps) => {
        const firm = new Firm(
          staff.map(({ roles, program }, i) => ({
            actor: program && i === 0 ? 'service:deployer' : `user:${i}`,
            // Somebody must be able to activate, or nothing is shown.
            roles: i === 1 ? [...roles, 'platform'] : roles,
          })),
          specs,
        );
        for (const step of steps) firm.act(step);
        expect(firm.all.filter(({ state }) => state === 'active').length).toBeLessThanOrEqual(1);
        activations += firm.activations;
      }),
      { numRuns: 1_500 },
    );
    // A property over sequences in which nothing ever becomes active would say nothing.
    expect(activations).toBeGreaterThan(300);
  });
});
