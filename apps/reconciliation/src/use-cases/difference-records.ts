import { EVENT_TYPES } from '@tieout/contracts';
import type { Instant } from '@tieout/model';
import type { NewEvent } from '@tieout/persistence';
import { stateOf, type Acceptance, type StandingDifference } from '../domain/difference-state.js';
import type { Difference } from '../domain/tie-out.js';

type Told = Pick<
  Difference,
  'differenceKey' | 'reason' | 'destination' | 'legalEntityId' | 'entryId' | 'detail' | 'hours' | 'amount' | 'currency'
>;

export const differenceFoundEvent = (difference: Told, runId: string, now: Instant): NewEvent => {
  const { differenceKey, reason, destination, legalEntityId, entryId, detail, hours, amount, currency } = difference;
  return {
    type: EVENT_TYPES.differenceFound,
    scope: [legalEntityId],
    body: {
      differenceKey,
      reason,
      destination,
      legalEntityId,
      detail,
      hours,
      amount,
      currency,
      ...(entryId !== null && { entryId }),
      runId,
      foundAt: now,
    },
  };
};

/** What became of a difference that somebody accepts, opens again, or that changed after it was accepted. */
export const differenceAudit = (
  before: StandingDifference,
  change: { actor: string; action: string; reason: string; policyDigest: string; after: object },
) => ({
  actor: change.actor,
  action: change.action,
  subjectKind: 'difference',
  subjectId: before.differenceKey,
  legalEntityId: before.legalEntityId,
  before: {
    state: stateOf(before),
    differenceId: before.differenceId,
    detail: before.detail,
    variance: { hours: before.varianceHours, amount: before.varianceAmount },
    currency: before.currency,
    ...peopleOf(before.acceptance),
  },
  after: change.after,
  policyDigest: change.policyDigest,
  reason: change.reason,
});

/** What a person wrote stands in the audit's `reason` alone, where it can be erased. */
export const peopleOf = (acceptance: Acceptance | null): Partial<Omit<Acceptance, 'acceptedReason'>> => {
  if (acceptance === null) return {};
  const { acceptedAt, acceptedBy, approvedBy } = acceptance;
  return { acceptedAt, acceptedBy, approvedBy };
};
