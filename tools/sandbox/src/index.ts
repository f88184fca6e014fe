export { startSandboxCrm, type SandboxCrm } from './crm/crm-server.js';
export { STAGES, type Deal, type Stage } from './crm/deals.js';
export { startSandboxErp, type SandboxErp } from './erp/erp-server.js';
export type { ErpJournal, ErpLine, ErpMember, ErpPeriod, NewJournal } from './erp/erp-words.js';
export { startSandboxHr, type SandboxHr } from './hr/hr-server.js';
export { startSandboxPayroll, type SandboxPayroll } from './payroll/payroll-server.js';
export type { NewBatch, PayBatch, PayLine, PayPeriod } from './payroll/payroll-state.js';
export { startSandboxPsa, type SandboxPsa } from './psa/psa-server.js';
export type { ImportedTimesheet, Timesheet, TimesheetContent } from './psa/timesheet-store.js';
export { SANDBOX_FAULTS, type FaultRule, type SandboxFault } from './kit/faults.js';
export { SANDBOX_PROTOCOLS, type PanelSettings, type SandboxProtocol } from './kit/settings.js';
export type { SecondCount } from './kit/limits.js';
export type { RunningSystem, SystemOptions } from './kit/system.js';
export {
  demoFirm,
  expectedCounts,
  type DemoConnection,
  type DemoEntry,
  type DemoFile,
  type DemoFirm,
  type ExpectedOutcome,
  type ExpectedRefusal,
} from './demo-firm.js';
export { loadDemoFirm, loadedDemoFirm } from './demo/load-demo-firm.js';
export { verifyDemoFirm, type DemoFirmCheck, type DemoFirmQuestion } from './demo/verify-demo-firm.js';
export type { LoaderSettings } from './config.js';
