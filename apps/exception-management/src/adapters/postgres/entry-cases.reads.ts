import type { Instant } from '@tieout/model';
import type { Tx } from '@tieout/persistence';

export interface CaseOfEntry {
  readonly caseId: string;
  readonly reason: string;
  readonly groupKey: string;
  /** Of the entry's own item: a case may be open for others. */
  readonly state: 'open' | 'resolved';
  readonly severity: string;
  readonly owner: string;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
  readonly closedAt: Instant | null;
  readonly detail: string;
}

/** The latest case of each group that has an item of the entry; the oldest item first. */
export const casesOfEntry = (tx: Tx, entryId: string): Promise<CaseOfEntry[]> =>
  tx.query<CaseOfEntry>(
    `SELECT c.case_id AS "caseId", i.reason, i.group_key AS "groupKey", CASE WHEN i.closed_at IS NULL THEN 'open' ELSE 'resolved' END AS state, c.severity, c.owner,
       i.opened_at AS "openedAt", c.due_at AS "dueAt", i.closed_at AS "closedAt", i.detail
     FROM case_item i JOIN LATERAL (
       SELECT case_id, severity, owner, due_at FROM exception_case
       WHERE reason = i.reason AND group_key = i.group_key AND legal_entity_id = i.legal_entity_id ORDER BY opening DESC LIMIT 1) c ON true
     WHERE i.entry_id = $1 ORDER BY i.opened_at, i.item_key, i.reason`,
    [entryId],
  );
