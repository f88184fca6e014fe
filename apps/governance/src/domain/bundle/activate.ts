import { addDuration, type Instant } from '@tieout/model';
import type { BundlePart } from '@tieout/policy';
import { approvalsMissing, isApproved } from '../approving.js';
import { refuseProgram, refuseRole, type Person } from '../person.js';
import { allowed, refused, type Decision } from '../refusal.js';
import { stillOpen } from './approve.js';
import { barredFrom, stepBundle, type Bundle, type Emergency } from './bundle.js';
import { frozen, type Moment } from './moment.js';
import { declare } from './propose.js';

export type ActivationCause = 'first-start' | 'approved' | 'rollback';

/** That a bundle became active. */
export interface Activation {
  /** Rises by one with each, rollbacks too. */
  readonly revision: number;
  readonly bundleId: string;
  readonly digest: string;
  readonly cause: ActivationCause;
  readonly activatedAt: Instant;
  readonly activatedBy: string;
  readonly reason: string | null;
  /** What it changed in the policy before. */
  readonly parts: readonly BundlePart[];
  readonly emergency: Emergency | null;
  /** Somebody else must have looked at it by then. */
  readonly reviewDueAt: Instant | null;
  readonly review: Review | null;
}

export interface Review {
  readonly by: string;
  readonly at: Instant;
  readonly note: string;
}

export interface Activated {
  readonly bundle: Bundle;
  readonly cause: ActivationCause;
  readonly reason: string | null;
  readonly parts: readonly BundlePart[];
  readonly emergency: Emergency | null;
  readonly reviewDueAt: Instant | null;
}

/** Who activates: a person, or the service itself once the date has come. */
export type Activator = Person | 'the-date-has-come';

export const activate = (
  bundle: Bundle,
  by: Activator,
  emergencyNow: string | undefined,
  moment: Moment,
): Decision<Activated> => {
  const next = stepBundle(bundle.state, 'activate');
  if (!next.ok) return next;
  const open = stillOpen(bundle, moment);
  if (!open.ok) return open;
  const { parts, effectiveFrom, emergency: declared, why } = open.value;
  const { at, active } = moment;
  const needed = active.approvals.neededFor(parts);
  const approvals = bundle.approvals.filter(
    ({ actor, digest }) => digest === bundle.digest && !barredFrom(bundle).includes(actor),
  );
  if (!isApproved(needed, approvals, declared !== null)) {
    const missing = approvalsMissing(needed, approvals).map(({ part, role }) => `${part}: ${role}`);
    return refused('approvals-missing', `It still needs the approval of ${missing.join('; ')}.`, 'Ask those named.');
  }
  const early = refuseEarly(effectiveFrom, by, at);
  if (early) return early;
  const emergency = emergencyOf(by, declared, emergencyNow, moment, active.approvals.activateRoles);
  if (!emergency.ok) return emergency;
  const freeze = emergency.value === null ? frozen(moment, 'activation', parts) : undefined;
  return (
    freeze ??
    allowed({
      bundle: { ...bundle, state: next.value },
      cause: 'approved',
      reason: why,
      parts,
      emergency: emergency.value,
      reviewDueAt: reviewDue(emergency.value, moment),
    })
  );
};

const refuseEarly = (effectiveFrom: Instant | null, by: Activator, at: Instant): Decision<never> | undefined => {
  if (effectiveFrom === null)
    return by === 'the-date-has-come'
      ? refused('not-due', 'It has no date and waits for a person.', 'Activate it by hand.')
      : undefined;
  return at < effectiveFrom
    ? refused(
        'not-due',
        `It becomes active at ${effectiveFrom}.`,
        'Wait, or withdraw it and propose another draft without a date.',
      )
    : undefined;
};

const emergencyOf = (
  by: Activator,
  declared: Emergency | null,
  now: string | undefined,
  moment: Moment,
  roles: Moment['active']['approvals']['activateRoles'],
): Decision<Emergency | null> => {
  if (by === 'the-date-has-come') return allowed(declared);
  const refusal = refuseRole(by, roles, 'activating');
  if (refusal) return refusal;
  return declared === null ? declare(by, now, moment) : allowed(declared);
};

const reviewDue = (emergency: Emergency | null, { at, active }: Moment): Instant | null =>
  emergency === null ? null : addDuration(at, active.approvals.reviewWithin);

/**
 * A bundle that was active before becomes active again, as the next revision. It was approved then, so it needs no approval now.
 * @param parts what it changes in the policy in force
 */
export const rollBack = (
  bundle: Bundle,
  parts: readonly BundlePart[],
  person: Person,
  request: { readonly why: string; readonly emergency?: string | undefined },
  moment: Moment,
): Decision<Activated> => {
  const next = stepBundle(bundle.state, 'restore');
  if (!next.ok) return next;
  const refusal = refuseRole(person, moment.active.approvals.rollbackRoles, 'rolling back');
  if (refusal) return refusal;
  const emergency = declare(person, request.emergency, moment);
  if (!emergency.ok) return emergency;
  const freeze = emergency.value === null ? frozen(moment, 'activation', parts) : undefined;
  return (
    freeze ??
    allowed({
      bundle: { ...bundle, state: next.value },
      cause: 'rollback',
      reason: request.why,
      parts,
      emergency: emergency.value,
      reviewDueAt: reviewDue(emergency.value, moment),
    })
  );
};

/** Looks at an emergency change afterwards. Nobody who had a part in it does. */
export const review = (
  activation: Activation,
  bundle: Bundle,
  person: Person,
  note: string,
  { at, active }: Moment,
): Decision<Activation> => {
  if (activation.reviewDueAt === null || activation.review !== null)
    return refused(
      'no-review-due',
      activation.review === null
        ? `Revision ${activation.revision} was no emergency.`
        : `Revision ${activation.revision} was reviewed at ${activation.review.at}.`,
      'Nothing is to be done.',
    );
  const program = refuseProgram(person, 'reviewing');
  if (program) return program;
  const took = [activation.activatedBy, activation.emergency?.declaredBy];
  // What a rollback brings back was written and approved long before, in no emergency.
  if (activation.cause !== 'rollback') took.push(...barredFrom(bundle), ...bundle.approvals.map(({ actor }) => actor));
  if (took.includes(person.actor))
    return refused('self-approval', `${person.actor} had a part in the change.`, 'Ask somebody who had none.');
  const roles = [...active.approvals.neededFor(activation.parts).map(({ role }) => role), ...active.approvals.emergencyRoles];
  return (
    refuseRole(person, [...new Set(roles)], 'reviewing it') ?? allowed({ ...activation, review: { by: person.actor, at, note } })
  );
};
