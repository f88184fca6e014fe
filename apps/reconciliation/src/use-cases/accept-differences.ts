import { COMMANDS, EVENT_TYPES, type AcceptDifferencesV1 } from '@tieout/contracts';
import { appendAudit, appendOutbox, type NewEvent } from '@tieout/persistence';
import type { SecondPerson, ServiceRuntime } from '@tieout/service-kit';
import { lockByIds, putAcceptance, putReopened } from '../adapters/postgres/difference.store.js';
import {
  selectDifferences,
  sizeOfDifferences,
  type Acceptance,
  type LeftAlone,
  type StandingDifference,
} from '../domain/difference-state.js';
import { differenceAudit, differenceFoundEvent, peopleOf } from './difference-records.js';

export interface AcceptAnswer {
  readonly accepted: number;
  readonly refused: readonly LeftAlone[];
}
export interface ReopenAnswer {
  readonly reopened: number;
  readonly refused: readonly LeftAlone[];
}
export type Reopen = Pick<AcceptDifferencesV1, 'actor' | 'differenceIds' | 'reason'>;

/** People say which differences stand as they are, and why; or that one is to be looked at again after all. */
export class AcceptDifferences {
  constructor(
    private readonly runtime: Pick<ServiceRuntime, 'database' | 'clock' | 'policy'>,
    private readonly secondPerson: Pick<SecondPerson, 'pass'>,
  ) {}

  /** What is not there any more as it was seen is left alone. @throws Problem where a second person must agree, or a grant does not count */
  accept(command: AcceptDifferencesV1): Promise<AcceptAnswer> {
    const { database, clock, policy } = this.runtime;
    const { differenceIds, reason, actor, grant } = command;
    const { gate } = this.secondPerson.pass('accept-difference', COMMANDS.acceptDifferences, command);
    return database.transaction(async (tx) => {
      const { chosen, leftAlone } = selectDifferences('accept', differenceIds, await lockByIds(tx, differenceIds));
      // A grant is looked at even when nothing is left to do: who sends it once more learns that it is used up.
      if (chosen.length > 0 || grant !== undefined) await gate(tx, sizeOfDifferences(chosen));
      if (chosen.length === 0) return { accepted: 0, refused: leftAlone };
      const now = clock.now();
      const acceptance: Acceptance = {
        acceptedAt: now,
        acceptedBy: actor,
        approvedBy: grant?.approvedBy ?? null,
        acceptedReason: reason,
      };
      await putAcceptance(tx, idsOf(chosen), acceptance);
      const after = { state: 'accepted', ...peopleOf(acceptance), ...(grant && { requestId: grant.requestId }) };
      const change = { actor, action: 'difference.accepted', reason, policyDigest: policy.current().digest, after };
      await appendAudit(
        tx,
        chosen.map((one) => differenceAudit(one, change)),
        now,
      );
      await appendOutbox(
        tx,
        'reconciliation',
        chosen.map(({ differenceKey, runId, legalEntityId }): NewEvent => ({
          type: EVENT_TYPES.differenceResolved,
          scope: [legalEntityId],
          body: { differenceKey, runId, legalEntityId, resolvedAt: now, cause: 'accepted' },
        })),
        now,
      );
      return { accepted: chosen.length, refused: leftAlone };
    });
  }

  /** Needs no second person: it only brings back what was found. */
  reopen({ differenceIds, reason, actor }: Reopen): Promise<ReopenAnswer> {
    const { database, clock, policy } = this.runtime;
    return database.transaction(async (tx) => {
      const { chosen, leftAlone } = selectDifferences('reopen', differenceIds, await lockByIds(tx, differenceIds));
      const now = clock.now();
      await putReopened(tx, idsOf(chosen), now);
      const change = {
        actor,
        action: 'difference.reopened',
        reason,
        policyDigest: policy.current().digest,
        after: { state: 'open' },
      };
      await appendAudit(
        tx,
        chosen.map((one) => differenceAudit(one, change)),
        now,
      );
      await appendOutbox(
        tx,
        'reconciliation',
        chosen.map((one) => differenceFoundEvent(one, one.runId, now)),
        now,
      );
      return { reopened: chosen.length, refused: leftAlone };
    });
  }
}

const idsOf = (differences: readonly StandingDifference[]): string[] => differences.map(({ differenceId }) => differenceId);
