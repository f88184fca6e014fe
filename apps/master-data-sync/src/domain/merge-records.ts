import {
  UNASSIGNED,
  type ConnectionId,
  type CrossReference,
  type Instant,
  type MasterKind,
  type TimelineSegment,
  type WorkDate,
} from '@tieout/model';
import { sameValue, type Drift } from './drift.js';
import { followMerges, REFERENCES, type StandingMerge } from './merge-decisions.js';
import { attributesAsOf, endedOn, mergeTimelines } from './timeline.js';

/** One stored source record. Its timeline is ordered and not empty. */
export interface SourceRecord {
  readonly connection: ConnectionId;
  readonly externalId: string;
  readonly code: string;
  readonly timeline: readonly TimelineSegment[];
  readonly absentSince: Instant | null;
}

/** The system of record of an attribute, in a legal entity where that is known. */
export type OwnerOf = (attribute: string, legalEntityId?: string) => ConnectionId | undefined;

export interface MergedObject {
  /** The record whose object this is. */
  readonly creator: SourceRecord;
  /** The records that the object was made of: the creator, and one for each other connection. */
  readonly speakers: readonly SourceRecord[];
  readonly legalEntityId: string;
  readonly timeline: readonly TimelineSegment[];
  readonly crossReferences: readonly CrossReference[];
  readonly attributeSources: Readonly<Record<string, ConnectionId>>;
  readonly ambiguous: boolean;
  /** Values that a system holds which does not own them, and that differ. Ignored, and noted. */
  readonly drift: readonly Drift[];
}

/** Kinds that can end; the others stay when their source forgets them. */
const ENDS: ReadonlySet<MasterKind> = new Set(['worker', 'cost-centre', 'project', 'task', 'assignment']);
export const canEnd = (kind: MasterKind): boolean => ENDS.has(kind);

export interface MergeInput {
  readonly kind: MasterKind;
  readonly code: string;
  /** All records of all connections that claim the code. */
  readonly records: readonly SourceRecord[];
  readonly ownerOf: OwnerOf;
  /** True for the record that the object with this code came from before. */
  readonly incumbent: (record: SourceRecord) => boolean;
  /** Merges of the objects that this kind refers to. */
  readonly followed: readonly StandingMerge[];
  readonly today: WorkDate;
}

/** Puts the records of one code together. @returns undefined when none of them comes from a system that may create the object. */
export const mergeRecords = (input: MergeInput): MergedObject | undefined => {
  const { kind, code, ownerOf, today } = input;
  const ordered = [...input.records].sort((a, b) => order(a, b, input.incumbent));
  const creators = ordered.filter((record) => ownerOf('code', claimedEntity(kind, record, today)) === record.connection);
  const creator = creators[0];
  if (!creator) return undefined;

  const entity = entityOf(kind, ordered, creator, ownerOf, today);
  // The best record of each connection speaks for it.
  const speakers = [
    creator,
    ...ordered.filter(
      (r, i) => r.connection !== creator.connection && ordered.findIndex((o) => o.connection === r.connection) === i,
    ),
  ];
  const owns = (connection: ConnectionId) => (attribute: string) =>
    attribute !== 'code' && ownerOf(attribute, entity) === connection;
  const [first, ...others] = speakers.map((record) => ({ owns: owns(record.connection), timeline: record.timeline }));
  const merged = mergeTimelines(first!, others);
  const withCode = merged.map(({ validFrom, attributes }) => ({ validFrom, attributes: { ...attributes, code } }));
  const followed = follow(withCode, input);
  const gone = creator.absentSince;
  const contributing = new Set(
    speakers
      .filter((r) => r === creator || r.timeline.some((s) => Object.keys(s.attributes).some(owns(r.connection))))
      .map((r) => r.connection),
  );
  return {
    creator,
    speakers,
    legalEntityId: entity ?? UNASSIGNED,
    timeline: gone !== null && canEnd(kind) ? endedOn(followed, gone.slice(0, 10)) : followed,
    crossReferences: references(ordered),
    attributeSources: { ...sourcesOf(speakers, owns), code: creator.connection },
    ambiguous:
      claimsTwice(creators) ||
      [...contributing].some((connection) => claimsTwice(ordered.filter((r) => r.connection === connection))),
    drift: driftOf(speakers, merged, entity, input),
  };
};

/** Present before absent, the known one before a newcomer, the later absent before the earlier; then by name, so that the answer never depends on arrival. */
const order = (a: SourceRecord, b: SourceRecord, incumbent: (record: SourceRecord) => boolean): number =>
  Number(a.absentSince !== null) - Number(b.absentSince !== null) ||
  Number(incumbent(b)) - Number(incumbent(a)) ||
  (b.absentSince ?? '').localeCompare(a.absentSince ?? '') ||
  compare(a.connection, b.connection) ||
  compare(a.externalId, b.externalId);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const claimsTwice = (records: readonly SourceRecord[]): boolean =>
  records.filter(({ absentSince }) => absentSince === null).length > 1;

const claimedEntity = (kind: MasterKind, record: SourceRecord, today: WorkDate): string | undefined =>
  kind === 'legal-entity' ? record.code : attributesAsOf(record.timeline, today)['legalEntity'];

/** As the owner of `legalEntity` says; who that is may itself depend on the entity that the creator claims. */
const entityOf = (
  kind: MasterKind,
  records: readonly SourceRecord[],
  creator: SourceRecord,
  ownerOf: OwnerOf,
  today: WorkDate,
): string | undefined => {
  const claimed = claimedEntity(kind, creator, today);
  if (kind === 'legal-entity') return claimed;
  const owner = ownerOf('legalEntity', claimed);
  const record = owner === creator.connection ? creator : records.find(({ connection }) => connection === owner);
  return record && claimedEntity(kind, record, today);
};

const references = (records: readonly SourceRecord[]): CrossReference[] => {
  const present = records.filter(({ absentSince }) => absentSince === null);
  return (present.length > 0 ? present : records)
    .map(({ connection, externalId }) => ({ connection, externalId }))
    .sort((a, b) => compare(a.connection, b.connection) || compare(a.externalId, b.externalId));
};

const sourcesOf = (
  speakers: readonly SourceRecord[],
  owns: (connection: ConnectionId) => (attribute: string) => boolean,
): Record<string, ConnectionId> => {
  const sources: Record<string, ConnectionId> = {};
  for (const { connection, timeline } of speakers)
    for (const { attributes } of timeline)
      for (const name of Object.keys(attributes)) if (owns(connection)(name)) sources[name] = connection;
  return sources;
};

const follow = (timeline: readonly TimelineSegment[], { kind, followed }: MergeInput): readonly TimelineSegment[] =>
  followed.length === 0
    ? timeline
    : REFERENCES.filter((reference) => reference.kind === kind).reduce(
        (sofar, { attribute }) => followMerges(sofar, attribute, followed),
        timeline,
      );

/** As of today: a difference in the past was settled or paid, one in the future is seen when its day comes. */
const driftOf = (
  speakers: readonly SourceRecord[],
  merged: readonly TimelineSegment[],
  entity: string | undefined,
  input: MergeInput,
): Drift[] => {
  const { ownerOf, today } = input;
  const truth = attributesAsOf(follow(merged, input), today);
  const present = speakers.filter(({ absentSince }) => absentSince === null);
  const drift = present.flatMap(({ connection, externalId, timeline }) => {
    const followed = attributesAsOf(follow(timeline, input), today);
    return Object.entries(attributesAsOf(timeline, today)).flatMap(([attribute, value]): Drift[] => {
      const owner = ownerOf(attribute, entity);
      const ownerValue = truth[attribute];
      if (attribute === 'code' || owner === connection || sameValue(attribute, followed[attribute], ownerValue)) return [];
      const ownerSpeaks = present.some((speaker) => speaker.connection === owner);
      return [{ attribute, connection, externalId, value, owner, ownerValue, ownerSpeaks }];
    });
  });
  return drift.sort((a, b) => compare(a.connection, b.connection) || compare(a.attribute, b.attribute));
};
