import { addDuration, type Instant, type ReasonCode } from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';
import { approveAs, isApproved, type GivenApproval } from '../approving.js';
import { refuseProgram, refuseRole, type Person } from '../person.js';
import { allowed, refused, type Decision } from '../refusal.js';
import { step, type Transitions } from '../transitions.js';
import type { Role } from '@tieout/policy';

export const OVERRIDE_STATES = ['requested', 'active', 'ended', 'rejected', 'withdrawn', 'expired'] as const;
export type OverrideState = (typeof OVERRIDE_STATES)[number];
export const OVERRIDE_EVENTS = ['approve', 'reject', 'withdraw', 'expire', 'end'] as const;
export type OverrideEvent = (typeof OVERRIDE_EVENTS)[number];

export const OVERRIDE_TRANSITIONS: Transitions<OverrideState, OverrideEvent> = {
  requested: { approve: 'active', reject: 'rejected', withdraw: 'withdrawn', expire: 'expired' },
  active: { end: 'ended' },
  ended: {},
  rejected: {},
  withdrawn: {},
  expired: {},
};
const stepOverride = (state: OverrideState, event: OverrideEvent): Decision<OverrideState> =>
  step(OVERRIDE_TRANSITIONS, 'override', state, event);

/** This entry may pass these rules until then. */
export interface Override {
  readonly overrideId: string;
  readonly entryId: string;
  readonly legalEntityId: string;
  readonly reasons: readonly ReasonCode[];
  readonly validUntil: Instant;
  readonly why: string;
  readonly state: OverrideState;
  readonly requestedBy: string;
  readonly requestedAt: Instant;
  /** SHA-256 over what is asked for. */
  readonly digest: string;
  /** Unapproved, it is void from then on. */
  readonly expiresAt: Instant;
  readonly approvals: readonly GivenApproval[];
  /** Of what was last said to services about the entry: theirs rise over all overrides of one entry. */
  readonly revision: number;
  readonly closing: { readonly at: Instant; readonly by: string; readonly why: string } | null;
}

export type OverrideRequest = Pick<
  Override,
  'overrideId' | 'entryId' | 'legalEntityId' | 'reasons' | 'validUntil' | 'why' | 'digest'
>;

/** When it is decided, and by which policy. */
interface Now {
  readonly policy: Pick<CompiledPolicy, 'approvals' | 'waivable'>;
  readonly at: Instant;
}

/** Longer than a year is no exemption: it is a rule, and belongs into the policy. */
const LONGEST = 'P366D';

export const requestOverride = (
  request: OverrideRequest,
  person: Person,
  { policy, at, lastRevision }: Now & { readonly lastRevision: number },
): Decision<Override> => {
  const fixed = request.reasons.filter((reason) => !policy.waivable(reason));
  if (fixed.length > 0)
    return refused(
      'not-waivable',
      `The active policy lets nobody pass ${fixed.join(', ')}.`,
      'Mend the cause; the case of the entry says how.',
    );
  if (request.validUntil <= at || request.validUntil > addDuration(at, LONGEST))
    return refused(
      'until-out-of-range',
      `"until" is ${request.validUntil}; it is ${at} now.`,
      'Give an instant in the future, at most a year from now; for longer, change the rule itself.',
    );
  const { proposalsExpireAfter } = policy.approvals;
  const expiresAt = addDuration(at, proposalsExpireAfter);
  return allowed({
    ...request,
    state: 'requested',
    requestedBy: person.actor,
    requestedAt: at,
    expiresAt: expiresAt < request.validUntil ? expiresAt : request.validUntil,
    approvals: [],
    revision: lastRevision,
    closing: null,
  });
};

/** It takes effect with the last approval that the active policy wants for `overrides`. */
export const approveOverride = (
  override: Override,
  person: Person,
  request: { readonly digest: string; readonly role?: Role | undefined },
  { policy, at }: Now,
): Decision<Override> => {
  const next = stepOverride(override.state, 'approve');
  if (!next.ok) return next;
  if (at >= override.expiresAt)
    return refused('proposal-expired', `The request expired at ${override.expiresAt}.`, 'Ask for it anew.');
  const fixed = override.reasons.filter((reason) => !policy.waivable(reason));
  if (fixed.length > 0)
    return refused('not-waivable', `The policy that is active now lets nobody pass ${fixed.join(', ')}.`, 'Reject it.');
  const needed = policy.approvals.neededFor(['overrides']);
  if (needed.length === 0)
    return refused(
      'no-rule-for-part',
      'The approvals.yaml of the active policy names no role for overrides.',
      'Have a bundle approved that adds it.',
    );
  const { digest, requestedBy, approvals: given } = override;
  const approval = approveAs({ digest, barred: [requestedBy], given }, person, { ...request, at }, needed);
  if (!approval.ok) return approval;
  const approvals = [...given, approval.value];
  return allowed(
    isApproved(needed, approvals, false)
      ? { ...override, approvals, state: next.value, revision: override.revision + 1 }
      : { ...override, approvals },
  );
};

/** Takes back what was asked for, or says no to it, or ends what is in force. */
export const closeOverride = (
  override: Override,
  { event, why }: { readonly event: 'reject' | 'withdraw' | 'end'; readonly why: string },
  person: Person,
  { policy, at }: Now,
): Decision<Override> => {
  const roles = policy.approvals.neededFor(['overrides']).map(({ role }) => role);
  const own = person.actor === override.requestedBy;
  if (event === 'withdraw' && !own)
    return refused('not-yours', `${person.actor} did not ask for it.`, 'Reject or end it, if you may approve overrides.');
  const refusal =
    event === 'reject' || (event === 'end' && !own)
      ? (refuseProgram(person, 'deciding') ?? refuseRole(person, roles, 'deciding on overrides'))
      : undefined;
  return refusal ?? leave(override, event, person.actor, why, at);
};

/** What time does: what nobody approved expires, what is in force ends. @returns undefined when its time has not come */
export const passTime = (override: Override, by: string, at: Instant): Override | undefined => {
  const [event, end, why] =
    override.state === 'requested'
      ? (['expire', override.expiresAt, 'nobody approved it in time'] as const)
      : (['end', override.validUntil, 'its time is over'] as const);
  if (at < end) return undefined;
  const left = leave(override, event, by, why, at);
  return left.ok ? left.value : undefined;
};

const leave = (override: Override, event: OverrideEvent, by: string, why: string, at: Instant): Decision<Override> => {
  const next = stepOverride(override.state, event);
  if (!next.ok) return next;
  const revision = next.value === 'ended' ? override.revision + 1 : override.revision;
  return allowed({ ...override, state: next.value, revision, closing: { at, by, why } });
};
