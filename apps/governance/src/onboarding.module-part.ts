import { OnboardingsController } from './adapters/http/onboardings.controller.js';
import type { PartFactory } from './app-part.js';
import { ActivePolicy } from './use-cases/active-policy.js';
import { LookAtPolicy } from './use-cases/look-at-policy.js';
import { OnboardingFactsReader } from './use-cases/onboarding/onboarding-facts.js';
import { Onboardings } from './use-cases/onboarding/onboardings.js';
import { SendOnboardingCommand } from './use-cases/onboarding/send-onboarding-command.js';
import { OperatorRequests } from './use-cases/operator-requests.js';
import { PolicyChanges } from './use-cases/policy-changes.js';
import { ProposeBundle } from './use-cases/propose-bundle.js';

/** Acquired legal entities: from a drafted bundle to go-live. */
export const onboardingPart: PartFactory = (governance) => {
  const activePolicy = new ActivePolicy();
  const proposals = new ProposeBundle(governance, new PolicyChanges(governance, activePolicy));
  const facts = new OnboardingFactsReader(governance, activePolicy, new LookAtPolicy(governance, activePolicy));
  const commands = new SendOnboardingCommand(governance, new OperatorRequests(governance, activePolicy));
  return {
    controllers: [OnboardingsController],
    providers: [{ provide: Onboardings, useValue: new Onboardings(governance, activePolicy, proposals, facts, commands) }],
  };
};
