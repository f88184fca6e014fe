import {
  AcceptDifferencesV1,
  AccruePeriodV1,
  AdoptV1,
  ErasePersonalV1,
  LockDestinationV1,
  PlanPolicyV1,
  ReassessEntriesV1,
  ReplayV1,
  RestoreV1,
  RetryPostingsV1,
  ReverseSurplusV1,
  SettleDocumentV1,
  RunReconciliationV1,
} from './commands.js';
import { FEEDS, type Feed } from '@tieout/model';
import { ConnectionFaultClearedV1, ConnectionFaultRaisedV1 } from './events/connection.js';
import { ConditionClearedV1, ConditionRaisedV1 } from './events/control.js';
import { OverrideChangedV1, PolicyActivatedV1 } from './events/governance.js';
import { MasterObjectChangedV1 } from './events/master.js';
import {
  DocumentConfirmedV1,
  DocumentPostedV1,
  DocumentResolvedV1,
  DocumentUnknownV1,
  LineBlockedV1,
  LineClearedV1,
  LineRejectedV1,
} from './events/posting.js';
import { DifferenceFoundV1, DifferenceResolvedV1, RunCompletedV1 } from './events/reconciliation.js';
import {
  SourceRecordMendedV1,
  SourceRecordRefusedV1,
  TimeEntryHeldV1,
  TimeEntryReleasedV1,
  TimeEntryWithdrawnV1,
} from './events/time.js';
import { ApprovalStatusV1, EmployeeLookUpV1, ProjectValidationV1 } from './look-ups.js';
import { ConnectionStatesV1, LegalEntityReadinessV1 } from './onboarding-questions.js';
import {
  AuditHeadsV1,
  AuditLinksV1,
  AuditPageV1,
  EntryStatusV1,
  MasterLookUpV1,
  OpenTimeV1,
  PolicyPlanV1,
  ReceiptsV1,
  SentEntriesV1,
} from './questions.js';
import {
  COMMANDS,
  EVENT_TYPES,
  FEED_COMMANDS,
  FEED_EVENTS,
  FEED_QUESTIONS,
  QUESTIONS,
  type EventType,
  type FeedEvent,
} from './subjects.js';

type Contract = new () => object;

const FEED_CONTRACTS = {
  documentPosted: DocumentPostedV1,
  documentConfirmed: DocumentConfirmedV1,
  documentUnknown: DocumentUnknownV1,
  documentResolved: DocumentResolvedV1,
  lineRejected: LineRejectedV1,
  lineBlocked: LineBlockedV1,
  lineCleared: LineClearedV1,
} as const satisfies Record<FeedEvent, Contract>;

type FeedContracts<F extends Feed> = {
  readonly [E in FeedEvent as (typeof FEED_EVENTS)[F][E]]: (typeof FEED_CONTRACTS)[E];
};
const feedContracts = <F extends Feed>(feed: F): FeedContracts<F> =>
  Object.fromEntries(
    Object.entries(FEED_EVENTS[feed]).map(([event, type]) => [type, FEED_CONTRACTS[event as FeedEvent]]),
  ) as unknown as FeedContracts<F>;

/** The body of each event type. */
export const EVENT_CONTRACTS = {
  [EVENT_TYPES.masterChanged]: MasterObjectChangedV1,
  [EVENT_TYPES.entryReleased]: TimeEntryReleasedV1,
  [EVENT_TYPES.entryHeld]: TimeEntryHeldV1,
  [EVENT_TYPES.entryWithdrawn]: TimeEntryWithdrawnV1,
  [EVENT_TYPES.recordRefused]: SourceRecordRefusedV1,
  [EVENT_TYPES.recordMended]: SourceRecordMendedV1,
  ...feedContracts('posting'),
  ...feedContracts('payroll'),
  ...feedContracts('analytics'),
  [EVENT_TYPES.connectionFaulted]: ConnectionFaultRaisedV1,
  [EVENT_TYPES.connectionRecovered]: ConnectionFaultClearedV1,
  [EVENT_TYPES.runCompleted]: RunCompletedV1,
  [EVENT_TYPES.differenceFound]: DifferenceFoundV1,
  [EVENT_TYPES.differenceResolved]: DifferenceResolvedV1,
  [EVENT_TYPES.policyActivated]: PolicyActivatedV1,
  [EVENT_TYPES.overrideChanged]: OverrideChangedV1,
  [EVENT_TYPES.conditionRaised]: ConditionRaisedV1,
  [EVENT_TYPES.conditionCleared]: ConditionClearedV1,
} as const satisfies Record<EventType, Contract>;

export type EventBody<T extends EventType> = InstanceType<(typeof EVENT_CONTRACTS)[T]>;

export const COMMAND_CONTRACTS = {
  [COMMANDS.reassessEntries]: ReassessEntriesV1,
  [COMMANDS.accruePeriod]: AccruePeriodV1,
  [COMMANDS.runReconciliation]: RunReconciliationV1,
  [COMMANDS.acceptDifferences]: AcceptDifferencesV1,
  [COMMANDS.planPolicy]: PlanPolicyV1,
  'cmd.<context>.erase-personal.v1': ErasePersonalV1,
  ...Object.fromEntries(
    FEEDS.flatMap((feed) => [
      [FEED_COMMANDS[feed].retry, RetryPostingsV1],
      [FEED_COMMANDS[feed].replay, ReplayV1],
      [FEED_COMMANDS[feed].adopt, AdoptV1],
      [FEED_COMMANDS[feed].restore, RestoreV1],
      [FEED_COMMANDS[feed].settle, SettleDocumentV1],
      [FEED_COMMANDS[feed].reverseSurplus, ReverseSurplusV1],
      [FEED_COMMANDS[feed].lock, LockDestinationV1],
      [FEED_COMMANDS[feed].open, LockDestinationV1],
    ]),
  ),
} as const satisfies Record<string, Contract>;

export const QUESTION_CONTRACTS = {
  [QUESTIONS.masterLookUp]: MasterLookUpV1,
  [QUESTIONS.legalEntityReadiness]: LegalEntityReadinessV1,
  [QUESTIONS.projectValidation]: ProjectValidationV1,
  [QUESTIONS.employeeLookUp]: EmployeeLookUpV1,
  [QUESTIONS.entryStatus]: EntryStatusV1,
  [QUESTIONS.approvalStatus]: ApprovalStatusV1,
  [QUESTIONS.openTime]: OpenTimeV1,
  [QUESTIONS.policyPlan]: PolicyPlanV1,
  ...Object.fromEntries(FEEDS.map((feed) => [FEED_QUESTIONS[feed].sentEntries, SentEntriesV1])),
  'qry.<context>.receipts.v1': ReceiptsV1,
  'qry.<context>.connection-states.v1': ConnectionStatesV1,
  'qry.<context>.audit-heads.v1': AuditHeadsV1,
  'qry.<context>.audit-page.v1': AuditPageV1,
  'qry.<context>.audit-links.v1': AuditLinksV1,
} as const satisfies Record<string, Contract>;
