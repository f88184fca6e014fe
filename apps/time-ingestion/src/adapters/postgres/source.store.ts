import type { Instant } from '@tieout/model';
import type { Cursor, MalformedTimeRecord, SourceTimeRecord } from '@tieout/connector-kit';
import { contentHash } from '@tieout/model';
import type { Tx } from '@tieout/persistence';

/** NOTIFY channel that wakes the polling loops: a webhook left a hint. */
export const HINT_CHANNEL = 'tieout_hint';

/** Keeps each record as sent, once per content; of one that is gone nothing is sent: null. */
export const putSourceRecords = async (
  tx: Tx,
  connection: string,
  records: readonly SourceTimeRecord[],
  receivedAt: Instant,
): Promise<void> => {
  if (records.length === 0) return;
  await tx.query(
    `INSERT INTO source_record (connection, source_id, payload_hash, payload, source_updated_at, source_revision, received_at)
     SELECT $1, source_id, payload_hash, coalesce(payload, 'null'), source_updated_at, source_revision, $3
     FROM jsonb_to_recordset($2::jsonb) AS v(source_id text, payload_hash uuid, payload jsonb, source_updated_at timestamptz, source_revision bigint) ON CONFLICT DO NOTHING`,
    [
      connection,
      JSON.stringify(
        records.map((record) => ({
          source_id: record.sourceId,
          payload_hash: contentHash(record.payload),
          payload: record.payload,
          source_updated_at: record.sourceUpdatedAt ?? null,
          source_revision: record.sourceRevision ?? null,
        })),
      ),
      receivedAt,
    ],
  );
};

/** @returns the refusals that are new or say something else than before. */
export const putRefused = async (
  tx: Tx,
  connection: string,
  malformed: readonly MalformedTimeRecord[],
  now: Instant,
): Promise<{ record_key: string; where_: string; why: string }[]> =>
  malformed.length === 0
    ? []
    : tx.query(
        `INSERT INTO refused_record AS r (connection, record_key, where_, why, payload, refused_at)
         SELECT DISTINCT ON ("recordKey") $1, "recordKey", "where", why, coalesce(payload, 'null'), $3 FROM jsonb_to_recordset($2::jsonb) AS v("recordKey" text, "where" text, why text, payload jsonb)
         ON CONFLICT (connection, record_key) DO UPDATE SET where_ = excluded.where_, why = excluded.why, payload = excluded.payload, refused_at = excluded.refused_at, mended_at = NULL
         WHERE r.mended_at IS NOT NULL OR r.why <> excluded.why OR r.where_ <> excluded.where_ RETURNING record_key, where_, why`,
        [connection, JSON.stringify(malformed), now],
      );

/** @returns the keys that were refused before and are read well now. */
export const mendRefused = async (tx: Tx, connection: string, recordKeys: readonly string[], now: Instant): Promise<string[]> => {
  const rows = await tx.query<{ record_key: string }>(
    `UPDATE refused_record SET mended_at = $3 WHERE connection = $1 AND record_key = ANY($2::text[]) AND mended_at IS NULL RETURNING record_key`,
    [connection, recordKeys, now],
  );
  return rows.map((row) => row.record_key);
};

export interface CursorRow {
  readonly cursor: Cursor | null;
  readonly caughtUpAt: Instant | null;
  readonly sweptAt: Instant | null;
}

export const readCursor = async (tx: Tx, connection: string): Promise<CursorRow> => {
  const [row] = await tx.query<{ cursor: Cursor | null; caught_up_at: Instant | null; swept_at: Instant | null }>(
    `SELECT cursor, caught_up_at, swept_at FROM source_cursor WHERE connection = $1`,
    [connection],
  );
  return {
    cursor: row?.cursor ?? null,
    caughtUpAt: row?.caught_up_at ?? null,
    sweptAt: row?.swept_at ?? null,
  };
};

export const putCursor = (tx: Tx, connection: string, cursor: Cursor, caughtUpAt: Instant | null): Promise<unknown> =>
  tx.query(
    `INSERT INTO source_cursor (connection, cursor, caught_up_at) VALUES ($1, $2::jsonb, $3)
     ON CONFLICT (connection) DO UPDATE SET cursor = excluded.cursor, caught_up_at = coalesce(excluded.caught_up_at, source_cursor.caught_up_at)`,
    [connection, JSON.stringify(cursor), caughtUpAt],
  );

export const putSwept = (tx: Tx, connection: string, now: Instant): Promise<unknown> =>
  tx.query(
    `INSERT INTO source_cursor (connection, swept_at) VALUES ($1, $2) ON CONFLICT (connection) DO UPDATE SET swept_at = excluded.swept_at`,
    [connection, now],
  );

/** @returns true when this is news: the first failure, or another reason than before. */
export const putFault = async (tx: Tx, connection: string, reason: string, message: string, now: Instant): Promise<boolean> =>
  (
    await tx.query(
      `INSERT INTO source_cursor AS c (connection, fault_reason, fault_message, fault_since) VALUES ($1, $2, $3, $4)
       ON CONFLICT (connection) DO UPDATE SET fault_reason = excluded.fault_reason, fault_message = excluded.fault_message, fault_since = coalesce(c.fault_since, excluded.fault_since)
       WHERE c.fault_reason IS DISTINCT FROM excluded.fault_reason RETURNING 1`,
      [connection, reason, message, now],
    )
  ).length > 0;

/** @returns true when there was a fault. */
export const clearFault = async (tx: Tx, connection: string): Promise<boolean> =>
  (
    await tx.query(
      `UPDATE source_cursor SET fault_reason = NULL, fault_message = NULL, fault_since = NULL WHERE connection = $1 AND fault_reason IS NOT NULL RETURNING 1`,
      [connection],
    )
  ).length > 0;

export interface ConnectionRow {
  connection: string;
  caught_up_at: Instant | null;
  swept_at: Instant | null;
  fault_reason: string | null;
  fault_message: string | null;
}
export const connectionRows = (tx: Tx): Promise<ConnectionRow[]> =>
  tx.query<ConnectionRow>(`SELECT connection, caught_up_at, swept_at, fault_reason, fault_message FROM source_cursor ORDER BY 1`);

/** Stores a verified hint; a repeated delivery changes nothing. */
export const putHint = async (
  tx: Tx,
  connection: string,
  deliveryId: string,
  sourceIds: readonly string[],
  now: Instant,
): Promise<void> => {
  await tx.query(
    `INSERT INTO webhook_hint (connection, delivery_id, source_ids, received_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [connection, deliveryId, sourceIds, now],
  );
};

export const waitingHints = (
  tx: Tx,
  connection: string,
  limit: number,
): Promise<{ delivery_id: string; source_ids: string[] }[]> =>
  tx.query(
    `SELECT delivery_id, source_ids FROM webhook_hint WHERE connection = $1 AND taken_at IS NULL ORDER BY received_at LIMIT $2`,
    [connection, limit],
  );

export const takeHints = (tx: Tx, connection: string, deliveryIds: readonly string[], now: Instant): Promise<unknown> =>
  tx.query(`UPDATE webhook_hint SET taken_at = $3 WHERE connection = $1 AND delivery_id = ANY($2::text[])`, [
    connection,
    deliveryIds,
    now,
  ]);
