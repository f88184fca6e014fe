import { perFeed, type Feed } from '@tieout/model';

/** Every subject, built here and nowhere else. Tokens may hold no dot, blank or wildcard. */
const token = (value: string): string => value.replaceAll(/[^A-Za-z0-9_-]/g, '_') || '_';

export const EVENT_TYPES = {
  masterChanged: 'master.object.changed.v1',
  entryReleased: 'time.entry.released.v1',
  entryHeld: 'time.entry.held.v1',
  entryWithdrawn: 'time.entry.withdrawn.v1',
  recordRefused: 'time.source-record.refused.v1',
  recordMended: 'time.source-record.mended.v1',
  documentPosted: 'posting.document.posted.v1',
  documentConfirmed: 'posting.document.confirmed.v1',
  documentUnknown: 'posting.document.unknown.v1',
  documentResolved: 'posting.document.resolved.v1',
  lineRejected: 'posting.line.rejected.v1',
  lineBlocked: 'posting.line.blocked.v1',
  lineCleared: 'posting.line.cleared.v1',
  payrollDocumentPosted: 'payroll.document.posted.v1',
  payrollDocumentConfirmed: 'payroll.document.confirmed.v1',
  payrollDocumentUnknown: 'payroll.document.unknown.v1',
  payrollDocumentResolved: 'payroll.document.resolved.v1',
  payrollLineRejected: 'payroll.line.rejected.v1',
  payrollLineBlocked: 'payroll.line.blocked.v1',
  payrollLineCleared: 'payroll.line.cleared.v1',
  analyticsDocumentPosted: 'analytics.document.posted.v1',
  analyticsDocumentConfirmed: 'analytics.document.confirmed.v1',
  analyticsDocumentUnknown: 'analytics.document.unknown.v1',
  analyticsDocumentResolved: 'analytics.document.resolved.v1',
  analyticsLineRejected: 'analytics.line.rejected.v1',
  analyticsLineBlocked: 'analytics.line.blocked.v1',
  analyticsLineCleared: 'analytics.line.cleared.v1',
  connectionFaulted: 'connection.fault.raised.v1',
  connectionRecovered: 'connection.fault.cleared.v1',
  runCompleted: 'reconciliation.run.completed.v1',
  differenceFound: 'reconciliation.difference.found.v1',
  differenceResolved: 'reconciliation.difference.resolved.v1',
  policyActivated: 'governance.policy.activated.v1',
  overrideChanged: 'governance.override.changed.v1',
  conditionRaised: 'control.condition.raised.v1',
  conditionCleared: 'control.condition.cleared.v1',
} as const;
export type EventType = (typeof EVENT_TYPES)[keyof typeof EVENT_TYPES];

/** Subject of an event; `scope` is the legal entity, or for master data kind and id. */
export const eventSubject = (type: EventType, ...scope: string[]): string => ['evt', type, ...scope.map(token)].join('.');
/** What a consumer of the type filters on. */
export const eventPattern = (type: EventType): string => `evt.${type}.>`;

export const commandSubject = (context: CommandContext, verb: string, version = 1): string =>
  `cmd.${context}.${verb}.v${version}`;
export const questionSubject = (context: Context, question: string, version = 1): string =>
  `qry.${context}.${question}.v${version}`;

/** The services, by the word they use in subjects. */
export const CONTEXTS = [
  'master',
  'time',
  'posting',
  'payroll',
  'analytics',
  'reconciliation',
  'exception',
  'governance',
] as const;
export type Context = (typeof CONTEXTS)[number];
export type CommandContext = 'time' | 'posting' | 'payroll' | 'analytics' | 'reconciliation';

/** What each feed says: the same seven things of its own documents and lines. */
export const FEED_EVENTS = {
  posting: {
    documentPosted: EVENT_TYPES.documentPosted,
    documentConfirmed: EVENT_TYPES.documentConfirmed,
    documentUnknown: EVENT_TYPES.documentUnknown,
    documentResolved: EVENT_TYPES.documentResolved,
    lineRejected: EVENT_TYPES.lineRejected,
    lineBlocked: EVENT_TYPES.lineBlocked,
    lineCleared: EVENT_TYPES.lineCleared,
  },
  payroll: {
    documentPosted: EVENT_TYPES.payrollDocumentPosted,
    documentConfirmed: EVENT_TYPES.payrollDocumentConfirmed,
    documentUnknown: EVENT_TYPES.payrollDocumentUnknown,
    documentResolved: EVENT_TYPES.payrollDocumentResolved,
    lineRejected: EVENT_TYPES.payrollLineRejected,
    lineBlocked: EVENT_TYPES.payrollLineBlocked,
    lineCleared: EVENT_TYPES.payrollLineCleared,
  },
  analytics: {
    documentPosted: EVENT_TYPES.analyticsDocumentPosted,
    documentConfirmed: EVENT_TYPES.analyticsDocumentConfirmed,
    documentUnknown: EVENT_TYPES.analyticsDocumentUnknown,
    documentResolved: EVENT_TYPES.analyticsDocumentResolved,
    lineRejected: EVENT_TYPES.analyticsLineRejected,
    lineBlocked: EVENT_TYPES.analyticsLineBlocked,
    lineCleared: EVENT_TYPES.analyticsLineCleared,
  },
} as const satisfies Record<Feed, Record<string, EventType>>;
export type FeedEvent = keyof (typeof FEED_EVENTS)['posting'];

export const COMMANDS = {
  reassessEntries: commandSubject('time', 'reassess-entries'),
  retryPostings: commandSubject('posting', 'retry'),
  accruePeriod: commandSubject('posting', 'accrue-period'),
  planPolicy: commandSubject('time', 'plan-policy'),
  runReconciliation: commandSubject('reconciliation', 'run'),
  acceptDifferences: commandSubject('reconciliation', 'accept-difference'),
} as const;

/** What every feed takes, each under its own subject. */
export const FEED_COMMANDS = perFeed((feed) => ({
  retry: commandSubject(feed, 'retry'),
  replay: commandSubject(feed, 'replay'),
  adopt: commandSubject(feed, 'adopt'),
  restore: commandSubject(feed, 'restore'),
  settle: commandSubject(feed, 'settle'),
  reverseSurplus: commandSubject(feed, 'reverse-surplus'),
  lock: commandSubject(feed, 'lock'),
  open: commandSubject(feed, 'open'),
}));

export const QUESTIONS = {
  masterLookUp: questionSubject('master', 'look-up'),
  masterProgress: questionSubject('master', 'progress'),
  legalEntityReadiness: questionSubject('master', 'legal-entity-readiness'),
  projectValidation: questionSubject('master', 'project-validation'),
  employeeLookUp: questionSubject('master', 'employee-look-up'),
  entryStatus: questionSubject('time', 'entry-status'),
  timeProgress: questionSubject('time', 'progress'),
  openTime: questionSubject('time', 'open-time'),
  approvalStatus: questionSubject('time', 'approval-status'),
  policyPlan: questionSubject('time', 'policy-plan'),
  entryPostings: questionSubject('posting', 'entry-postings'),
  postingProgress: questionSubject('posting', 'progress'),
  openCases: questionSubject('exception', 'open-cases'),
  latestRuns: questionSubject('reconciliation', 'latest-runs'),
} as const;

/** What every feed answers, each under its own subject. */
export const FEED_QUESTIONS = perFeed((feed) => ({
  entryPostings: questionSubject(feed, 'entry-postings'),
  sentEntries: questionSubject(feed, 'sent-entries'),
  progress: questionSubject(feed, 'progress'),
}));

/** Answered by every service: where its audit chains stand, and their records page by page. */
export const auditHeadsSubject = (context: Context): string => questionSubject(context, 'audit-heads');
export const auditPageSubject = (context: Context): string => questionSubject(context, 'audit-page');
export const auditLinksSubject = (context: Context): string => questionSubject(context, 'audit-links');
/** Taken by every service. */
export const erasePersonalSubject = (context: Context): string => `cmd.${context}.erase-personal.v1`;

/** Answered by whoever reads from connections or sends to them. */
export const connectionStatesSubject = (context: Context): string => questionSubject(context, 'connection-states');

/** Answered by every service that must receive all events of a context; see completeness.ts. */
export const receiptsSubject = (consumer: Context): string => questionSubject(consumer, 'receipts');

export const deadLetterSubject = (consumer: string): string => `dlq.${token(consumer)}`;
export const DEAD_LETTERS = 'dlq.>';

/** Where a feed keeps the mark of how far its ledger has come. */
export const markSubject = (feed: Feed): string => `mark.${feed}`;
