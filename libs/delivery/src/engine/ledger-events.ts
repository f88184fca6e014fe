import type { ReasonCode } from '@tieout/model';
import type { NewEvent } from '@tieout/persistence';
import type { FeedRules } from './ports.js';
import { postingKeysOf } from '../domain/freeze.js';
import { toFrozenDocument, type DocumentRow, type Member } from './rows.js';

type Types = Pick<FeedRules, 'events'>;

type DocumentIdentity = Pick<DocumentRow, 'documentKey' | 'destination' | 'legalEntityId'>;
const identity = ({ documentKey, destination, legalEntityId }: DocumentIdentity): DocumentIdentity => ({
  documentKey,
  destination,
  legalEntityId,
});

const lineIdentity = ({ postingKey, entryId, releaseNo, destination, legalEntityId }: Member) => ({
  postingKey,
  entryId,
  releaseNo,
  destination,
  legalEntityId,
});
const lineFigures = ({ content: { workDate, hours, amount, currency } }: Member) => ({ workDate, hours, amount, currency });

export const documentPosted = (
  { events }: Types,
  document: DocumentRow,
  lines: readonly Member[],
  externalId: string,
  postedAt: string,
): NewEvent => {
  const summedIn = lineKeys(document, lines);
  return {
    type: events.documentPosted,
    scope: [document.legalEntityId],
    body: {
      ...identity(document),
      postingPeriod: document.postingPeriod,
      postingDate: document.postingDate,
      currency: document.currency,
      externalId,
      postedAt,
      lines: lines.map(({ postingKey, entryId, releaseNo, leg, kind, reverses, content }) => ({
        postingKey,
        ...(summedIn.has(postingKey) && { lineKey: summedIn.get(postingKey)! }),
        entryId,
        releaseNo,
        leg,
        kind,
        ...(reverses !== null && { reverses }),
        workerCode: content.workerCode,
        projectCode: content.projectCode,
        workDate: content.workDate,
        hours: content.hours,
        amount: content.amount,
      })),
    },
  };
};

/** Keys of the destination's lines that sum several postings, by posting. */
const lineKeys = (document: DocumentRow, postings: readonly Member[]): ReadonlyMap<string, string> => {
  if (document.summary === null) return new Map();
  const { lines } = toFrozenDocument(document, postings);
  return new Map(lines.flatMap((line) => postingKeysOf(line).map((key) => [key, line.postingKey] as const)));
};

export const documentConfirmed = (
  { events }: Types,
  document: DocumentRow,
  postingKeys: string[],
  confirmedAt: string,
): NewEvent => ({
  type: events.documentConfirmed,
  scope: [document.legalEntityId],
  body: { ...identity(document), externalId: document.externalId ?? '', confirmedAt, postingKeys },
});

export const documentUnknown = (
  { events }: Types,
  document: DocumentRow,
  reason: Extract<ReasonCode, 'OUTCOME_UNKNOWN' | 'DUPLICATE_IN_DESTINATION'>,
  message: string,
  unknownSince: string,
): NewEvent => ({
  type: events.documentUnknown,
  scope: [document.legalEntityId],
  body: {
    ...identity(document),
    reason,
    message,
    lineCount: document.totals.count,
    hours: document.totals.hours,
    amount: document.totals.amounts[document.currency] ?? '0',
    currency: document.currency,
    unknownSince,
  },
});

export const documentResolved = (
  { events }: Types,
  document: DocumentRow,
  resolution: 'adopted' | 'not-booked' | 'rejected',
  resolvedAt: string,
): NewEvent => ({
  type: events.documentResolved,
  scope: [document.legalEntityId],
  body: { ...identity(document), resolution, resolvedAt },
});

export const lineRejected = ({ events }: Types, line: Member, message: string, rejectedAt: string): NewEvent => ({
  type: events.lineRejected,
  scope: [line.legalEntityId],
  traceparent: line.traceparent ?? undefined,
  body: { ...lineIdentity(line), ...lineFigures(line), message, rejectedAt },
});

export const lineBlocked = (
  { events }: Types,
  line: Member,
  reason: ReasonCode,
  detail: string,
  blockedAt: string,
): NewEvent => ({
  type: events.lineBlocked,
  scope: [line.legalEntityId],
  traceparent: line.traceparent ?? undefined,
  body: { ...lineIdentity(line), ...lineFigures(line), reason, detail, blockedAt },
});

export const lineCleared = ({ events }: Types, line: Member, clearedAt: string): NewEvent => ({
  type: events.lineCleared,
  scope: [line.legalEntityId],
  traceparent: line.traceparent ?? undefined,
  body: { ...lineIdentity(line), clearedAt },
});
