import { EVENT_TYPES, type Context, type EventType } from './subjects.js';

/**
 * Who must receive every event of a type. The producer's sweep compares receipts per bucket with its outbox and re-emits what a
 * consumer lacks; outbox rows stay until all of these have matched.
 */
export const MUST_RECEIVE: Readonly<Record<EventType, readonly Context[]>> = {
  [EVENT_TYPES.masterChanged]: ['time', 'posting', 'payroll', 'analytics'],
  [EVENT_TYPES.entryReleased]: ['posting', 'payroll', 'analytics', 'reconciliation', 'exception'],
  [EVENT_TYPES.entryHeld]: ['reconciliation', 'exception'],
  [EVENT_TYPES.entryWithdrawn]: ['posting', 'payroll', 'analytics', 'reconciliation', 'exception'],
  [EVENT_TYPES.recordRefused]: ['exception'],
  [EVENT_TYPES.recordMended]: ['exception'],
  [EVENT_TYPES.documentPosted]: ['reconciliation', 'exception'],
  [EVENT_TYPES.documentConfirmed]: ['reconciliation'],
  [EVENT_TYPES.documentUnknown]: ['exception'],
  [EVENT_TYPES.documentResolved]: ['exception'],
  [EVENT_TYPES.lineRejected]: ['exception', 'reconciliation'],
  [EVENT_TYPES.lineBlocked]: ['exception', 'reconciliation'],
  [EVENT_TYPES.lineCleared]: ['exception', 'reconciliation'],
  [EVENT_TYPES.payrollDocumentPosted]: ['exception'],
  [EVENT_TYPES.payrollDocumentConfirmed]: [],
  [EVENT_TYPES.payrollDocumentUnknown]: ['exception'],
  [EVENT_TYPES.payrollDocumentResolved]: ['exception'],
  [EVENT_TYPES.payrollLineRejected]: ['exception'],
  [EVENT_TYPES.payrollLineBlocked]: ['exception'],
  [EVENT_TYPES.payrollLineCleared]: ['exception'],
  [EVENT_TYPES.analyticsDocumentPosted]: ['exception'],
  [EVENT_TYPES.analyticsDocumentConfirmed]: [],
  [EVENT_TYPES.analyticsDocumentUnknown]: ['exception'],
  [EVENT_TYPES.analyticsDocumentResolved]: ['exception'],
  [EVENT_TYPES.analyticsLineRejected]: ['exception'],
  [EVENT_TYPES.analyticsLineBlocked]: ['exception'],
  [EVENT_TYPES.analyticsLineCleared]: ['exception'],
  [EVENT_TYPES.connectionFaulted]: ['exception'],
  [EVENT_TYPES.connectionRecovered]: ['exception'],
  [EVENT_TYPES.runCompleted]: [],
  [EVENT_TYPES.differenceFound]: ['exception'],
  [EVENT_TYPES.differenceResolved]: ['exception'],
  // Every replica takes the last one from the stream itself; governance puts it back when it is not there.
  [EVENT_TYPES.policyActivated]: [],
  [EVENT_TYPES.overrideChanged]: ['time'],
  [EVENT_TYPES.conditionRaised]: ['exception'],
  [EVENT_TYPES.conditionCleared]: ['exception'],
};
