export { startSandboxErp, type SandboxErp } from './erp/erp-server.js';
export type { ErpJournal, ErpLine, ErpPeriod, NewJournal } from './erp/erp-state.js';
export { SANDBOX_FAULTS, type FaultRule, type PanelSettings, type SandboxFault } from './kit/panel.js';
export type { RunningSystem, SystemOptions } from './kit/system.js';
