import type { Clock } from '@tieout/clock';
import type { ConnectionId, MasterKind, MasterObject, ReasonCode } from '@tieout/model';
import { appendAudit, type Database, type NewAuditRow } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import { ObjectStore } from '../adapters/postgres/object.store.js';
import { SourceRecordStore } from '../adapters/postgres/source-record.store.js';
import { SyncStateStore } from '../adapters/postgres/sync-state.store.js';
import { ownershipViolations, type OwnershipViolation } from '../domain/ownership.js';
import { readable, type GivenRecord } from '../domain/snapshot.js';
import { MergeCodes } from './merge-codes.js';

export interface PushedRecords {
  readonly connection: ConnectionId;
  readonly kind: MasterKind;
  readonly records: readonly GivenRecord[];
  /** External ids of what the system has no longer. */
  readonly gone: readonly string[];
}
export interface RefusedAttribute extends OwnershipViolation {
  readonly externalId: string;
  readonly code: string;
  readonly reason: Extract<ReasonCode, 'OWNERSHIP_VIOLATION'>;
  readonly detail: string;
}
export interface PushAnswer {
  readonly taken: number;
  readonly gone: number;
  /** Objects that changed in consequence. */
  readonly changed: number;
  readonly malformed: readonly { readonly externalId: string; readonly why: string }[];
  /** Values that the system may not say: kept as sent, never believed. */
  readonly refused: readonly RefusedAttribute[];
}

/** Takes what a system sends by itself. It says what it knows; what it does not own changes nothing but what people are told. */
export class PushRecords {
  constructor(
    private readonly database: Database,
    private readonly records: SourceRecordStore,
    private readonly objects: ObjectStore,
    private readonly states: SyncStateStore,
    private readonly merges: MergeCodes,
    private readonly clock: Clock,
  ) {}

  async run(pushed: PushedRecords, policy: CompiledPolicy, actor: string): Promise<PushAnswer> {
    const { connection, kind, gone } = pushed;
    const { records, malformed } = readable(pushed.records);
    const which = { connection, kind };
    return this.database.transaction(async (tx) => {
      await this.objects.lockKind(tx, kind);
      const now = this.clock.now();
      const ids = [...records.map(({ externalId }) => externalId), ...gone];
      const before = await this.records.codesOf(tx, which, ids);
      await this.records.save(tx, which, records, now);
      await this.records.setAbsent(tx, which, gone, now);
      const codes = new Set([...records.map(({ code }) => code), ...before]);
      const changed = await this.merges.merge(tx, kind, [...codes], policy);
      const standing = Map.groupBy(await this.objects.byCodes(tx, kind, [...codes]), ({ code }) => code);
      const refused = records.flatMap((record) => {
        const known = standing.get(record.code)?.[0];
        const ownerOf = (attribute: string, entity?: string) => policy.systemOfRecord(kind, attribute, entity);
        const said = { connection, timeline: record.timeline };
        return ownershipViolations(said, known, kind, ownerOf, now.slice(0, 10)).map((violation) =>
          refusedAttribute(record, violation, which),
        );
      });
      await this.states.savePushed(tx, which, now);
      await appendAudit(tx, refusals(refused, which, standing, { actor, policyDigest: policy.digest }), now);
      return { taken: records.length, gone: gone.length, changed, malformed, refused };
    });
  }
}

const refusedAttribute = (
  { externalId, code }: GivenRecord,
  violation: OwnershipViolation,
  { connection, kind }: { readonly connection: ConnectionId; readonly kind: MasterKind },
): RefusedAttribute => {
  const { attribute, owner } = violation;
  const whose = owner === undefined ? 'policy names no system of record for it' : `its system of record is ${owner}`;
  const detail =
    attribute === 'code'
      ? `${connection} may not create ${kind} ${code}: ${whose}`
      : `${connection} may not say ${attribute} of ${kind} ${code}: ${whose}`;
  return { externalId, code, reason: 'OWNERSHIP_VIOLATION', detail, ...violation };
};

/** One row per record, not per attribute: what was refused of it, and no values. */
const refusals = (
  refused: readonly RefusedAttribute[],
  { connection, kind }: { readonly connection: ConnectionId; readonly kind: MasterKind },
  standing: ReadonlyMap<string, readonly MasterObject[]>,
  by: { readonly actor: string; readonly policyDigest: string },
): NewAuditRow[] =>
  [...Map.groupBy(refused, ({ code }) => code)].map(([code, attributes]) => ({
    ...by,
    action: 'master.write.refused',
    subjectKind: kind,
    subjectId: standing.get(code)?.[0]?.id ?? code,
    legalEntityId: standing.get(code)?.[0]?.legalEntityId ?? 'UNASSIGNED',
    after: { connection, attributes: attributes.map(({ attribute, owner }) => ({ attribute, owner })) },
    reason: 'OWNERSHIP_VIOLATION',
  }));
