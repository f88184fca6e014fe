import { decimal } from '@tieout/model';
import type { Bundle } from '../bundle/schemas.js';
import type { ApprovalRules, CompiledPolicy } from '../compiled-policy.js';

export const compileApprovals = (file: Bundle['approvals.yaml']): ApprovalRules => ({
  neededFor: (parts) => parts.flatMap((part) => file.approvers[part].map((role) => ({ part, role }))),
  proposalsExpireAfter: file.proposalsExpireAfter,
  activateRoles: file.activate,
  rollbackRoles: file.rollBack,
  emergencyRoles: file.declareEmergency,
  reviewWithin: file.reviewWithin,
});

/** Zero lines: always. Money in a currency without a threshold is too much of it, unless the action has no threshold for money at all. */
export const compileSecondPerson =
  ({ secondPerson }: Bundle['approvals.yaml']): CompiledPolicy['secondPerson'] =>
  (action, size) => {
    const { lines, amounts } = secondPerson[action];
    if (lines !== undefined && (lines === 0 || size.lines > lines)) return true;
    if (amounts === undefined) return false;
    return Object.entries(size.amounts).some(([currency, amount]) => {
      const limit = Object.hasOwn(amounts, currency) ? amounts[currency]! : '0';
      return decimal(amount).abs().greaterThan(limit);
    });
  };
