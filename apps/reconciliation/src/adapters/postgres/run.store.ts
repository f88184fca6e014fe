import type { Instant, WorkDate } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { AcceptedShare } from '../../domain/difference-state.js';
import type { TieOutLine } from '../../domain/tie-out.js';

export interface ReconciliationRun {
  readonly runId: string;
  readonly asOf: Instant;
  readonly completedAt: Instant;
  readonly windowFrom: WorkDate;
  readonly windowTo: WorkDate;
  readonly askedBy: string;
  readonly tiesOut: boolean;
  readonly lines: readonly TieOutLine[];
  /** How many differences were accepted, by whom and why; they are beside the open ones in the lines. */
  readonly accepted: readonly AcceptedShare[];
  /** Why nothing could be compared; half a reading is never compared. */
  readonly failure: string | null;
}

const COLUMNS = `run_id AS "runId", as_of AS "asOf", completed_at AS "completedAt", window_from AS "windowFrom", window_to AS "windowTo", asked_by AS "askedBy", ties_out AS "tiesOut", lines, accepted, failure`;

export const putRun = (tx: Tx, run: ReconciliationRun): Promise<unknown> =>
  tx.query(
    `INSERT INTO reconciliation_run (run_id, as_of, completed_at, window_from, window_to, asked_by, ties_out, lines, failure, accepted) VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10::jsonb)`,
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
      JSON.stringify(run.accepted),
    ],
  );

export const latestRuns = (tx: Tx, limit: number): Promise<ReconciliationRun[]> =>
  tx.query<ReconciliationRun>(`SELECT ${COLUMNS} FROM reconciliation_run ORDER BY completed_at DESC LIMIT $1`, [limit]);

export const findRun = async (tx: Tx, runId: string): Promise<ReconciliationRun | undefined> =>
  (await tx.query<ReconciliationRun>(`SELECT ${COLUMNS} FROM reconciliation_run WHERE run_id = $1`, [runId]))[0];
