import {
  contentHash,
  masterIdOf,
  type ConnectionId,
  type MasterKind,
  type MasterObject,
  type MergedInto,
  type WorkDate,
} from '@tieout/model';
import type { Drift } from './drift.js';
import { formerCodes } from './former-codes.js';
import type { StandingMerge } from './merge-decisions.js';
import { canEnd, mergeRecords, type MergedObject, type OwnerOf, type SourceRecord } from './merge-records.js';
import { endedOn } from './timeline.js';

/** Which canonical object a source record belongs to. */
export interface Reference {
  readonly connection: ConnectionId;
  readonly externalId: string;
  readonly id: string;
}

export interface PlanInput {
  readonly kind: MasterKind;
  /** The codes that something changed under, old codes of renamed records among them. */
  readonly codes: readonly string[];
  /** Every record of every connection that claims one of the codes. */
  readonly records: readonly SourceRecord[];
  /** Objects that hold one of the codes, are referenced by one of the records, or have an id that a new object of these codes would take. */
  readonly objects: readonly MasterObject[];
  readonly references: readonly Reference[];
  readonly ownerOf: OwnerOf;
  /** What people decided, by the id of the object that was merged. */
  readonly merges: ReadonlyMap<string, MergedInto>;
  /** Merges of the objects that this kind refers to. */
  readonly followed: readonly StandingMerge[];
  readonly today: WorkDate;
}

export interface ObjectChange {
  readonly before: MasterObject | undefined;
  readonly after: MasterObject;
  readonly drift: readonly Drift[];
}
export interface Plan {
  readonly changes: readonly ObjectChange[];
  /** Whatever contradicts an owner now, changed or not. */
  readonly drift: readonly { readonly code: string; readonly legalEntityId: string; readonly drift: readonly Drift[] }[];
  readonly references: readonly Reference[];
}

const referenceKey = (connection: ConnectionId, externalId: string): string => JSON.stringify([connection, externalId]);

/** What the canonical objects of these codes should look like now. */
export const planObjects = (input: PlanInput): Plan => {
  const byId = new Map(input.objects.map((object) => [object.id, object]));
  const referenced = new Map(input.references.map((r) => [referenceKey(r.connection, r.externalId), r.id]));
  const merged = mergeAll(input, byId, referenced);
  const ids = chooseIds(input, merged, byId, referenced);

  const changes: ObjectChange[] = [];
  const drifted: Plan['drift'][number][] = [];
  for (const [code, one] of merged) {
    const id = ids.get(code)!;
    const before = byId.get(id);
    const after = toObject(input, id, code, one, before);
    if (after !== before) changes.push({ before, after, drift: one.drift });
    if (one.drift.length > 0) drifted.push({ code, legalEntityId: after.legalEntityId, drift: one.drift });
  }
  changes.push(...abandoned(input, merged, new Set(ids.values())));
  // A second claimant of a code gets no reference: whose it is, is what a person has to decide.
  const references = [...merged].flatMap(([code, { speakers }]) =>
    speakers
      .map(({ connection, externalId }) => ({ connection, externalId, id: ids.get(code)! }))
      .filter(({ connection, externalId, id }) => referenced.get(referenceKey(connection, externalId)) !== id),
  );
  return { changes, drift: drifted, references };
};

const mergeAll = (
  { kind, codes, records, ownerOf, followed, today }: PlanInput,
  byId: ReadonlyMap<string, MasterObject>,
  referenced: ReadonlyMap<string, string>,
): Map<string, MergedObject> => {
  const byCode = Map.groupBy(records, ({ code }) => code);
  const merged = new Map<string, MergedObject>();
  for (const code of [...codes].sort()) {
    const incumbent = (r: SourceRecord): boolean =>
      byId.get(referenced.get(referenceKey(r.connection, r.externalId)) ?? '')?.code === code;
    const one = mergeRecords({ kind, code, records: byCode.get(code) ?? [], ownerOf, incumbent, followed, today });
    if (one) merged.set(code, one);
  }
  return merged;
};

/**
 * An object keeps its id when its record gets another code, and when the record is made anew under the same code. The id of a new
 * object follows from its code, unless an object that was renamed holds that id.
 */
const chooseIds = (
  { kind, objects }: PlanInput,
  merged: ReadonlyMap<string, MergedObject>,
  byId: ReadonlyMap<string, MasterObject>,
  referenced: ReadonlyMap<string, string>,
): Map<string, string> => {
  const ids = new Map<string, string>();
  const taken = new Set<string>();
  const take = (code: string, id: string | undefined): boolean => {
    if (id === undefined || taken.has(id)) return false;
    ids.set(code, id);
    taken.add(id);
    return true;
  };
  for (const [code, { creator }] of merged) {
    const id = referenced.get(referenceKey(creator.connection, creator.externalId));
    if (id !== undefined && byId.has(id)) take(code, id);
  }
  for (const [code, { creator }] of merged) {
    if (ids.has(code) || take(code, objects.find((o) => o.code === code && !taken.has(o.id))?.id)) continue;
    const usual = masterIdOf(kind, code);
    if (byId.has(usual) || !take(code, usual))
      take(code, masterIdOf(kind, JSON.stringify([code, creator.connection, creator.externalId])));
  }
  return ids;
};

/** Objects whose every record went over to another object: they end today. */
const abandoned = (
  { kind, codes, records, objects, today }: PlanInput,
  merged: ReadonlyMap<string, MergedObject>,
  kept: ReadonlySet<string>,
): ObjectChange[] => {
  if (!canEnd(kind)) return [];
  const claimed = new Set(records.map(({ code }) => code));
  return objects.flatMap((before) => {
    if (!codes.includes(before.code) || kept.has(before.id) || (claimed.has(before.code) && !merged.has(before.code))) return [];
    const after = revised(before, {
      ...before,
      timeline: endedOn(before.timeline, today),
      crossReferences: [],
      ambiguous: false,
    });
    return after === before ? [] : [{ before, after, drift: [] }];
  });
};

const toObject = (
  { kind, merges, today }: PlanInput,
  id: string,
  code: string,
  one: MergedObject,
  before: MasterObject | undefined,
): MasterObject => {
  const { legalEntityId, timeline, crossReferences, attributeSources, ambiguous } = one;
  const former = formerCodes(before, code, one.creator.timeline, today);
  const mergedInto = merges.get(id);
  return revised(before, {
    ...{ kind, id, code, revision: 1, legalEntityId, timeline, crossReferences, attributeSources, ambiguous },
    ...(former.length > 0 && { formerCodes: former }),
    ...(mergedInto && { mergedInto }),
    // Whose days these are depends on other objects: see identities.ts.
    ...(before?.sharedIdentity && { sharedIdentity: before.sharedIdentity }),
  });
};

/** The object as it was, when nothing in it changed; else with the next revision. */
export const revised = (before: MasterObject | undefined, now: MasterObject): MasterObject => {
  if (before === undefined) return { ...now, revision: 1 };
  return objectHash(before) === objectHash(now) ? before : { ...now, revision: before.revision + 1 };
};

const objectHash = ({ revision: _revision, ...content }: MasterObject): string => contentHash(content);
