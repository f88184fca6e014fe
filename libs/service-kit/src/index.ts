export { bootService } from './boot/boot-service.js';
export { startService, type RunningService, type ServiceDefinition } from './boot/start-service.js';
export { BootProblem } from './boot-problem.js';
export { readConfig, type Environment, type ServiceConfig } from './config.js';
export { openConnections, type ConfigurableConnector, type OpenConnection } from './connections.js';
export { ActorOf, CallerOf, Public, Roles, type Actor, type Caller, type Role } from './http/access.js';
export { Deprecated, type Deprecation } from './http/deprecation.js';
export { Problem, type ProblemBody, type ProblemDetail } from './http/problem.js';
export type { GovernanceKeys } from './governance-keys.js';
export { compileFolder, readBundleTexts } from './policy/bundle-folder.js';
export type { PolicyHolder, PolicyOrigin } from './policy/policy-holder.js';
export type { ReadinessCheck } from './readiness.js';
export { RUNTIME, RuntimeModule, type ServiceRuntime } from './runtime.js';
export {
  SecondPerson,
  SecondPersonNeeded,
  whyNotGranted,
  type CommandSize,
  type GrantableCommand,
  type Pass,
} from './second-person.js';
export { SecretReader } from './secrets.js';
