import type { Instant } from '@tieout/model';
import type { Tx } from '@tieout/persistence';

export interface EntryReconciliation {
  readonly entryId: string;
  /** Null: no decision on it has arrived. */
  readonly status: { readonly state: string; readonly routes: readonly string[]; readonly decidedAt: Instant } | null;
  /** Open and resolved ones, the oldest first. */
  readonly differences: readonly Record<string, unknown>[];
  /** The last run that compared its day; null: none did. */
  readonly lastRun: { readonly runId: string; readonly asOf: Instant; readonly tiesOut: boolean } | null;
}

export const entryReconciliation = async (tx: Tx, entryId: string): Promise<EntryReconciliation> => {
  const [status] = await tx.query<NonNullable<EntryReconciliation['status']>>(
    `SELECT state, routes, decided_at AS "decidedAt" FROM entry_status WHERE entry_id = $1`,
    [entryId],
  );
  const differences = await tx.query<Record<string, unknown>>(
    `SELECT difference_key AS "differenceKey", reason, destination, detail, hours::text AS hours, amount::text AS amount, currency, found_at AS "foundAt", resolved_at AS "resolvedAt",
       accepted_at AS "acceptedAt", accepted_by AS "acceptedBy", approved_by AS "approvedBy", accepted_reason AS "acceptedReason"
     FROM difference WHERE entry_id = $1 ORDER BY found_at, difference_key`,
    [entryId],
  );
  const [lastRun] = await tx.query<NonNullable<EntryReconciliation['lastRun']>>(
    `SELECT r.run_id AS "runId", r.as_of AS "asOf", r.ties_out AS "tiesOut" FROM reconciliation_run r, entry_status s
     WHERE s.entry_id = $1 AND r.failure IS NULL AND s.work_date BETWEEN r.window_from AND r.window_to ORDER BY r.completed_at DESC LIMIT 1`,
    [entryId],
  );
  return { entryId, status: status ?? null, differences, lastRun: lastRun ?? null };
};
