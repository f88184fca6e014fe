export { SERVICES, startTieout, type ReconciliationResult, type ServiceName, type Tieout, type TieoutOptions } from './tieout.js';
export type { StackProgress } from './progress.js';
