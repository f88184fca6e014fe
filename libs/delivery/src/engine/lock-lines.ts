import type { Tx } from '@tieout/persistence';
import type { Target } from '../domain/ledger.js';
import type { Ledger } from './ports.js';
import type { DocumentRow, PostingRow } from './rows.js';

export const targetKey = ({ entryId, destination }: { entryId: string; destination: string }): string =>
  `${entryId} ${destination}`;

export interface LockedLines {
  readonly documents: ReadonlyMap<string, DocumentRow>;
  /** In the order they were planned, by `targetKey`. Absent: none. */
  readonly lines: ReadonlyMap<string, readonly PostingRow[]>;
}

/**
 * Locks every line of these targets, and before them the documents that hold them: their state is their document's, and whoever sends
 * locks in the same order. Most targets are new and cost one look only; whoever holds a target is the only one who plans lines of it.
 */
export const lockLines = async (
  tx: Tx,
  { documents, postings }: Pick<Ledger, 'documents' | 'postings'>,
  targets: readonly Target[],
): Promise<LockedLines> => {
  const places = await postings.placesOf(tx, targets);
  const keys = [...new Set(places.flatMap(({ documentKey }) => documentKey ?? []))].sort();
  const locked = await documents.lock(tx, keys);
  const known = new Set(places.map(targetKey));
  const old = targets.filter((target) => known.has(targetKey(target)));
  return {
    documents: new Map(locked.map((document) => [document.documentKey, document])),
    lines: Map.groupBy(old.length === 0 ? [] : await postings.lockOf(tx, old), targetKey),
  };
};
