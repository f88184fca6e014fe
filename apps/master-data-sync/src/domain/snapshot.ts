import { contentHash, type Instant, type TimelineSegment } from '@tieout/model';
import { orderedTimeline, timelineProblem } from './timeline.js';

/** An object as a source gave it. */
export interface GivenRecord {
  readonly externalId: string;
  readonly code: string;
  readonly timeline: readonly TimelineSegment[];
}
export interface HashedRecord extends GivenRecord {
  readonly hash: string;
}
/** What is stored of a record since the last complete snapshot. */
export interface KnownRecord {
  readonly externalId: string;
  readonly code: string;
  readonly hash: string;
  /** The last snapshot did not have it. */
  readonly missed: boolean;
  readonly absentSince: Instant | null;
}
export interface MalformedRecord {
  readonly externalId: string;
  readonly why: string;
}

export interface MassDeletionLimit {
  readonly share: number;
  readonly count: number;
}

export interface SnapshotChanges {
  /** New, changed, or back again: to be stored. */
  readonly changed: readonly HashedRecord[];
  /** Missing for the first time: nothing follows from that yet. */
  readonly missed: readonly KnownRecord[];
  /** Missing from two complete snapshots in a row. */
  readonly vanished: readonly KnownRecord[];
  /** Missed last time, here again, unchanged. */
  readonly found: readonly KnownRecord[];
}
export type SnapshotComparison =
  | ({ readonly kind: 'changes' } & SnapshotChanges)
  | { readonly kind: 'mass-deletion'; readonly gone: number; readonly known: number };

/** Splits what a source sent into what can be used and what cannot, with the reason. */
export const readable = (
  records: readonly GivenRecord[],
): { readonly records: HashedRecord[]; readonly malformed: MalformedRecord[] } => {
  const good = new Map<string, HashedRecord>();
  const malformed: MalformedRecord[] = [];
  for (const { externalId, code, timeline } of records) {
    const why = code.trim() === '' ? 'the code is empty' : timelineProblem(timeline);
    if (why !== undefined) {
      malformed.push({ externalId, why });
      continue;
    }
    const record = { externalId, code: code.trim(), timeline: orderedTimeline(timeline) };
    // Pages that shift while they are read may show an object twice: the later one is newer.
    good.set(externalId, { ...record, hash: contentHash([record.code, record.timeline]) });
  }
  return { records: [...good.values()], malformed };
};

/**
 * What a complete snapshot changes. An object counts as vanished only when two snapshots in a row lack it: an object that moves between
 * pages while they are read is easily missed once. When implausibly many are gone, nothing is concluded at all.
 */
export const compareSnapshot = (
  known: readonly KnownRecord[],
  records: readonly HashedRecord[],
  malformed: readonly MalformedRecord[],
  limit: MassDeletionLimit | 'accept-all',
): SnapshotComparison => {
  const before = new Map(known.map((record) => [record.externalId, record]));
  const here = new Set(records.map(({ externalId }) => externalId));
  // A record that cannot be read exists all the same.
  for (const { externalId } of malformed) here.add(externalId);

  const present = known.filter(({ absentSince }) => absentSince === null);
  const gone = present.filter(({ externalId }) => !here.has(externalId));
  const accepted = limit === 'accept-all';
  if (!accepted && implausible(gone.length, present.length, limit))
    return { kind: 'mass-deletion', gone: gone.length, known: present.length };
  return {
    kind: 'changes',
    changed: records.filter((record) => {
      const old = before.get(record.externalId);
      return old === undefined || old.absentSince !== null || old.hash !== record.hash;
    }),
    missed: accepted ? [] : gone.filter(({ missed }) => !missed),
    vanished: accepted ? gone : gone.filter(({ missed }) => missed),
    found: present.filter(({ externalId, missed }) => missed && here.has(externalId)),
  };
};

/** The limit lets a few objects go unseen; all of them at once are never a few. */
const implausible = (gone: number, known: number, limit: MassDeletionLimit): boolean =>
  (gone > limit.count && gone > known * limit.share) || (gone === known && known > 1);
