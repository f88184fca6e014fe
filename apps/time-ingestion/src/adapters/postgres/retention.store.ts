import type { Instant } from '@tieout/model';
import type { Tx } from '@tieout/persistence';

export interface Removed {
  readonly records: number;
  readonly refused: number;
}

/**
 * Removes what sources sent of entries that were last changed before an instant, and of records that were refused before it; replicas
 * share the work. A copy that arrived since then stays, whatever it says.
 */
export const removeSourceContent = async (tx: Tx, before: Instant, now: Instant, limit: number): Promise<Removed> => {
  const records = await tx.query(
    `UPDATE source_record SET payload = 'null', erased_at = $2 WHERE (connection, source_id, payload_hash) IN (
       SELECT r.connection, r.source_id, r.payload_hash FROM source_record r
       WHERE r.erased_at IS NULL AND r.received_at < $1 AND NOT EXISTS (
         SELECT FROM time_entry e WHERE e.connection = r.connection AND e.source_id = r.source_id AND e.version_received_at >= $1)
       ORDER BY r.received_at LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING 1`,
    [before, now, limit],
  );
  const refused = await tx.query(
    `UPDATE refused_record SET payload = 'null', erased_at = $2 WHERE (connection, record_key) IN (
       SELECT connection, record_key FROM refused_record WHERE erased_at IS NULL AND refused_at < $1
       ORDER BY refused_at LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING 1`,
    [before, now, limit],
  );
  return { records: records.length, refused: refused.length };
};
