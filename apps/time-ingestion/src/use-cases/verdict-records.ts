import { EVENT_TYPES, type AppliedOverrideV1 } from '@tieout/contracts';
import type { Instant } from '@tieout/model';
import type { NewAuditRow, NewEvent } from '@tieout/persistence';
import type { AssessedRow, DecisionRow } from '../adapters/postgres/entry.store.js';
import type { TimeEntryRow } from '../adapters/postgres/entry.table.js';
import type { Decision } from '../domain/decide.js';
import type { AppliedOverride } from '../domain/override.js';

/** An entry with what was decided about it: nothing to tell, one word or two. */
export interface Judged {
  readonly row: TimeEntryRow;
  readonly decisions: readonly Decision[];
  readonly assessed: AssessedRow;
}

/** Under which bundle, when, and by which service. */
export interface DecidedUnder {
  readonly policyDigest: string;
  readonly decidedAt: Instant;
  readonly service: string;
}

export const eventOf = (
  { row, assessed }: Judged,
  decision: Decision,
  { policyDigest, decidedAt }: DecidedUnder,
  traceparent: string | undefined,
): NewEvent => {
  const base = {
    entryId: row.entry_id,
    decisionNo: decision.decisionNo,
    versionNo: row.version_no,
    connection: row.connection,
    sourceId: row.source_id,
    legalEntityId: assessed.legalEntityId,
    policyDigest,
    decidedAt,
    ...('override' in decision && decision.override !== undefined && { override: shownOverride(decision.override) }),
  };
  const scope = [assessed.legalEntityId];
  const approvedAt = row.approval?.at;
  switch (decision.kind) {
    case 'released':
      return {
        type: EVENT_TYPES.entryReleased,
        scope,
        traceparent,
        body: {
          ...base,
          releaseNo: decision.releaseNo,
          ...(approvedAt !== undefined && { approvedAt }),
          content: { ...decision.content, routes: [...decision.content.routes] },
        },
      } as NewEvent;
    case 'withdrawn':
      return {
        type: EVENT_TYPES.entryWithdrawn,
        scope,
        traceparent,
        body: { ...base, releaseNo: decision.releaseNo, cause: decision.cause },
      };
    case 'held': {
      const { workerCode, projectCode, workDate, hours } = row.content;
      return {
        type: EVENT_TYPES.entryHeld,
        scope,
        traceparent,
        body: {
          ...base,
          workerCode,
          projectCode,
          workDate,
          hours,
          ...(decision.cost && { amount: decision.cost.amount, currency: decision.cost.currency }),
          ...(approvedAt !== undefined && { approvedAt }),
          refusals: [...decision.refusals],
        },
      };
    }
  }
};

const shownOverride = ({ overrideId, approvedBy, reasons }: AppliedOverride): AppliedOverrideV1 => ({
  overrideId,
  approvedBy,
  reasons: [...reasons],
});

export const decisionRow = (row: TimeEntryRow, decision: Decision): DecisionRow => ({
  entryId: row.entry_id,
  decisionNo: decision.decisionNo,
  versionNo: row.version_no,
  releaseNo: 'releaseNo' in decision ? decision.releaseNo : null,
  kind: decision.kind,
  body: decision,
});

export const auditOf = (
  { row, assessed }: Judged,
  decision: Decision,
  { policyDigest, service }: DecidedUnder,
  traceparent: string | undefined,
): NewAuditRow => {
  const override = 'override' in decision ? decision.override : undefined;
  return {
    actor: `service:${service}`,
    action: `entry.${decision.kind}`,
    subjectKind: 'time-entry',
    subjectId: row.entry_id,
    legalEntityId: assessed.legalEntityId,
    before: { verdict: row.verdict, releaseNo: row.release_no },
    after: {
      verdict: assessed.standing.verdict,
      releaseNo: assessed.standing.releaseNo,
      versionNo: row.version_no,
      ...(override !== undefined && { override: shownOverride(override) }),
    },
    policyDigest,
    ...(decision.kind === 'held' && { reason: decision.refusals.map(({ reason }) => reason).join(',') }),
    ...(decision.kind === 'withdrawn' && { reason: decision.cause }),
    ...(traceparent !== undefined && { traceparent }),
  };
};
