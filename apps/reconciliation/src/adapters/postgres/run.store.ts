import type { Instant, WorkDate } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { Difference, TieOutLine } from '../../domain/tie-out.js';

export interface ReconciliationRun {
  readonly runId: string;
  readonly asOf: Instant;
  readonly completedAt: Instant;
  readonly windowFrom: WorkDate;
  readonly windowTo: WorkDate;
  readonly askedBy: string;
  readonly tiesOut: boolean;
  readonly lines: readonly TieOutLine[];
  /** Why nothing could be compared; half a reading is never compared. */
  readonly failure: string | null;
}

const COLUMNS = `run_id AS "runId", as_of AS "asOf", completed_at AS "completedAt", window_from AS "windowFrom", window_to AS "windowTo", asked_by AS "askedBy", ties_out AS "tiesOut", lines, failure`;

export const putRun = (tx: Tx, run: ReconciliationRun): Promise<unknown> =>
  tx.query(
    `INSERT INTO reconciliation_run (run_id, as_of, completed_at, window_from, window_to, asked_by, ties_out, lines, failure) VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9)`,
    [
      run.runId,
      run.asOf,
      run.completedAt,
      run.windowFrom,
      run.windowTo,
      run.askedBy,
      run.tiesOut,
      JSON.stringify(run.lines),
      run.failure,
    ],
  );

export const latestRuns = (tx: Tx, limit: number): Promise<ReconciliationRun[]> =>
  tx.query<ReconciliationRun>(`SELECT ${COLUMNS} FROM reconciliation_run ORDER BY completed_at DESC LIMIT $1`, [limit]);

export const findRun = async (tx: Tx, runId: string): Promise<ReconciliationRun | undefined> =>
  (await tx.query<ReconciliationRun>(`SELECT ${COLUMNS} FROM reconciliation_run WHERE run_id = $1`, [runId]))[0];

/** @returns the keys that are new, or open again. */
export const putDifferences = async (
  tx: Tx,
  runId: string,
  differences: readonly Difference[],
  now: Instant,
): Promise<ReadonlySet<string>> => {
  const rows = await tx.query<{ difference_key: string; news: boolean }>(
    `INSERT INTO difference AS d (difference_key, run_id, reason, destination, legal_entity_id, entry_id, detail, hours, amount, currency, found_at)
     SELECT "differenceKey", $2, reason, destination, "legalEntityId", "entryId", detail, hours, amount, currency, $3
     FROM jsonb_to_recordset($1::jsonb) AS v("differenceKey" text, reason text, destination text, "legalEntityId" text, "entryId" uuid, detail text, hours numeric, amount numeric, currency text)
     ON CONFLICT (difference_key) DO UPDATE SET run_id = excluded.run_id, detail = excluded.detail, hours = excluded.hours, amount = excluded.amount, currency = excluded.currency,
       found_at = CASE WHEN d.resolved_at IS NULL THEN d.found_at ELSE excluded.found_at END, resolved_at = NULL
     RETURNING difference_key, found_at = $3 AS news`,
    [JSON.stringify(differences), runId, now],
  );
  return new Set(rows.filter((row) => row.news).map((row) => row.difference_key));
};

/** What the run did not find again, at the destinations that it read. */
export const resolveDifferences = (
  tx: Tx,
  destinations: readonly string[],
  stillThere: readonly string[],
  now: Instant,
): Promise<{ difference_key: string; legal_entity_id: string }[]> =>
  tx.query(
    `UPDATE difference SET resolved_at = $3 WHERE destination = ANY($1::text[]) AND resolved_at IS NULL AND NOT difference_key = ANY($2::text[]) RETURNING difference_key, legal_entity_id`,
    [destinations, stillThere, now],
  );

export const openDifferences = (tx: Tx, limit: number): Promise<Record<string, unknown>[]> =>
  tx.query(
    `SELECT difference_key AS "differenceKey", reason, destination, legal_entity_id AS "legalEntityId", entry_id AS "entryId", detail, hours, amount, currency, found_at AS "foundAt"
     FROM difference WHERE resolved_at IS NULL ORDER BY found_at, difference_key LIMIT $1`,
    [limit],
  );
