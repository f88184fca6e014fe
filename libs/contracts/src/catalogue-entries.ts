import { FEEDS, type Feed } from '@tieout/model';
import type { ContractOwner, Declared, Party } from './catalogue-types.js';
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

const OWNERS = {
  master: { context: 'master', team: 'master-data' },
  time: { context: 'time', team: 'time' },
  posting: { context: 'posting', team: 'posting' },
  payroll: { context: 'payroll', team: 'payroll' },
  analytics: { context: 'analytics', team: 'analytics' },
  reconciliation: { context: 'reconciliation', team: 'reconciliation' },
  exception: { context: 'exception', team: 'reconciliation' },
  governance: { context: 'governance', team: 'governance' },
  all: { context: 'all', team: 'platform' },
} as const satisfies Record<string, ContractOwner>;

const { master, time, reconciliation, exception, governance, all } = OWNERS;

/** What each feed says. Only ERP posting is reconciled line by line. */
const FEED_EVENT_TEXTS: Readonly<Record<FeedEvent, { says: string; readBy: (feed: Feed) => readonly Party[] }>> = {
  documentPosted: {
    says: 'the destination booked a document',
    readBy: (feed) => (feed === 'posting' ? ['reconciliation', 'exception'] : ['exception']),
  },
  documentConfirmed: {
    says: 'a booked document was read back and agrees',
    readBy: (feed) => (feed === 'posting' ? ['reconciliation'] : []),
  },
  documentUnknown: { says: 'nobody can tell yet whether a document is booked', readBy: () => ['exception'] },
  documentResolved: { says: 'what became of an unknown document is known', readBy: () => ['exception'] },
  lineRejected: {
    says: 'the destination refused a line',
    readBy: (feed) => (feed === 'posting' ? ['exception', 'reconciliation'] : ['exception']),
  },
  lineBlocked: {
    says: 'a line cannot be sent as things are',
    readBy: (feed) => (feed === 'posting' ? ['exception', 'reconciliation'] : ['exception']),
  },
  lineCleared: {
    says: 'a rejected or blocked line is in order again',
    readBy: (feed) => (feed === 'posting' ? ['exception', 'reconciliation'] : ['exception']),
  },
};

const feedEvents = <F extends Feed>(feed: F) =>
  Object.fromEntries(
    Object.entries(FEED_EVENTS[feed]).map(([event, type]) => {
      const { says, readBy } = FEED_EVENT_TEXTS[event as FeedEvent];
      return [type, { says, owner: OWNERS[feed], consumers: readBy(feed) }];
    }),
  ) as unknown as Readonly<Record<(typeof FEED_EVENTS)[F][FeedEvent], Declared>>;

/** Consumers agree with MUST_RECEIVE; those that read without a receipt stand in `mayMiss` too. */
export const EVENT_CATALOGUE: Readonly<Record<EventType, Declared>> = {
  [EVENT_TYPES.masterChanged]: {
    says: 'an object of master data, whole, with its timeline',
    owner: master,
    consumers: ['time', 'posting', 'payroll', 'analytics', 'exception'],
    mayMiss: ['exception'],
  },
  [EVENT_TYPES.entryReleased]: {
    says: 'policy lets an approved entry pass: resolved, rated, routed',
    owner: time,
    consumers: ['posting', 'payroll', 'analytics', 'reconciliation', 'exception'],
  },
  [EVENT_TYPES.entryHeld]: {
    says: 'policy holds an approved entry, with every reason',
    owner: time,
    consumers: ['reconciliation', 'exception'],
  },
  [EVENT_TYPES.entryWithdrawn]: {
    says: 'an entry counts no longer',
    owner: time,
    consumers: ['posting', 'payroll', 'analytics', 'reconciliation', 'exception'],
  },
  [EVENT_TYPES.recordRefused]: {
    says: 'a source record cannot become an entry',
    owner: time,
    consumers: ['exception', 'reconciliation'],
    mayMiss: ['reconciliation'],
  },
  [EVENT_TYPES.recordMended]: {
    says: 'a refused source record is in order now',
    owner: time,
    consumers: ['exception', 'reconciliation'],
    mayMiss: ['reconciliation'],
  },
  ...feedEvents('posting'),
  ...feedEvents('payroll'),
  ...feedEvents('analytics'),
  [EVENT_TYPES.connectionFaulted]: {
    says: 'an outside system does not do what it should',
    owner: all,
    consumers: ['exception'],
  },
  [EVENT_TYPES.connectionRecovered]: { says: 'an outside system is back', owner: all, consumers: ['exception'] },
  [EVENT_TYPES.runCompleted]: {
    says: 'a reconciliation run and its tie-out lines',
    owner: reconciliation,
    consumers: ['other-systems'],
    mayMiss: ['other-systems'],
  },
  [EVENT_TYPES.differenceFound]: { says: 'source and destination differ', owner: reconciliation, consumers: ['exception'] },
  [EVENT_TYPES.differenceResolved]: {
    says: 'a difference is gone, or was accepted',
    owner: reconciliation,
    consumers: ['exception'],
  },
  [EVENT_TYPES.policyActivated]: {
    says: 'the policy bundle that counts from now on, signed',
    owner: governance,
    consumers: ['master', 'time', 'posting', 'payroll', 'analytics', 'reconciliation', 'exception'],
    mayMiss: ['master', 'time', 'posting', 'payroll', 'analytics', 'reconciliation', 'exception'],
  },
  [EVENT_TYPES.overrideChanged]: { says: 'a one-off exemption, signed', owner: governance, consumers: ['time'] },
  [EVENT_TYPES.conditionRaised]: {
    says: 'something that is no entry, line or connection wants a person',
    owner: all,
    consumers: ['exception'],
  },
  [EVENT_TYPES.conditionCleared]: { says: 'a condition is over', owner: all, consumers: ['exception'] },
};

const FEED_COMMAND_TEXTS: Readonly<Record<keyof (typeof FEED_COMMANDS)[Feed], { says: string; from: readonly Party[] }>> = {
  retry: { says: 'owe rejected lines again, look at blocked ones again', from: ['exception', 'governance', 'people'] },
  replay: { says: 'take the latest releases again and send what is missing', from: ['governance', 'people', 'tools'] },
  adopt: { says: "take a predecessor's lines into the ledger", from: ['governance', 'people', 'tools'] },
  restore: { says: 'derive the ledger again from the destination', from: ['governance', 'people', 'tools'] },
  settle: { says: 'what became of a document that only a person can tell', from: ['governance', 'people', 'tools'] },
  reverseSurplus: { says: 'reverse lines that stand twice', from: ['governance', 'people', 'tools'] },
  lock: { says: 'send nothing to a destination', from: ['governance', 'people', 'tools'] },
  open: { says: 'send to a locked destination again', from: ['governance', 'people', 'tools'] },
};

const feedCommands: Readonly<Record<string, Declared>> = Object.fromEntries(
  FEEDS.flatMap((feed) =>
    Object.entries(FEED_COMMANDS[feed]).map(([verb, subject]) => {
      const { says, from } = FEED_COMMAND_TEXTS[verb as keyof typeof FEED_COMMAND_TEXTS];
      return [subject, { says, owner: OWNERS[feed], consumers: from }];
    }),
  ),
);

export const COMMAND_CATALOGUE: Readonly<Record<string, Declared>> = {
  [COMMANDS.reassessEntries]: {
    says: 'take the verdict on these entries again',
    owner: time,
    consumers: ['exception', 'governance', 'people'],
  },
  [COMMANDS.planPolicy]: { says: 'try a candidate bundle on recent entries', owner: time, consumers: ['governance'] },
  [COMMANDS.accruePeriod]: {
    says: 'accrue time that is missing or unapproved at close',
    owner: OWNERS.posting,
    consumers: ['governance', 'people'],
  },
  'cmd.<context>.erase-personal.v1': {
    says: 'erase the personal values in the audit records about a subject',
    owner: all,
    consumers: ['governance'],
  },
  [COMMANDS.runReconciliation]: { says: 'reconcile now', owner: reconciliation, consumers: ['people', 'tools'] },
  [COMMANDS.acceptDifferences]: {
    says: 'differences that no longer count against the tie-out, and why',
    owner: reconciliation,
    consumers: ['governance', 'people'],
  },
  ...feedCommands,
};

const feedQuestions: Readonly<Record<string, Declared>> = Object.fromEntries(
  FEEDS.flatMap((feed) => [
    [
      FEED_QUESTIONS[feed].entryPostings,
      { says: 'what was posted of an entry', owner: OWNERS[feed], consumers: ['other-systems'] },
    ],
    [
      FEED_QUESTIONS[feed].sentEntries,
      {
        says: 'of which entries a line stands in a destination or may be on its way there',
        owner: OWNERS[feed],
        consumers: ['time'],
      },
    ],
    [FEED_QUESTIONS[feed].progress, { says: 'how many lines are in which state', owner: OWNERS[feed], consumers: ['tools'] }],
  ]),
);

/** `<context>` stands for every service: each answers for itself. */
export const QUESTION_CATALOGUE: Readonly<Record<string, Declared>> = {
  [QUESTIONS.legalEntityReadiness]: {
    says: "what of a legal entity's master data is there, and what is missing",
    owner: master,
    consumers: ['governance'],
  },
  [QUESTIONS.masterLookUp]: {
    says: 'an object of master data by code and day',
    owner: master,
    consumers: ['other-systems'],
  },
  [QUESTIONS.masterProgress]: { says: 'whether master data has caught up', owner: master, consumers: ['time', 'tools'] },
  [QUESTIONS.projectValidation]: {
    says: 'whether time may be recorded on a project, by a worker, on a day',
    owner: master,
    consumers: ['other-systems'],
  },
  [QUESTIONS.employeeLookUp]: {
    says: 'a worker by code, user name or the id of another system',
    owner: master,
    consumers: ['other-systems'],
  },
  [QUESTIONS.approvalStatus]: {
    says: "whether an entry, or a worker's week, is approved",
    owner: time,
    consumers: ['other-systems'],
  },
  [QUESTIONS.entryStatus]: { says: 'an entry, its versions and verdicts', owner: time, consumers: ['other-systems'] },
  [QUESTIONS.timeProgress]: {
    says: 'whether every source was read to its end',
    owner: time,
    consumers: ['posting', 'payroll', 'analytics', 'tools'],
  },
  [QUESTIONS.openTime]: { says: 'recorded and unapproved time per person', owner: time, consumers: ['posting'] },
  [QUESTIONS.policyPlan]: { says: 'how far a plan is and what it found', owner: time, consumers: ['governance'] },
  ...feedQuestions,
  [QUESTIONS.openCases]: { says: 'open cases by reason', owner: exception, consumers: ['tools'] },
  [QUESTIONS.latestRuns]: { says: 'the latest reconciliation runs', owner: reconciliation, consumers: ['tools'] },
  'qry.<context>.receipts.v1': {
    says: 'which events of a producer were received',
    owner: all,
    consumers: ['master', 'time', 'posting', 'payroll', 'analytics', 'reconciliation', 'exception', 'governance'],
  },
  'qry.<context>.connection-states.v1': { says: 'which connections work', owner: all, consumers: ['governance'] },
  'qry.<context>.audit-heads.v1': { says: 'where the audit chains stand', owner: all, consumers: ['governance'] },
  'qry.<context>.audit-page.v1': { says: 'audit records of a chain, page by page', owner: all, consumers: ['governance'] },
  'qry.<context>.audit-links.v1': {
    says: 'hashes of the records after one, to see what follows',
    owner: all,
    consumers: ['governance'],
  },
};

const api = (owner: ContractOwner, says: string, ...others: readonly Party[]): Declared => ({
  says,
  owner,
  consumers: ['people', 'tools', ...others],
});

/** What a version of an API holds stands in the service's /openapi.json. */
export const HTTP_CATALOGUE: Readonly<Record<string, Declared>> = {
  'http.master-data-sync.v1': api(master, 'master data, its sources, look-ups, synchronisation', 'other-systems'),
  'http.time-ingestion.v1': api(time, 'time entries, webhooks, approval status', 'other-systems'),
  'http.erp-posting.v1': api(OWNERS.posting, 'postings, documents, operations of the ERP feed'),
  'http.payroll-feed.v1': api(OWNERS.payroll, 'pay runs and signatures, operations of the payroll feed'),
  'http.analytics-feed.v1': api(OWNERS.analytics, 'rebuilds, operations of the warehouse feed'),
  'http.reconciliation.v1': api(reconciliation, 'runs, tie-out lines, differences and who accepted them'),
  'http.exception-management.v1': api(exception, 'cases'),
  'http.governance.v1': api(governance, 'bundles, approvals, overrides, requests, calendar, contracts, audit', 'other-systems'),
};
