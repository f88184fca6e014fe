export { startTieout, type Tieout, type TieoutOptions } from './tieout.js';
export { SERVICES, type ServiceName, type ServiceSettings } from './services.js';
export type { ReconciliationResult } from './operate.js';
export { startDemoSystems, type DemoSystems } from './demo.js';
export { openReasons, type OpenReason } from './summary.js';
export { copyTree } from './copy-tree.js';
export { ROOT } from './config.js';
export type { PostgresServer } from './postgres-server.js';
export type { NatsServer } from './nats-server.js';
export type { StackProgress } from './progress.js';
export type { Person } from './persons.js';
export { Refused } from './operate.js';
export {
  activeFiles,
  changePolicy,
  proposeChange,
  servicesUnder,
  untilInForce,
  type PolicyChangeOrder,
  type PolicyFiles,
} from './policy-change.js';
export { askAsTwo } from './second-person.js';
