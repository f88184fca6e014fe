import type { DynamicModule } from '@nestjs/common';
import type { ServiceRuntime } from '@tieout/service-kit';
import type { PartFactory } from './app-part.js';
import { auditPart } from './audit.module-part.js';
import { readGovernanceConfig } from './config.js';
import { lifeCyclePart } from './life-cycle.module-part.js';
import { contractsPart } from './contracts.module-part.js';
import { deployCheckPart } from './deploy-check.module-part.js';
import { onboardingPart } from './onboarding.module-part.js';
import { planPart } from './plan.module-part.js';

class AppModule {}

/** One per topic. Adding a topic is adding its file and a line here. */
const PARTS: readonly PartFactory[] = [lifeCyclePart, auditPart, contractsPart, deployCheckPart, planPart, onboardingPart];

/** Composition only. */
export const appModule = (runtime: ServiceRuntime): DynamicModule => {
  const config = readGovernanceConfig(runtime.env);
  const parts = PARTS.map((part) => part({ runtime, config }));
  return {
    module: AppModule,
    controllers: parts.flatMap(({ controllers }) => controllers),
    providers: parts.flatMap(({ providers }) => providers),
  };
};
