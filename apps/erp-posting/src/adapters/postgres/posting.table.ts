import type { Leg, PostingKind, ReasonCode } from '@tieout/model';
import type { LedgerLine, LineContent, Origin } from '../../domain/ledger.js';
import type { PostingState } from '../../domain/posting-states.js';

/** A row of table posting, as the queries here name it. */
export interface PostingRow {
  entryId: string;
  postingKey: string;
  destination: string;
  legalEntityId: string;
  releaseNo: number;
  leg: Leg;
  kind: PostingKind;
  reverses: string | null;
  origin: Origin;
  content: LineContent;
  state: PostingState;
  documentKey: string | null;
  account: string | null;
  balancingAccount: string | null;
  postingPeriod: string | null;
  postingDate: string | null;
  anchorPeriod: string | null;
  /** Periods that a destination called closed, with the revision that we knew of each. */
  refusedPeriods: Readonly<Record<string, number>>;
  blockedReason: ReasonCode | null;
  blockedDetail: string | null;
  message: string | null;
  traceparent: string | null;
  createdAt: string;
}

export const POSTING_COLUMNS = `p.entry_id as "entryId", p.posting_key as "postingKey", p.destination, p.legal_entity_id as "legalEntityId",
  p.release_no as "releaseNo", p.leg, p.kind, p.reverses, p.origin, p.content, p.state, p.document_key as "documentKey", p.account,
  p.balancing_account as "balancingAccount", p.posting_period as "postingPeriod", p.posting_date as "postingDate", p.anchor_period as "anchorPeriod",
  p.refused_periods as "refusedPeriods", p.blocked_reason as "blockedReason", p.blocked_detail as "blockedDetail",
  p.message, p.traceparent, p.created_at as "createdAt"`;

/** Stops waiting at the freeze: neither in a document nor blocked. */
export const UNPLACED = `document_key = null, account = null, balancing_account = null, posting_period = null, posting_date = null`;

/** `exposed`: the line's document may have reached the destination and will be sent again as it is. */
export const toLedgerLine = (row: PostingRow, exposed: boolean): LedgerLine => ({
  postingKey: row.postingKey,
  releaseNo: row.releaseNo,
  leg: row.leg,
  kind: row.kind,
  reverses: row.reverses ?? undefined,
  state: row.state,
  committed: row.state === 'pending' && exposed,
  content: row.content,
  postingPeriod: row.postingPeriod ?? undefined,
});
