export type * from './engine/ports.js';
export type { DocumentRow, PlanTarget, PostingRow, UnknownWhy } from './engine/rows.js';
export { toFrozenDocument, toLedgerLine } from './engine/rows.js';
export { MemoryBudgetStore } from './engine/budget-memory.js';
export type { BudgetStore, OutageNews, TellOutage } from './engine/budget-store.js';
export { outageTeller } from './engine/budget-outage.js';
export { rankOf, type Urgent } from './domain/lanes.js';
export { ConnectionBudget, type ConnectionBudgetOptions } from './engine/rate-budget.js';
export { LocalBudget, type RateBudget, type RequestKind } from './engine/budget.js';
export { ConfirmDocuments } from './engine/confirm-documents.js';
export { DeliveryEngine, type EngineOptions } from './engine/delivery-engine.js';
export { LEASE_MARGIN_MS, leaseMsOf, type Destination } from './engine/destination.js';
export { dissolve } from './engine/dissolve.js';
export { frozenEntities } from './engine/frozen-entities.js';
export { FreezeDocuments } from './engine/freeze-documents.js';
export { sizeOf, ungated, type CommandSize, type Gate } from './engine/gate.js';
export { CHANNELS, tell, type AuditNote } from './engine/ledger.js';
export { openDestinations } from './engine/open-destinations.js';
export { Pace } from './engine/pace.js';
export { periodsChanged } from './engine/periods-changed.js';
export { PlanTargets } from './engine/plan-targets.js';
export { ProbeConnection } from './engine/probe-connection.js';
export { ResolveUnknown } from './engine/resolve-unknown.js';
export { RetryPostings, type RetryAnswer } from './engine/retry-postings.js';
export { AdoptLines, type AdoptAnswer, type AdoptRefusal } from './engine/adopt-lines.js';
export { Replay, type ReplayAnswer, type ReplaySelection } from './engine/replay.js';
export { FORGETFUL, RestoreGuard, type Mark, type Witness } from './engine/restore-guard.js';
export { RestoreLedger, type RestoreAnswer } from './engine/restore-ledger.js';
export { SettleUnknown, type SettleAnswer, type Settlement } from './engine/settle-unknown.js';
export { SendDocuments } from './engine/send-documents.js';
export { TakeReleases, type IncomingRelease } from './engine/take-releases.js';
export {
  DOCUMENT_STATES,
  DOCUMENT_TRANSITIONS,
  documentMove,
  lineStateIn,
  stepDocument,
  type DocumentEvent,
  type DocumentState,
} from './domain/document-states.js';
export {
  POSTING_STATES,
  POSTING_TRANSITIONS,
  isBooked,
  isInFlight,
  isOut,
  isOpen,
  postingMove,
  stepPosting,
  type PostingEvent,
  type PostingState,
} from './domain/posting-states.js';
export type { Accounts, FreezableLine, FrozenDocument, NewDocument, Placing, PostingPeriod } from './domain/freeze.js';
export {
  negated,
  sameContent,
  type LedgerLine,
  type LineContent,
  type NewLine,
  type Origin,
  type Target,
  type WantedLine,
} from './domain/ledger.js';
export { effectiveLines, plan, type CorrectionStyle, type Plan } from './domain/plan.js';
export { SUMMARY_FIELDS, VARIOUS, summarised, type SummaryField } from './domain/summarise.js';
