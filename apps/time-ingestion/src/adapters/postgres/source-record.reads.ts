import type { Instant } from '@tieout/model';
import type { Tx } from '@tieout/persistence';

export interface KeptRecord {
  readonly payload: unknown;
  readonly sourceUpdatedAt: Instant | null;
  readonly sourceRevision: number | null;
  readonly receivedAt: Instant;
}

/** What the source sent of an entry, as it was sent; the oldest first. */
export const sourceRecordsOf = (tx: Tx, entryId: string): Promise<KeptRecord[]> =>
  tx.query<KeptRecord>(
    `SELECT r.payload, r.source_updated_at AS "sourceUpdatedAt", r.source_revision AS "sourceRevision", r.received_at AS "receivedAt"
     FROM time_entry e JOIN source_record r ON r.connection = e.connection AND r.source_id = e.source_id WHERE e.entry_id = $1
     ORDER BY r.received_at, r.payload_hash`,
    [entryId],
  );
