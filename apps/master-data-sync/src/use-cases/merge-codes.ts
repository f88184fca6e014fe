import type { Clock } from '@tieout/clock';
import { EVENT_TYPES, type MasterObjectChangedV1 } from '@tieout/contracts';
import type { Instant, MasterKind, MasterObject } from '@tieout/model';
import { appendAudit, appendOutbox, type NewAuditRow, type Tx } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import { currentTraceparent } from '@tieout/telemetry';
import { ObjectStore } from '../adapters/postgres/object.store.js';
import { SourceRecordStore } from '../adapters/postgres/source-record.store.js';
import { planObjects, type Plan } from '../domain/plan-objects.js';

export const ACTOR = 'service:master-data-sync';

/** Brings the canonical objects of some codes in line with what the sources say: state, audit and events in the caller's transaction. */
export class MergeCodes {
  constructor(
    private readonly records: SourceRecordStore,
    private readonly objects: ObjectStore,
    private readonly clock: Clock,
  ) {}

  async merge(tx: Tx, kind: MasterKind, codes: readonly string[], policy: CompiledPolicy): Promise<number> {
    if (codes.length === 0) return 0;
    await this.objects.lockKind(tx, kind);
    const records = await this.records.byCodes(tx, kind, codes);
    const references = await this.objects.references(tx, kind, records);
    const objects = await this.objects.forMerge(tx, kind, codes, references);
    const now = this.clock.now();
    const plan = planObjects({
      kind,
      codes,
      records,
      objects,
      references,
      ownerOf: (attribute, legalEntityId) => policy.systemOfRecord(kind, attribute, legalEntityId),
      today: now.slice(0, 10),
    });
    await this.objects.save(tx, kind, plan.changes, plan.references, now);
    await this.#tell(tx, plan, policy, now);
    return plan.changes.length;
  }

  async #tell(tx: Tx, plan: Plan, policy: CompiledPolicy, now: Instant): Promise<void> {
    const traceparent = currentTraceparent();
    const about = (object: MasterObject) => ({
      actor: ACTOR,
      subjectKind: object.kind,
      subjectId: object.id,
      legalEntityId: object.legalEntityId,
      policyDigest: policy.digest,
      traceparent,
    });
    const rows: NewAuditRow[] = plan.changes.map(({ before, after, drift }) => ({
      ...about(after),
      action: before ? 'master.object.changed' : 'master.object.created',
      before,
      after: drift.length > 0 ? { ...after, ignoredDrift: drift } : after,
    }));
    for (const { object, drift } of plan.drifted)
      rows.push({
        ...about(object),
        action: 'master.object.drift-ignored',
        after: { revision: object.revision, ignoredDrift: drift },
      });
    await appendAudit(tx, rows, now);
    await appendOutbox(
      tx,
      'master',
      plan.changes.map(({ after }) => ({
        type: EVENT_TYPES.masterChanged,
        scope: [after.kind, after.id],
        body: after as unknown as MasterObjectChangedV1,
        traceparent,
      })),
      now,
    );
  }
}
