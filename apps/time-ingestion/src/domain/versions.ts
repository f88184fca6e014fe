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
  if (known.sourceRevision !== null && incoming.sourceRevision !== null) {
    if (incoming.sourceRevision < known.sourceRevision) return 'stale';
  } else if (
    known.sourceUpdatedAt !== null &&
    incoming.sourceUpdatedAt !== null &&
    incoming.sourceUpdatedAt < known.sourceUpdatedAt
  ) {
    return 'stale';
  }
  return known.versionHash === incoming.versionHash && known.deleted === incoming.deleted ? 'same' : 'new-version';
};
