import { addDuration, type Instant } from '@tieout/model';
import type { BundlePart } from '@tieout/policy';
import { refuseProgram, refuseRole, type Person } from '../person.js';
import { allowed, refused, type Decision } from '../refusal.js';
import { stepBundle, type Bundle, type Emergency } from './bundle.js';
import type { Moment } from './moment.js';

/** A date this little in the past is meant as "now": clocks differ, and requests take time. */
export const PAST_TOLERANCE = 'PT5M';

export interface ProposalRequest {
  readonly why: string;
  readonly effectiveFrom?: Instant | undefined;
  /** Why it cannot wait: then one approval is enough, freezes do not count, and a review is due afterwards. */
  readonly emergency?: string | undefined;
}

/** @param parts what the compiled candidate changes in the active policy */
export const propose = (
  bundle: Bundle,
  parts: readonly BundlePart[],
  person: Person,
  request: ProposalRequest,
  moment: Moment,
): Decision<Bundle> => {
  const next = stepBundle(bundle.state, 'propose');
  if (!next.ok) return next;
  const { at, active } = moment;
  if (parts.length === 0)
    return refused(
      'nothing-changed',
      'The bundle says the same as the active one; comments and layout do not count.',
      'Change a rule, or leave it.',
    );
  const ruleless = parts.filter((part) => active.approvals.neededFor([part]).length === 0);
  if (ruleless.length > 0)
    return refused(
      'no-rule-for-part',
      `The approvals.yaml of the active policy names no role for ${ruleless.join(', ')}.`,
      'First have a bundle approved that adds the role there.',
    );
  const emergency = declare(person, request.emergency, moment);
  if (!emergency.ok) return emergency;
  const { effectiveFrom = null } = request;
  if (effectiveFrom !== null && addDuration(effectiveFrom, PAST_TOLERANCE) < at)
    return refused(
      'effective-from-past',
      `"effectiveFrom" is ${effectiveFrom}; it is ${at} now.`,
      'Give an instant from now on, or leave it out and activate the bundle by hand once it is approved.',
    );
  const proposal = {
    by: person.actor,
    at,
    why: request.why,
    expiresAt: addDuration(
      effectiveFrom !== null && effectiveFrom > at ? effectiveFrom : at,
      active.approvals.proposalsExpireAfter,
    ),
    effectiveFrom,
    baseDigest: active.digest,
    parts,
    emergency: emergency.value,
  };
  return allowed({ ...bundle, state: next.value, proposal, approvals: [] });
};

/** Declaring an emergency is for the roles that the active policy names. */
export const declare = (person: Person, reason: string | undefined, { active }: Moment): Decision<Emergency | null> => {
  if (reason === undefined) return allowed(null);
  const refusal =
    refuseProgram(person, 'declaring an emergency') ??
    refuseRole(person, active.approvals.emergencyRoles, 'declaring an emergency');
  return refusal ?? allowed({ reason, declaredBy: person.actor });
};
