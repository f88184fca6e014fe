/** Columns of table document as the engine's rows name them. */
export const DOCUMENT_COLUMNS = `d.document_key as "documentKey", d.destination, d.legal_entity_id as "legalEntityId", d.currency,
  d.posting_period as "postingPeriod", d.posting_date as "postingDate", d.content_hash as "contentHash", d.posting_keys as "postingKeys", d.totals,
  d.split_from as "splitFrom", d.run_group as "group", d.summary, d.lane, d.rank, d.state, d.held, d.exposed, d.fence, d.attempts, d.look_ups as "lookUps", d.draft_id as "draftId", d.ticket, d.external_id as "externalId",
  d.unknown_since as "unknownSince", d.unknown_why as "unknownWhy", coalesce(d.absence_counts_at <= clock_timestamp(), false) as "absenceCounts",
  d.message, d.traceparent, d.frozen_at as "frozenAt", d.posted_at as "postedAt", d.confirmed_at as "confirmedAt"`;
