import type { Instant } from '@tieout/model';
import type { Role } from '@tieout/policy';
import { approveAs, isApproved } from '../approving.js';
import { refuseProgram, refuseRole, type Person } from '../person.js';
import { allowed, refused, type Decision } from '../refusal.js';
import { barredFrom, stepBundle, type Bundle, type Proposal } from './bundle.js';
import type { Moment } from './moment.js';

export interface ApprovalRequest {
  /** Of the bundle that was looked at. */
  readonly digest: string;
  readonly role?: Role | undefined;
}

/** The rules are those of the policy in force: a proposal cannot loosen them for itself. */
export const approve = (bundle: Bundle, person: Person, request: ApprovalRequest, moment: Moment): Decision<Bundle> => {
  const next = stepBundle(bundle.state, 'approve');
  if (!next.ok) return next;
  const open = stillOpen(bundle, moment);
  if (!open.ok) return open;
  const needed = moment.active.approvals.neededFor(open.value.parts);
  const approval = approveAs(
    { digest: open.value.digest, barred: barredFrom(bundle), given: bundle.approvals },
    person,
    { ...request, at: moment.at },
    needed,
  );
  if (!approval.ok) return approval;
  const approvals = [...bundle.approvals, approval.value];
  const complete = isApproved(needed, approvals, open.value.emergency !== null);
  return allowed({ ...bundle, approvals, state: complete ? next.value : bundle.state });
};

/** Neither expired nor overtaken. */
export const stillOpen = (bundle: Bundle, { at, active }: Moment): Decision<Proposal & { readonly digest: string }> => {
  const { proposal, digest } = bundle;
  if (proposal === null || digest === null)
    return refused('wrong-state', 'The bundle has not been proposed.', 'Propose it first.');
  if (at >= proposal.expiresAt)
    return refused(
      'proposal-expired',
      `The proposal expired at ${proposal.expiresAt}.`,
      'Make a new draft from the policy that is active now, and propose it.',
    );
  if (proposal.baseDigest !== active.digest)
    return refused(
      'base-changed',
      'Another policy was activated after this was proposed; activating this one would undo it.',
      'Make a new draft from the policy that is active now, and propose it.',
    );
  return allowed({ ...proposal, digest });
};

/** Whoever may approve may also say no. */
export const reject = (bundle: Bundle, person: Person, why: string, moment: Moment): Decision<Bundle> => {
  const next = stepBundle(bundle.state, 'reject');
  if (!next.ok) return next;
  const needed = moment.active.approvals.neededFor(bundle.proposal?.parts ?? []).map(({ role }) => role);
  const refusal = refuseProgram(person, 'rejecting') ?? refuseRole(person, needed, 'rejecting it');
  return refusal ?? closed(bundle, next.value, person.actor, why, moment.at);
};

/** Its author and whoever proposed it may take it back. */
export const withdraw = (bundle: Bundle, person: Person, why: string, at: Instant): Decision<Bundle> => {
  const next = stepBundle(bundle.state, 'withdraw');
  if (!next.ok) return next;
  if (person.actor !== bundle.author && person.actor !== bundle.proposal?.by)
    return refused('not-yours', `${person.actor} neither wrote nor proposed it.`, 'Reject it instead, if you may approve it.');
  return closed(bundle, next.value, person.actor, why, at);
};

export const expire = (bundle: Bundle, by: string, why: string, at: Instant): Decision<Bundle> => {
  const next = stepBundle(bundle.state, 'expire');
  return next.ok ? closed(bundle, next.value, by, why, at) : next;
};

const closed = (bundle: Bundle, state: Bundle['state'], by: string, why: string, at: Instant): Decision<Bundle> =>
  allowed({ ...bundle, state, closing: { at, by, why } });
