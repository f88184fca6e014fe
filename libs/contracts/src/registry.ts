import { RunReconciliationV1, ReassessEntriesV1, RetryPostingsV1 } from './commands.js';
import { ConnectionFaultClearedV1, ConnectionFaultRaisedV1 } from './events/connection.js';
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
import { EntryStatusV1, MasterLookUpV1, ReceiptsV1 } from './questions.js';
import { COMMANDS, EVENT_TYPES, QUESTIONS, type EventType } from './subjects.js';

type Contract = new () => object;

/** The body of each event type. */
export const EVENT_CONTRACTS = {
  [EVENT_TYPES.masterChanged]: MasterObjectChangedV1,
  [EVENT_TYPES.entryReleased]: TimeEntryReleasedV1,
  [EVENT_TYPES.entryHeld]: TimeEntryHeldV1,
  [EVENT_TYPES.entryWithdrawn]: TimeEntryWithdrawnV1,
  [EVENT_TYPES.recordRefused]: SourceRecordRefusedV1,
  [EVENT_TYPES.recordMended]: SourceRecordMendedV1,
  [EVENT_TYPES.documentPosted]: DocumentPostedV1,
  [EVENT_TYPES.documentConfirmed]: DocumentConfirmedV1,
  [EVENT_TYPES.documentUnknown]: DocumentUnknownV1,
  [EVENT_TYPES.documentResolved]: DocumentResolvedV1,
  [EVENT_TYPES.lineRejected]: LineRejectedV1,
  [EVENT_TYPES.lineBlocked]: LineBlockedV1,
  [EVENT_TYPES.lineCleared]: LineClearedV1,
  [EVENT_TYPES.connectionFaulted]: ConnectionFaultRaisedV1,
  [EVENT_TYPES.connectionRecovered]: ConnectionFaultClearedV1,
  [EVENT_TYPES.runCompleted]: RunCompletedV1,
  [EVENT_TYPES.differenceFound]: DifferenceFoundV1,
  [EVENT_TYPES.differenceResolved]: DifferenceResolvedV1,
} as const satisfies Record<EventType, Contract>;

export type EventBody<T extends EventType> = InstanceType<(typeof EVENT_CONTRACTS)[T]>;

export const COMMAND_CONTRACTS = {
  [COMMANDS.reassessEntries]: ReassessEntriesV1,
  [COMMANDS.retryPostings]: RetryPostingsV1,
  [COMMANDS.runReconciliation]: RunReconciliationV1,
} as const satisfies Record<string, Contract>;

export const QUESTION_CONTRACTS = {
  [QUESTIONS.masterLookUp]: MasterLookUpV1,
  [QUESTIONS.entryStatus]: EntryStatusV1,
  'qry.<context>.receipts.v1': ReceiptsV1,
} as const satisfies Record<string, Contract>;
