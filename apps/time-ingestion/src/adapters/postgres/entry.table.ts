import type { Approval, Refusal, TimeEntryContent } from '@tieout/model';
import type { VerdictState } from '../../domain/decide.js';

/** A row of time_entry, as the hot path reads it. */
export interface TimeEntryRow {
  entry_id: string;
  connection: string;
  source_id: string;
  legal_entity_id: string;
  version_no: number;
  version_hash: string;
  content: TimeEntryContent;
  approval: Approval | null;
  deleted: boolean;
  source_updated_at: string | null;
  source_revision: number | null;
  version_received_at: string;
  verdict: VerdictState;
  release_no: number;
  decision_no: number;
  released_version: number | null;
  released_hash: string | null;
  released_unrated_hash: string | null;
  released_posting_date: string | null;
  refusals: Refusal[] | null;
  refusals_hash: string | null;
  policy_digest: string | null;
  traceparent: string | null;
}
