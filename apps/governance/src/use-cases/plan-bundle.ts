import { randomUUID } from 'node:crypto';
import { COMMANDS, QUESTIONS, type PlanPolicyV1, type PolicyPlanAnswerV1 } from '@tieout/contracts';
import { AnswerProblem } from '@tieout/messaging';
import { appendAudit, notify } from '@tieout/persistence';
import { filesOf, findBundle } from '../adapters/postgres/bundle.store.js';
import { addPlan, latestPlan, plansOfApprovals, putPlanAnswer, runningPlans } from '../adapters/postgres/plan.store.js';
import type { Governance } from '../app-part.js';
import { summaryOf, type BundlePlan, type PlanSummary } from '../domain/bundle/plan.js';
import type { Person } from '../domain/person.js';
import { allowed, refused, type Decision } from '../domain/refusal.js';
import { noSuchBundle } from './propose-bundle.js';

/** NOTIFY channel that wakes whoever asks how far plans are. */
export const PLAN_ASKED_CHANNEL = 'tieout_bundle_plan';

/** Has time-ingestion try a bundle on recent entries, and keeps what it found with the bundle. */
export class PlanBundle {
  constructor(private readonly governance: Governance) {}

  /** One plan at a time per bundle: asked again meanwhile, it is the same one. */
  async ask(person: Person, bundleId: string, days: number): Promise<Decision<BundlePlan>> {
    const { database, clock } = this.governance.runtime;
    return database.transaction(async (tx) => {
      if ((await findBundle(tx, bundleId)) === undefined) return noSuchBundle(bundleId);
      const plan: BundlePlan = {
        planId: randomUUID(),
        bundleId,
        askedBy: person.actor,
        askedAt: clock.now(),
        days,
        state: 'running',
        done: 0,
        total: 0,
        problem: null,
        report: null,
        finishedAt: null,
      };
      if (await addPlan(tx, plan)) {
        await this.#audit(tx, person.actor, plan, 'bundle.plan-asked', { planId: plan.planId, days });
        await notify(tx, PLAN_ASKED_CHANNEL);
      }
      return allowed((await latestPlan(tx, bundleId)) ?? plan);
    });
  }

  async latest(bundleId: string): Promise<Decision<BundlePlan>> {
    const { database } = this.governance.runtime;
    if ((await findBundle(database, bundleId)) === undefined) return noSuchBundle(bundleId);
    const plan = await latestPlan(database, bundleId);
    return plan === undefined
      ? refused('no-such-plan', 'Nobody has planned this bundle yet.', `POST /policy/bundles/${bundleId}/plan, then look again.`)
      : allowed(plan);
  }

  /** What is shown with the bundle itself: the last plan, and which one each approver could see. */
  async seenWith(bundleId: string): Promise<{ plan: PlanSummary | null; approvedWith: Record<string, string | null>[] }> {
    const { database } = this.governance.runtime;
    const plan = await latestPlan(database, bundleId);
    return {
      plan: plan === undefined ? null : summaryOf(plan),
      approvedWith: (await plansOfApprovals(database, bundleId)).map(({ actor, planId }) => ({ actor, planId })),
    };
  }

  /** Asks how far the plans are. @throws Fault Unavailable when time-ingestion does not answer */
  async follow(): Promise<'idle'> {
    const plans = await runningPlans(this.governance.runtime.database);
    for (const plan of plans) await this.#followOne(plan);
    return 'idle';
  }

  async #followOne(plan: BundlePlan): Promise<void> {
    const { database, clock, name } = this.governance.runtime;
    const { planId } = plan;
    const answer = await this.#answer(plan);
    const ended = answer.state === 'done' || answer.state === 'failed';
    await database.transaction(async (tx) => {
      if (!(await putPlanAnswer(tx, planId, answer, ended ? clock.now() : null)) || !ended) return;
      const after = {
        planId,
        state: answer.state,
        entries: answer.report?.entries ?? null,
        candidateDigest: answer.report?.candidateDigest ?? null,
      };
      await this.#audit(tx, `service:${name}`, plan, 'bundle.planned', after);
    });
  }

  async #answer(plan: BundlePlan): Promise<PolicyPlanAnswerV1> {
    const { planId } = plan;
    try {
      const answer = await this.governance.runtime.questions.ask<PolicyPlanAnswerV1>(QUESTIONS.policyPlan, { planId });
      // Not there yet, or its database went back to before.
      return answer.state === 'unknown' ? await this.#command(plan) : answer;
    } catch (error) {
      // It will not take this plan, now or later; others wait behind it.
      if (error instanceof AnswerProblem) return { state: 'failed', done: 0, total: 0, problem: error.message };
      throw error;
    }
  }

  async #command({ planId, bundleId, days, askedBy }: BundlePlan): Promise<PolicyPlanAnswerV1> {
    const { database, questions } = this.governance.runtime;
    const files = (await filesOf(database, bundleId)).map(({ name, text }) => ({ name, text }));
    const command: PlanPolicyV1 = { planId, files, days, actor: askedBy };
    return questions.command<PolicyPlanAnswerV1>(COMMANDS.planPolicy, command);
  }

  #audit(
    tx: Parameters<typeof appendAudit>[0],
    actor: string,
    plan: BundlePlan,
    action: string,
    after: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const row = { actor, action, subjectKind: 'bundle', subjectId: plan.bundleId, legalEntityId: 'UNASSIGNED', after };
    return appendAudit(tx, [row], this.governance.runtime.clock.now());
  }
}
