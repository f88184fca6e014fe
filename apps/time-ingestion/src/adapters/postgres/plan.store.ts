import type { PolicyFileV1, PolicyPlanAnswerV1, PolicyPlanReportV1 } from '@tieout/contracts';
import type { Approval, DecimalString, Instant, TimeEntryContent, WorkDate } from '@tieout/model';
import type { Tx } from '@tieout/persistence';

/** NOTIFY channel that wakes the loop of plans. */
export const PLAN_CHANNEL = 'tieout_plan';

export interface AskedPlan {
  readonly planId: string;
  readonly files: readonly PolicyFileV1[];
  readonly days: number;
}
/** `starts`: how often it was begun, which also tells a replica that lost it from the one that has it now. */
export type StartedPlan = AskedPlan & { readonly starts: number };

/** @returns false when this plan was asked for before. */
export const putPlan = async (tx: Tx, plan: AskedPlan, askedBy: string, askedAt: Instant): Promise<boolean> =>
  (
    await tx.query(
      `INSERT INTO policy_plan (plan_id, asked_by, asked_at, files, days, state) VALUES ($1, $2, $3, $4, $5, 'running')
       ON CONFLICT DO NOTHING RETURNING 1`,
      [plan.planId, askedBy, askedAt, JSON.stringify(plan.files), plan.days],
    )
  ).length > 0;

/** The plan that waits longest, begun anew: what a plan found before it was cut off is not kept. */
export const startNextPlan = async (tx: Tx): Promise<StartedPlan | undefined> => {
  const [plan] = await tx.query<StartedPlan>(
    `UPDATE policy_plan SET starts = starts + 1, done = 0, total = 0
     WHERE plan_id = (SELECT plan_id FROM policy_plan WHERE state = 'running' ORDER BY asked_at, plan_id LIMIT 1)
     RETURNING plan_id AS "planId", files, days, starts`,
  );
  return plan;
};

export const putPlanProgress = (
  tx: Tx,
  { planId, starts }: StartedPlan,
  { done, total }: { readonly done: number; readonly total: number },
): Promise<unknown> =>
  tx.query(`UPDATE policy_plan SET done = $3, total = $4 WHERE plan_id = $1 AND starts = $2`, [planId, starts, done, total]);

export type PlanEnd =
  { readonly state: 'done'; readonly report: PolicyPlanReportV1 } | { readonly state: 'failed'; readonly problem: string };

/** The candidate itself is kept where it is decided about, not here. Nothing, when somebody else has begun the plan anew. */
export const endPlan = (tx: Tx, { planId, starts }: StartedPlan, end: PlanEnd, at: Instant): Promise<unknown> =>
  tx.query(
    `UPDATE policy_plan SET state = $3, report = $4, problem = $5, finished_at = $6, files = NULL WHERE plan_id = $1 AND starts = $2`,
    [
      planId,
      starts,
      end.state,
      end.state === 'done' ? JSON.stringify(end.report) : null,
      end.state === 'failed' ? end.problem : null,
      at,
    ],
  );

export const planAnswer = async (tx: Tx, planId: string): Promise<PolicyPlanAnswerV1 | undefined> => {
  const [row] = await tx.query<PolicyPlanAnswerV1 & { problem: string | null; report: PolicyPlanReportV1 | null }>(
    `SELECT state, done, total, problem, report FROM policy_plan WHERE plan_id = $1`,
    [planId],
  );
  if (row === undefined) return undefined;
  const { state, done, total, problem, report } = row;
  return { state, done, total, ...(problem !== null && { problem }), ...(report !== null && { report }) };
};

/** What one batch of a plan reads of an entry. */
export interface PlannedRow {
  readonly entry_id: string;
  readonly worker_code: string;
  readonly work_date: WorkDate;
  readonly hours: DecimalString;
  readonly legal_entity_id: string;
  readonly content: TimeEntryContent;
  readonly approval: Approval;
  readonly release_no: number;
  readonly version_no: number;
  readonly version_received_at: Instant;
  readonly released_version: number | null;
  readonly released_posting_date: WorkDate | null;
}

/** A worker's day, which is never cut in two: its entries share a limit and a clock. */
export interface DayPosition {
  readonly workerCode: string;
  readonly workDate: WorkDate;
}

const COUNTS = `work_date >= $1 AND approval IS NOT NULL AND NOT deleted`;

export const countSince = async (tx: Tx, since: WorkDate): Promise<number> =>
  (await tx.query<{ count: number }>(`SELECT count(*)::int AS count FROM time_entry WHERE ${COUNTS}`, [since]))[0]!.count;

/** The last day of a batch of about `size` entries; undefined: no more than that are left. */
export const lastDayOfBatch = async (
  tx: Tx,
  since: WorkDate,
  after: DayPosition,
  size: number,
): Promise<DayPosition | undefined> => {
  const [row] = await tx.query<DayPosition>(
    `SELECT worker_code AS "workerCode", work_date::text AS "workDate" FROM time_entry
     WHERE ${COUNTS} AND (worker_code, work_date) > ($2, $3::date) ORDER BY worker_code, work_date OFFSET $4 LIMIT 1`,
    [since, after.workerCode, after.workDate, size - 1],
  );
  return row;
};

/** Worker by worker, so that a batch needs few master objects, and in order of the index. */
export const plannedRows = (tx: Tx, since: WorkDate, after: DayPosition, last: DayPosition | undefined): Promise<PlannedRow[]> =>
  tx.query<PlannedRow>(
    `SELECT entry_id, worker_code, work_date::text AS work_date, hours::text AS hours, legal_entity_id, content, approval, release_no, version_no, version_received_at, released_version,
       released_posting_date::text AS released_posting_date
     FROM time_entry WHERE ${COUNTS} AND (worker_code, work_date) > ($2, $3::date) ${last === undefined ? '' : 'AND (worker_code, work_date) <= ($4, $5::date)'}
     ORDER BY worker_code, work_date, entry_id`,
    [since, after.workerCode, after.workDate, ...(last === undefined ? [] : [last.workerCode, last.workDate])],
  );
