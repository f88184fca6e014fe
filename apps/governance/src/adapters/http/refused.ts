import { APPROVER_ROLES } from '@tieout/policy';
import { Problem, type Caller } from '@tieout/service-kit';
import { counter } from '@tieout/telemetry';
import type { Person } from '../../domain/person.js';
import { REFUSALS, type Decision, type RefusalKind } from '../../domain/refusal.js';

const STATUS: Readonly<Record<RefusalKind, number>> = { missing: 404, forbidden: 403, conflict: 409, invalid: 422, later: 503 };

/** Somebody who tries again and again to approve their own change shows here. */
const refusals = counter('tieout.governance.refused', 'Changes that were asked for and refused, by code');

/** The value, or the refusal as the caller is told it. @throws Problem */
export const valueOf = <T>(decision: Decision<T>): T => {
  if (decision.ok) return decision.value;
  const { code, detail, whatToDo, errors } = decision.refusal;
  refusals.add(1, { code });
  const [kind, title] = REFUSALS[code];
  throw new Problem(STATUS[kind], code, title, detail, whatToDo, errors);
};

/** Roles that have no say in changes (auditor, service) are left out. */
export const personOf = ({ actor, roles }: Caller): Person => ({
  actor,
  roles: APPROVER_ROLES.filter((role) => roles.includes(role)),
});

/** Whoever may have a say in changes; who exactly, the active policy decides. */
export const CHANGERS = APPROVER_ROLES;
export const READERS = [...APPROVER_ROLES, 'auditor', 'service'] as const;
