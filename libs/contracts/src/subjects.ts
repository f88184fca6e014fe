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
  connectionFaulted: 'connection.fault.raised.v1',
  connectionRecovered: 'connection.fault.cleared.v1',
  runCompleted: 'reconciliation.run.completed.v1',
  differenceFound: 'reconciliation.difference.found.v1',
  differenceResolved: 'reconciliation.difference.resolved.v1',
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
export const CONTEXTS = ['master', 'time', 'posting', 'reconciliation', 'exception'] as const;
export type Context = (typeof CONTEXTS)[number];
export type CommandContext = 'time' | 'posting' | 'reconciliation';

export const COMMANDS = {
  reassessEntries: commandSubject('time', 'reassess-entries'),
  retryPostings: commandSubject('posting', 'retry'),
  runReconciliation: commandSubject('reconciliation', 'run'),
} as const;

export const QUESTIONS = {
  masterLookUp: questionSubject('master', 'look-up'),
  masterProgress: questionSubject('master', 'progress'),
  entryStatus: questionSubject('time', 'entry-status'),
  timeProgress: questionSubject('time', 'progress'),
  entryPostings: questionSubject('posting', 'entry-postings'),
  postingProgress: questionSubject('posting', 'progress'),
  openCases: questionSubject('exception', 'open-cases'),
  latestRuns: questionSubject('reconciliation', 'latest-runs'),
} as const;

/** Answered by every service that must receive all events of a context; see completeness.ts. */
export const receiptsSubject = (consumer: Context): string => questionSubject(consumer, 'receipts');

export const deadLetterSubject = (consumer: string): string => `dlq.${token(consumer)}`;
export const DEAD_LETTERS = 'dlq.>';
