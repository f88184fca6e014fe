import type { PolicyPlanAnswerV1, PolicyPlanReportV1 } from '@tieout/contracts';
import type { Instant } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { BundlePlan } from '../../domain/bundle/plan.js';

const COLUMNS = `plan_id AS "planId", bundle_id AS "bundleId", asked_by AS "askedBy", asked_at AS "askedAt", days, state, done, total, problem, report, finished_at AS "finishedAt"`;

/** @returns false when a plan of the bundle is running already. */
export const addPlan = async (tx: Tx, plan: BundlePlan): Promise<boolean> =>
  (
    await tx.query(
      `INSERT INTO bundle_plan (plan_id, bundle_id, asked_by, asked_at, days, state, done, total) VALUES ($1, $2, $3, $4, $5, 'running', 0, 0)
       ON CONFLICT (bundle_id) WHERE state = 'running' DO NOTHING RETURNING 1`,
      [plan.planId, plan.bundleId, plan.askedBy, plan.askedAt, plan.days],
    )
  ).length > 0;

export const latestPlan = async (tx: Tx, bundleId: string): Promise<BundlePlan | undefined> =>
  (
    await tx.query<BundlePlan>(
      `SELECT ${COLUMNS} FROM bundle_plan WHERE bundle_id = $1 ORDER BY asked_at DESC, plan_id LIMIT 1`,
      [bundleId],
    )
  )[0];

export const runningPlans = (tx: Tx): Promise<BundlePlan[]> =>
  tx.query<BundlePlan>(`SELECT ${COLUMNS} FROM bundle_plan WHERE state = 'running' ORDER BY asked_at, plan_id`);

export const putPlanAnswer = async (
  tx: Tx,
  planId: string,
  answer: PolicyPlanAnswerV1,
  finishedAt: Instant | null,
): Promise<boolean> =>
  (
    await tx.query(
      `UPDATE bundle_plan SET state = $2, done = $3, total = $4, problem = $5, report = $6::jsonb, finished_at = $7 WHERE plan_id = $1 AND state = 'running' RETURNING 1`,
      [
        planId,
        answer.state,
        answer.done,
        answer.total,
        answer.problem ?? null,
        answer.report === undefined ? null : JSON.stringify(answer.report satisfies PolicyPlanReportV1),
        finishedAt,
      ],
    )
  ).length > 0;

/** Who approved with which plan before the eyes: null, where there was none of this very bundle. */
export const plansOfApprovals = (
  tx: Tx,
  bundleId: string,
): Promise<{ readonly actor: string; readonly planId: string | null }[]> =>
  tx.query(`SELECT actor, plan_id AS "planId" FROM bundle_approval WHERE bundle_id = $1 ORDER BY at, actor`, [bundleId]);
