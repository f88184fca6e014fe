import { WorkLoop } from '@tieout/persistence';
import { PlanController } from './adapters/http/plan.controller.js';
import type { PartFactory } from './app-part.js';
import { PLAN_ASKED_CHANNEL, PlanBundle } from './use-cases/plan-bundle.js';

const FOLLOW_EVERY_MS = 1_000;

/** Bundles tried on recent entries before anybody approves them. */
export const planPart: PartFactory = (governance) => {
  const { runtime } = governance;
  const plans = new PlanBundle(governance);
  const loop = new WorkLoop({
    ...runtime,
    name: 'plans of bundles',
    run: () => plans.follow(),
    pollMs: FOLLOW_EVERY_MS,
    wakeOn: PLAN_ASKED_CHANNEL,
  });
  runtime.onReady(async () => loop.start());
  runtime.onStop(() => loop.stop());
  return { controllers: [PlanController], providers: [{ provide: PlanBundle, useValue: plans }] };
};
