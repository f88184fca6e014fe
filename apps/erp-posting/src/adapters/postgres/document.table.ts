import type { ControlTotals } from '@tieout/model';
import type { DocumentState } from '../../domain/document-states.js';
import { sealed, type FrozenDocument } from '../../domain/freeze.js';
import type { PostingRow } from './posting.table.js';

/** `not-found`: posted, but absent when read back. `differs`: stands there, but not as sent. */
export type UnknownWhy = 'no-answer' | 'duplicate' | 'not-found' | 'differs';

/** A row of table document, as the queries here name it. */
export interface DocumentRow {
  documentKey: string;
  destination: string;
  legalEntityId: string;
  currency: string;
  postingPeriod: string;
  postingDate: string;
  contentHash: string;
  postingKeys: string[];
  totals: ControlTotals;
  splitFrom: string | null;
  state: DocumentState;
  exposed: boolean;
  fence: number;
  attempts: number;
  lookUps: number;
  draftId: string | null;
  externalId: string | null;
  unknownSince: string | null;
  unknownWhy: UnknownWhy | null;
  /** On the database's clock. */
  absenceCounts: boolean;
  message: string | null;
  traceparent: string | null;
  frozenAt: string;
  postedAt: string | null;
  confirmedAt: string | null;
}

export const DOCUMENT_COLUMNS = `d.document_key as "documentKey", d.destination, d.legal_entity_id as "legalEntityId", d.currency,
  d.posting_period as "postingPeriod", d.posting_date as "postingDate", d.content_hash as "contentHash", d.posting_keys as "postingKeys", d.totals,
  d.split_from as "splitFrom", d.state, d.exposed, d.fence, d.attempts, d.look_ups as "lookUps", d.draft_id as "draftId", d.external_id as "externalId",
  d.unknown_since as "unknownSince", d.unknown_why as "unknownWhy", coalesce(d.absence_counts_at <= clock_timestamp(), false) as "absenceCounts",
  d.message, d.traceparent, d.frozen_at as "frozenAt", d.posted_at as "postedAt", d.confirmed_at as "confirmedAt"`;

/** The document from its members. Only what has the stored hash may be sent. */
export const toFrozenDocument = (row: DocumentRow, members: readonly PostingRow[]): FrozenDocument =>
  sealed({
    destination: row.destination,
    documentKey: row.documentKey,
    legalEntityId: row.legalEntityId,
    currency: row.currency,
    postingPeriod: row.postingPeriod,
    postingDate: row.postingDate,
    lines: members.map((member) => ({
      postingKey: member.postingKey,
      entryId: member.entryId,
      releaseNo: member.releaseNo,
      leg: member.leg,
      kind: member.kind,
      ...(member.reverses !== null && { reverses: member.reverses }),
      workerCode: member.content.workerCode,
      projectCode: member.content.projectCode,
      ...(member.content.taskCode !== undefined && { taskCode: member.content.taskCode }),
      ...(member.content.costCentre !== undefined && { costCentre: member.content.costCentre }),
      workDate: member.content.workDate,
      hours: member.content.hours,
      amount: member.content.amount,
      currency: member.content.currency,
      account: member.account ?? '',
      balancingAccount: member.balancingAccount ?? '',
    })),
  });
