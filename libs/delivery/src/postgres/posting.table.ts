import { DOCUMENT_STATES, lineStateIn } from '../domain/document-states.js';
import { OUT_STATES } from '../domain/posting-states.js';

const CASES = DOCUMENT_STATES.map((state) => `when '${state}' then '${lineStateIn(state)}'`).join(' ');

/** A line that its document's fate does not touch. */
export const OUT = `(${OUT_STATES.map((state) => `'${state}'`).join(', ')})`;

/**
 * The state of line `p`: its own, or its document's. Lock the document first where it must not change meanwhile: a line's row does not
 * change with it.
 */
export const LINE_STATE = `case when p.document_key is null or p.state in ${OUT} then p.state
  else coalesce((select case h.state ${CASES} end from document h where h.document_key = p.document_key), p.state) end`;

/** Columns of table posting as the engine's rows name them. */
export const POSTING_COLUMNS = `p.entry_id as "entryId", p.posting_key as "postingKey", p.destination, p.legal_entity_id as "legalEntityId",
  p.release_no as "releaseNo", p.leg, p.kind, p.reverses, p.origin, p.content, ${LINE_STATE} as state, p.document_key as "documentKey", p.account,
  p.balancing_account as "balancingAccount", p.posting_period as "postingPeriod", p.posting_date as "postingDate", p.anchor_period as "anchorPeriod",
  p.refused_periods as "refusedPeriods", p.blocked_reason as "blockedReason", p.blocked_detail as "blockedDetail",
  p.message, p.traceparent, p.lane, p.rank, p.created_at as "createdAt"`;

/** Stops waiting at the freeze: neither in a document nor blocked. */
export const UNPLACED = `state = 'pending', document_key = null, account = null, balancing_account = null, posting_period = null, posting_date = null`;
