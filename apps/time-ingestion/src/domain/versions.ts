import type { Instant } from '@tieout/model';

export interface KnownVersion {
  readonly versionHash: string;
  readonly sourceUpdatedAt: Instant | null;
  readonly sourceRevision: number | null;
  readonly deleted: boolean;
}

export interface IncomingCopy {
  readonly versionHash: string;
  readonly sourceUpdatedAt: Instant | null;
  readonly sourceRevision: number | null;
  readonly deleted: boolean;
}

export type CopyIs = 'new-version' | 'same' | 'stale';

/**
 * Order is not assumed: the source's revision, else its clock, says which copy is newer. At equal clocks (one-second precision) the
 * copy fetched later wins: a poll reads the current state.
 */
export const compareCopy = (known: KnownVersion | undefined, incoming: IncomingCopy): CopyIs => {
  if (known === undefined) return 'new-version';
  if (isOlder(incoming, known)) return 'stale';
  return known.versionHash === incoming.versionHash && known.deleted === incoming.deleted ? 'same' : 'new-version';
};

interface Age {
  readonly sourceUpdatedAt?: Instant | null | undefined;
  readonly sourceRevision?: number | null | undefined;
}

/** Instants, not their texts: sources write them with and without fractions, and "…00.500Z" sorts before "…00Z". */
export const isOlder = (copy: Age, than: Age): boolean => {
  if (copy.sourceRevision != null && than.sourceRevision != null) return copy.sourceRevision < than.sourceRevision;
  if (copy.sourceUpdatedAt == null || than.sourceUpdatedAt == null) return false;
  return Date.parse(copy.sourceUpdatedAt) < Date.parse(than.sourceUpdatedAt);
};
