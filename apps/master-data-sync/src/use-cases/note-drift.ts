import { EVENT_TYPES } from '@tieout/contracts';
import type { Instant, MasterKind } from '@tieout/model';
import { appendAudit, appendOutbox, type NewAuditRow, type NewEvent, type Tx } from '@tieout/persistence';
import { currentTraceparent } from '@tieout/telemetry';
import { DriftStore } from '../adapters/postgres/drift.store.js';
import { compareDrift, driftDetail, driftKey, driftSubject, driftSuggestion, toKnown, type KnownDrift } from '../domain/drift.js';
import type { Plan } from '../domain/plan-objects.js';
import { ACTOR } from './actor.js';

export interface FoundDrift {
  readonly kind: MasterKind;
  /** All that were merged: what is known of one of these and was not found is over. */
  readonly codes: readonly string[];
  readonly found: Plan['drift'];
  readonly policyDigest: string;
}

/** Tells people, once per change, which systems contradict a system of record. */
export class NoteDrift {
  constructor(private readonly drifts: DriftStore) {}

  async note(tx: Tx, { kind, codes, found, policyDigest }: FoundDrift, now: Instant): Promise<void> {
    const known = await this.drifts.ofCodes(tx, kind, codes);
    const present = found.flatMap(({ code, legalEntityId, drift }) => toKnown(drift, { kind, code, legalEntityId }));
    const changes = compareDrift(known, present);
    if (changes.raised.length + changes.cleared.length === 0) return;
    await this.drifts.save(tx, changes, now);
    const traceparent = currentTraceparent();
    const events: NewEvent[] = [
      ...changes.raised.map((drift): NewEvent => ({ ...raised(drift, now), traceparent })),
      ...changes.cleared.map((drift): NewEvent => ({
        type: EVENT_TYPES.conditionCleared,
        scope: [drift.legalEntityId],
        body: { itemKey: driftKey(drift), raisedBy: 'master', clearedAt: now },
        traceparent,
      })),
    ];
    await appendOutbox(tx, 'master', events, now);
    const row = (drift: KnownDrift, action: string): NewAuditRow => ({
      actor: ACTOR,
      action,
      subjectKind: drift.kind,
      subjectId: drift.code,
      legalEntityId: drift.legalEntityId,
      after: { attribute: drift.attribute, connection: drift.connection, owner: drift.owner },
      reason: 'MASTER_DATA_DRIFT',
      policyDigest,
      traceparent,
    });
    await appendAudit(
      tx,
      [
        ...changes.raised.map((drift) => row(drift, 'master.drift.raised')),
        ...changes.cleared.map((drift) => row(drift, 'master.drift.cleared')),
      ],
      now,
    );
  }
}

const raised = (drift: KnownDrift, raisedAt: Instant): NewEvent => ({
  type: EVENT_TYPES.conditionRaised,
  scope: [drift.legalEntityId],
  body: {
    itemKey: driftKey(drift),
    raisedBy: 'master',
    reason: 'MASTER_DATA_DRIFT',
    subjectKey: driftSubject(drift),
    legalEntityId: drift.legalEntityId,
    detail: driftDetail(drift),
    suggestion: driftSuggestion(drift),
    raisedAt,
  },
});
