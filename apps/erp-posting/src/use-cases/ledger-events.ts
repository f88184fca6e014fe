import { EVENT_TYPES } from '@tieout/contracts';
import type { ReasonCode } from '@tieout/model';
import type { NewEvent } from '@tieout/persistence';
import type { DocumentRow } from '../adapters/postgres/document.table.js';
import type { PostingRow } from '../adapters/postgres/posting.table.js';

type DocumentIdentity = Pick<DocumentRow, 'documentKey' | 'destination' | 'legalEntityId'>;
const identity = ({ documentKey, destination, legalEntityId }: DocumentIdentity): DocumentIdentity => ({
  documentKey,
  destination,
  legalEntityId,
});

const lineIdentity = ({ postingKey, entryId, releaseNo, destination, legalEntityId }: PostingRow) => ({
  postingKey,
  entryId,
  releaseNo,
  destination,
  legalEntityId,
});
const lineFigures = ({ content: { workDate, hours, amount, currency } }: PostingRow) => ({ workDate, hours, amount, currency });

export const documentPosted = (
  document: DocumentRow,
  lines: readonly PostingRow[],
  externalId: string,
  postedAt: string,
): NewEvent<typeof EVENT_TYPES.documentPosted> => ({
  type: EVENT_TYPES.documentPosted,
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
});

export const documentConfirmed = (
  document: DocumentRow,
  postingKeys: string[],
  confirmedAt: string,
): NewEvent<typeof EVENT_TYPES.documentConfirmed> => ({
  type: EVENT_TYPES.documentConfirmed,
  scope: [document.legalEntityId],
  body: { ...identity(document), externalId: document.externalId ?? '', confirmedAt, postingKeys },
});

export const documentUnknown = (
  document: DocumentRow,
  reason: Extract<ReasonCode, 'OUTCOME_UNKNOWN' | 'DUPLICATE_IN_DESTINATION'>,
  message: string,
  unknownSince: string,
): NewEvent<typeof EVENT_TYPES.documentUnknown> => ({
  type: EVENT_TYPES.documentUnknown,
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
  document: DocumentRow,
  resolution: 'adopted' | 'not-booked' | 'rejected',
  resolvedAt: string,
): NewEvent<typeof EVENT_TYPES.documentResolved> => ({
  type: EVENT_TYPES.documentResolved,
  scope: [document.legalEntityId],
  body: { ...identity(document), resolution, resolvedAt },
});

export const lineRejected = (
  line: PostingRow,
  message: string,
  rejectedAt: string,
): NewEvent<typeof EVENT_TYPES.lineRejected> => ({
  type: EVENT_TYPES.lineRejected,
  scope: [line.legalEntityId],
  traceparent: line.traceparent ?? undefined,
  body: { ...lineIdentity(line), ...lineFigures(line), message, rejectedAt },
});

export const lineBlocked = (
  line: PostingRow,
  reason: ReasonCode,
  detail: string,
  blockedAt: string,
): NewEvent<typeof EVENT_TYPES.lineBlocked> => ({
  type: EVENT_TYPES.lineBlocked,
  scope: [line.legalEntityId],
  traceparent: line.traceparent ?? undefined,
  body: { ...lineIdentity(line), ...lineFigures(line), reason, detail, blockedAt },
});

export const lineCleared = (line: PostingRow, clearedAt: string): NewEvent<typeof EVENT_TYPES.lineCleared> => ({
  type: EVENT_TYPES.lineCleared,
  scope: [line.legalEntityId],
  traceparent: line.traceparent ?? undefined,
  body: { ...lineIdentity(line), clearedAt },
});
