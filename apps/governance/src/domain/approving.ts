import type { BundlePart, Role } from '@tieout/policy';
import type { Instant } from '@tieout/model';
import { refuseProgram, type Person } from './person.js';
import { allowed, refused, type Decision } from './refusal.js';

/** One person said yes, in one role that they hold, to exactly this. */
export interface GivenApproval {
  readonly actor: string;
  readonly role: Role;
  readonly digest: string;
  readonly at: Instant;
}

export interface NeededApproval {
  readonly part: BundlePart;
  readonly role: Role;
}

/** What waits for approvals: a bundle, an override. */
export interface Approvable {
  /** SHA-256 of what is approved. */
  readonly digest: string;
  /** Author, proposer, and whoever wrote it elsewhere: none of them approves it. */
  readonly barred: readonly string[];
  readonly given: readonly GivenApproval[];
}

export const approvalsMissing = (needed: readonly NeededApproval[], given: readonly GivenApproval[]): NeededApproval[] =>
  needed.filter(({ role }) => !given.some((approval) => approval.role === role));

/**
 * Whether nothing is missing. At least one approval by somebody else always is needed, also where the rules ask for none. In an emergency
 * one is enough; the review afterwards is for the rest.
 */
export const isApproved = (needed: readonly NeededApproval[], given: readonly GivenApproval[], emergency: boolean): boolean =>
  given.length > 0 && (emergency || approvalsMissing(needed, given).length === 0);

/** @param role the one to approve in; where the person holds only one that is needed, it may be left out */
export const approveAs = (
  { digest, barred, given }: Approvable,
  person: Person,
  asked: { readonly digest: string; readonly role?: Role | undefined; readonly at: Instant },
  needed: readonly NeededApproval[],
): Decision<GivenApproval> => {
  const program = refuseProgram(person, 'approving');
  if (program) return program;
  if (barred.includes(person.actor))
    return refused('self-approval', `${person.actor} wrote or proposed it.`, 'Ask somebody else who has the role to approve it.');
  if (asked.digest !== digest)
    return refused(
      'another-digest',
      `The approval names the digest ${asked.digest.slice(0, 12)}; this one has ${digest.slice(0, 12)}.`,
      'Look at it again as it stands now, and approve its digest.',
    );
  if (given.some(({ actor }) => actor === person.actor))
    return refused('already-approved', `${person.actor} has approved it already; one person approves once.`, 'Ask the others.');
  const role = roleToApproveIn(person, asked.role, needed, given);
  return role.ok ? allowed({ actor: person.actor, role: role.value, digest, at: asked.at }) : role;
};

const roleToApproveIn = (
  person: Person,
  wanted: Role | undefined,
  needed: readonly NeededApproval[],
  given: readonly GivenApproval[],
): Decision<Role> => {
  const roles = [...new Set(needed.map(({ role }) => role))];
  const list = needed.map(({ part, role }) => `${part}: ${role}`).join('; ');
  if (wanted !== undefined && !person.roles.includes(wanted))
    return refused('role-not-held', `${person.actor} does not have the role ${wanted}.`, 'Approve in a role that you have.');
  if (wanted !== undefined && !roles.includes(wanted))
    return refused('role-not-needed', `It needs the approval of ${list}; ${wanted} is none of them.`, 'Ask those named.');
  const open = approvalsMissing(needed, given).map(({ role }) => role);
  const held = roles.filter((role) => person.roles.includes(role));
  // First what is still missing: a second yes in the same role helps nobody.
  const role = wanted ?? held.find((one) => open.includes(one)) ?? held[0];
  if (role === undefined)
    return refused(
      'role-not-held',
      `It needs the approval of ${list}; ${person.actor} has ${person.roles.join(', ') || 'no role'}.`,
      'Ask somebody who has one of these roles.',
    );
  return allowed(role);
};
