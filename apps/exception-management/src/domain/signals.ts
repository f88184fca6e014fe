import type {
  ConditionClearedV1,
  ConditionRaisedV1,
  ConnectionFaultClearedV1,
  ConnectionFaultRaisedV1,
  DifferenceFoundV1,
  DifferenceResolvedV1,
  DocumentPostedV1,
  DocumentResolvedV1,
  DocumentUnknownV1,
  LineBlockedV1,
  LineClearedV1,
  LineRejectedV1,
  SourceRecordMendedV1,
  SourceRecordRefusedV1,
  TimeEntryHeldV1,
  TimeEntryReleasedV1,
  TimeEntryWithdrawnV1,
} from '@tieout/contracts';
import { UNASSIGNED, type DecimalString, type Feed, type ReasonCode, type WorkDate } from '@tieout/model';

/** One thing that is wrong with one item. An entry held for two reasons is two problems. */
export interface Problem {
  readonly reason: ReasonCode;
  /** What the case groups by: "project:OLD-7". */
  readonly groupKey: string;
  readonly legalEntityId: string;
  readonly detail: string;
  /** What a person could do, where whoever raised it can tell better than the catalogue. */
  readonly suggestion?: string | undefined;
  readonly entryId: string | null;
  readonly workDate: WorkDate | null;
  readonly hours: DecimalString | null;
  readonly amount: DecimalString | null;
  readonly currency: string | null;
}

/**
 * What an event says of one item: everything that is wrong with it now. Empty: nothing any longer. `orderNo` decides between two
 * signals of one item, whatever arrives last; items whose events carry no number go by time in milliseconds.
 */
export interface Signal {
  readonly itemKey: string;
  readonly orderNo: number;
  readonly problems: readonly Problem[];
}

const NOTHING = { entryId: null, workDate: null, hours: null, amount: null, currency: null } as const;
/** Milliseconds fit a bigint and a JSON number for some 285,000 years. */
const at = (instant: string): number => Date.parse(instant);

export const entryItem = (entryId: string): string => `entry:${entryId}`;
/** The feed comes first, so that a retry finds the service that can act. */
export const lineItem = (feed: Feed, postingKey: string): string => `${feed}:${postingKey}`;

export const heldSignal = (body: TimeEntryHeldV1): Signal => ({
  itemKey: entryItem(body.entryId),
  orderNo: body.decisionNo,
  problems: body.refusals.map(({ reason, detail, subject }) => ({
    reason,
    detail,
    groupKey: subject,
    legalEntityId: body.legalEntityId,
    entryId: body.entryId,
    workDate: body.workDate,
    hours: body.hours,
    amount: body.amount ?? null,
    currency: body.currency ?? null,
  })),
});

export const decidedSignal = (body: TimeEntryReleasedV1 | TimeEntryWithdrawnV1): Signal => ({
  itemKey: entryItem(body.entryId),
  orderNo: body.decisionNo,
  problems: [],
});

export const recordRefusedSignal = (body: SourceRecordRefusedV1): Signal => ({
  itemKey: `record:${body.connection}:${body.recordKey}`,
  orderNo: at(body.receivedAt),
  problems: [
    {
      ...NOTHING,
      reason: 'MALFORMED_RECORD',
      groupKey: `connection:${body.connection}`,
      legalEntityId: UNASSIGNED,
      detail: `${body.where}: ${body.why}`,
    },
  ],
});
export const recordMendedSignal = (body: SourceRecordMendedV1): Signal => ({
  itemKey: `record:${body.connection}:${body.recordKey}`,
  orderNo: at(body.mendedAt),
  problems: [],
});

export const connectionFaultedSignal = (body: ConnectionFaultRaisedV1): Signal => ({
  itemKey: `connection:${body.connection}:${body.raisedBy}`,
  orderNo: at(body.since),
  problems: [
    {
      ...NOTHING,
      reason: body.reason,
      groupKey: `connection:${body.connection}`,
      legalEntityId: UNASSIGNED,
      detail: body.message,
    },
  ],
});
export const connectionClearedSignal = (body: ConnectionFaultClearedV1): Signal => ({
  itemKey: `connection:${body.connection}:${body.raisedBy}`,
  orderNo: at(body.clearedAt),
  problems: [],
});

export const lineRejectedSignal = (body: LineRejectedV1, feed: Feed): Signal => ({
  itemKey: lineItem(feed, body.postingKey),
  orderNo: at(body.rejectedAt),
  problems: [lineProblem(body, 'DESTINATION_REJECTED', `destination:${body.destination}`, body.message)],
});
export const lineBlockedSignal = (body: LineBlockedV1, feed: Feed): Signal => ({
  itemKey: lineItem(feed, body.postingKey),
  orderNo: at(body.blockedAt),
  problems: [lineProblem(body, body.reason, `period:${body.legalEntityId}:${body.workDate.slice(0, 7)}`, body.detail)],
});
export const lineClearedSignal = (body: LineClearedV1, feed: Feed): Signal => ({
  itemKey: lineItem(feed, body.postingKey),
  orderNo: at(body.clearedAt),
  problems: [],
});
export const documentPostedSignals = (body: DocumentPostedV1, feed: Feed): Signal[] =>
  body.lines.map((line) => ({ itemKey: lineItem(feed, line.postingKey), orderNo: at(body.postedAt), problems: [] }));

const lineProblem = (body: LineRejectedV1 | LineBlockedV1, reason: ReasonCode, groupKey: string, detail: string): Problem => ({
  reason,
  groupKey,
  detail,
  legalEntityId: body.legalEntityId,
  entryId: body.entryId,
  workDate: body.workDate,
  hours: body.hours,
  amount: body.amount,
  currency: body.currency,
});

export const documentUnknownSignal = (body: DocumentUnknownV1): Signal => ({
  itemKey: `document:${body.documentKey}`,
  orderNo: at(body.unknownSince),
  problems: [
    {
      ...NOTHING,
      reason: body.reason,
      groupKey: `document:${body.documentKey}`,
      legalEntityId: body.legalEntityId,
      detail: `${body.message} (${body.lineCount} lines at ${body.destination})`,
      hours: body.hours,
      amount: body.amount,
      currency: body.currency,
    },
  ],
});
export const documentResolvedSignal = (body: DocumentResolvedV1): Signal => ({
  itemKey: `document:${body.documentKey}`,
  orderNo: at(body.resolvedAt),
  problems: [],
});

export const differenceFoundSignal = (body: DifferenceFoundV1): Signal => ({
  itemKey: `difference:${body.differenceKey}`,
  orderNo: at(body.foundAt),
  problems: [
    {
      reason: body.reason,
      groupKey: `destination:${body.destination}`,
      legalEntityId: body.legalEntityId,
      detail: body.detail,
      entryId: body.entryId ?? null,
      workDate: null,
      hours: body.hours,
      amount: body.amount,
      currency: body.currency,
    },
  ],
});
export const differenceResolvedSignal = (body: DifferenceResolvedV1): Signal => ({
  itemKey: `difference:${body.differenceKey}`,
  orderNo: at(body.resolvedAt),
  problems: [],
});

export const conditionRaisedSignal = (body: ConditionRaisedV1): Signal => ({
  itemKey: conditionItem(body),
  orderNo: at(body.raisedAt),
  problems: [
    {
      ...NOTHING,
      reason: body.reason,
      groupKey: body.subjectKey,
      legalEntityId: body.legalEntityId,
      detail: body.detail,
      suggestion: body.suggestion,
    },
  ],
});
export const conditionClearedSignal = (body: ConditionClearedV1): Signal => ({
  itemKey: conditionItem(body),
  orderNo: at(body.clearedAt),
  problems: [],
});
/** Two services may see the same thing, and one of them may cease to. */
const conditionItem = ({ itemKey, raisedBy }: ConditionRaisedV1 | ConditionClearedV1): string =>
  `condition:${raisedBy}:${itemKey}`;

export interface DeadLetterFacts {
  readonly consumer: string;
  readonly eventId: string | undefined;
  readonly sequence: number;
  readonly detail: string;
  readonly deadLetteredAt: string;
}

export const deadLetterSignal = (letter: DeadLetterFacts): Signal => ({
  itemKey: `dead-letter:${letter.consumer}:${letter.eventId ?? letter.sequence}`,
  orderNo: at(letter.deadLetteredAt),
  problems: [
    {
      ...NOTHING,
      reason: 'CONTRACT_BROKEN',
      groupKey: `consumer:${letter.consumer}`,
      legalEntityId: UNASSIGNED,
      detail: letter.detail,
    },
  ],
});

/**
 * Of the same moment, the one that clears wins: nothing is cleared before it was raised, while something raised anew within the same
 * millisecond is raised again by the next attempt.
 */
const isNewer = (signal: Signal, than: Signal): boolean =>
  signal.orderNo !== than.orderNo ? signal.orderNo > than.orderNo : signal.problems.length === 0 && than.problems.length > 0;

/** Per item, the signal that counts, whatever order they arrived in. */
export const latestSignals = (signals: readonly Signal[]): Signal[] => {
  const latest = new Map<string, Signal>();
  for (const signal of signals) {
    const known = latest.get(signal.itemKey);
    if (known === undefined || isNewer(signal, known)) latest.set(signal.itemKey, signal);
  }
  return [...latest.values()];
};
