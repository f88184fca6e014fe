import type { Clock } from '@tieout/clock';
import { EVENT_TYPES, type MasterObjectChangedV1 } from '@tieout/contracts';
import type { Instant, MasterKind, MasterObject } from '@tieout/model';
import { appendAudit, appendOutbox, type NewAuditRow, type Tx } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import { currentTraceparent } from '@tieout/telemetry';
import { MergeDecisionStore } from '../adapters/postgres/merge-decision.store.js';
import { ObjectStore } from '../adapters/postgres/object.store.js';
import { SourceRecordStore } from '../adapters/postgres/source-record.store.js';
import { personOf, withSharedIdentities } from '../domain/identities.js';
import { REFERENCES } from '../domain/merge-decisions.js';
import { planObjects, revised, type ObjectChange } from '../domain/plan-objects.js';
import { ACTOR } from './actor.js';
import { NoteDrift } from './note-drift.js';

/** Brings the canonical objects of some codes in line with what the sources say: state, audit and events in the caller's transaction. */
export class MergeCodes {
  constructor(
    private readonly records: SourceRecordStore,
    private readonly objects: ObjectStore,
    private readonly decisions: MergeDecisionStore,
    private readonly drift: NoteDrift,
    private readonly clock: Clock,
  ) {}

  /** `by`: the person whose decision it is, where it is one. @returns how many objects changed */
  async merge(tx: Tx, kind: MasterKind, codes: readonly string[], policy: CompiledPolicy, by?: string): Promise<number> {
    if (codes.length === 0) return 0;
    await this.objects.lockKind(tx, kind);
    const records = await this.records.byCodes(tx, kind, codes);
    const references = await this.objects.references(tx, kind, records);
    const objects = await this.objects.forMerge(tx, kind, codes, references);
    const referred = REFERENCES.find((reference) => reference.kind === kind);
    const now = this.clock.now();
    const plan = planObjects({
      kind,
      codes,
      records,
      objects,
      references,
      ownerOf: (attribute, legalEntityId) => policy.systemOfRecord(kind, attribute, legalEntityId),
      merges: await this.decisions.standing(tx, kind),
      followed: referred ? await this.decisions.followed(tx, referred.to) : [],
      today: now.slice(0, 10),
    });
    const changes = kind === 'worker' ? await this.#withIdentities(tx, plan.changes) : plan.changes;
    await this.objects.save(tx, kind, changes, plan.references, now);
    await this.#tell(tx, changes, policy, now, by ?? ACTOR);
    await this.drift.note(tx, { kind, codes, found: plan.drift, policyDigest: policy.digest }, now);
    return changes.length;
  }

  /** Whether a person is active twice is told by other objects too: those of the same person change along. */
  async #withIdentities(tx: Tx, changes: readonly ObjectChange[]): Promise<readonly ObjectChange[]> {
    const persons = new Set<string>();
    for (const { before, after } of changes)
      for (const object of [before, after]) {
        const person = object && personOf(object);
        if (person !== undefined) persons.add(person);
      }
    if (persons.size === 0) return changes;
    const planned = new Map(changes.map((change) => [change.after.id, change]));
    const same = (await this.objects.ofPersons(tx, [...persons])).filter(({ id }) => !planned.has(id));
    return withSharedIdentities([...changes.map(({ after }) => after), ...same]).flatMap((object): ObjectChange[] => {
      const change = planned.get(object.id);
      const before = change ? change.before : same.find(({ id }) => id === object.id);
      const after = revised(before, object);
      return after === before ? [] : [{ before, after, drift: change?.drift ?? [] }];
    });
  }

  async #tell(tx: Tx, changes: readonly ObjectChange[], policy: CompiledPolicy, now: Instant, actor: string): Promise<void> {
    const traceparent = currentTraceparent();
    const about = (object: MasterObject) => ({
      actor,
      subjectKind: object.kind,
      subjectId: object.id,
      legalEntityId: object.legalEntityId,
      policyDigest: policy.digest,
      traceparent,
    });
    const rows: NewAuditRow[] = changes.map(({ before, after, drift }) => ({
      ...about(after),
      action: before ? 'master.object.changed' : 'master.object.created',
      before,
      after: drift.length > 0 ? { ...after, ignoredDrift: drift.map(whichValue) } : after,
    }));
    await appendAudit(tx, rows, now);
    await appendOutbox(
      tx,
      'master',
      changes.map(({ after }) => ({
        type: EVENT_TYPES.masterChanged,
        scope: [after.kind, after.id],
        body: after as unknown as MasterObjectChangedV1,
        traceparent,
      })),
      now,
    );
  }
}

/** Which value was ignored, and not the value: it may tell of a person. */
const whichValue = ({ attribute, connection }: ObjectChange['drift'][number]): object => ({ attribute, connection });
