import type { PlanPolicyV1, PolicyPlanAnswerV1 } from '@tieout/contracts';
import { UNASSIGNED } from '@tieout/model';
import { appendAudit, notify } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { PLAN_CHANNEL, planAnswer, putPlan } from '../adapters/postgres/plan.store.js';

/** Takes the wish for a plan, and says how far it is. */
export class AskPlan {
  constructor(private readonly runtime: ServiceRuntime) {}

  /** The same plan asked for again is the same plan. */
  async run(command: PlanPolicyV1): Promise<PolicyPlanAnswerV1> {
    const { database, clock, policy } = this.runtime;
    const { planId, files, days, actor } = command;
    await database.transaction(async (tx) => {
      if (!(await putPlan(tx, { planId, files, days }, actor, clock.now()))) return;
      await appendAudit(
        tx,
        [
          {
            actor,
            action: 'policy-plan.asked',
            subjectKind: 'policy-plan',
            subjectId: planId,
            legalEntityId: UNASSIGNED,
            after: { days },
            policyDigest: policy.current().digest,
          },
        ],
        clock.now(),
      );
      await notify(tx, PLAN_CHANNEL);
    });
    return this.answer(planId);
  }

  async answer(planId: string): Promise<PolicyPlanAnswerV1> {
    return (await planAnswer(this.runtime.database, planId)) ?? { state: 'unknown', done: 0, total: 0 };
  }
}
