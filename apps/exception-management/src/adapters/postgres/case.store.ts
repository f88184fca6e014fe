import type { Instant, ReasonCode } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { ExceptionCase } from '../../domain/exception-case.js';
import type { Signal } from '../../domain/signals.js';

export interface GroupKey {
  readonly reason: ReasonCode;
  readonly group_key: string;
  readonly legal_entity_id: string;
}

/** Keeps the newer signal of each item, by the same rule as `isNewer`. @returns the item keys whose signal is news. */
export const putSignals = async (tx: Tx, signals: readonly Signal[]): Promise<ReadonlySet<string>> => {
  const rows = await tx.query<{ item_key: string }>(
    `INSERT INTO case_signal AS s (item_key, order_no, cleared) SELECT * FROM unnest($1::text[], $2::bigint[], $3::boolean[]) AS v(item_key, order_no, cleared) ORDER BY 1
     ON CONFLICT (item_key) DO UPDATE SET order_no = excluded.order_no, cleared = excluded.cleared WHERE (s.order_no, s.cleared) < (excluded.order_no, excluded.cleared) RETURNING item_key`,
    [signals.map((s) => s.itemKey), signals.map((s) => s.orderNo), signals.map((s) => s.problems.length === 0)],
  );
  return new Set(rows.map((row) => row.item_key));
};

/** Makes the open problems of these items exactly what the signals say. @returns the groups that were touched. */
export const putProblems = async (tx: Tx, signals: readonly Signal[], now: Instant): Promise<GroupKey[]> => {
  const wanted = signals.flatMap(({ itemKey, problems }) => problems.map((problem) => ({ item_key: itemKey, ...problem })));
  const closed = await tx.query<GroupKey>(
    `UPDATE case_item i SET closed_at = $3 WHERE item_key = ANY($1::text[]) AND closed_at IS NULL AND NOT EXISTS (
       SELECT 1 FROM jsonb_to_recordset($2::jsonb) AS w(item_key text, reason text, "groupKey" text, "legalEntityId" text)
       WHERE w.item_key = i.item_key AND w.reason = i.reason AND w."groupKey" = i.group_key AND w."legalEntityId" = i.legal_entity_id)
     RETURNING reason, group_key, legal_entity_id`,
    [signals.map((s) => s.itemKey), JSON.stringify(wanted), now],
  );
  const opened = await tx.query<GroupKey>(
    `INSERT INTO case_item AS i (item_key, reason, group_key, legal_entity_id, detail, suggestion, entry_id, work_date, hours, amount, currency, opened_at)
     SELECT DISTINCT ON (item_key, reason, "groupKey", "legalEntityId") item_key, reason, "groupKey", "legalEntityId", detail, suggestion, "entryId", "workDate", hours, amount, currency, $2
     FROM jsonb_to_recordset($1::jsonb) AS w(item_key text, reason text, "groupKey" text, "legalEntityId" text, detail text, suggestion text, "entryId" uuid, "workDate" date, hours numeric, amount numeric, currency text)
     ON CONFLICT (item_key, reason, group_key, legal_entity_id) DO UPDATE SET detail = excluded.detail, suggestion = excluded.suggestion, work_date = excluded.work_date, hours = excluded.hours, amount = excluded.amount,
       currency = excluded.currency, opened_at = CASE WHEN i.closed_at IS NULL THEN i.opened_at ELSE excluded.opened_at END, closed_at = NULL
     RETURNING reason, group_key, legal_entity_id`,
    [JSON.stringify(wanted), now],
  );
  const groups = new Map(
    [...closed, ...opened].map((group) => [`${group.reason}|${group.group_key}|${group.legal_entity_id}`, group]),
  );
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
};

export interface OpenItemRow extends GroupKey {
  hours: string | null;
  amount: string | null;
  currency: string | null;
  work_date: string | null;
  detail: string;
  suggestion: string | null;
}

/** The open items of these groups. Two replicas that settle one group wait for each other here. */
export const openItems = async (tx: Tx, groups: readonly GroupKey[]): Promise<OpenItemRow[]> => {
  const keys = [groups.map((g) => g.reason), groups.map((g) => g.group_key), groups.map((g) => g.legal_entity_id)];
  await tx.query(
    `SELECT pg_advisory_xact_lock(k) FROM (SELECT hashtextextended(reason || '|' || group_key || '|' || legal_entity_id, 0) AS k FROM unnest($1::text[], $2::text[], $3::text[]) AS g(reason, group_key, legal_entity_id) ORDER BY 1) AS keys`,
    keys,
  );
  return tx.query<OpenItemRow>(
    `SELECT i.reason, i.group_key, i.legal_entity_id, i.hours::text AS hours, i.amount::text AS amount, i.currency, i.work_date::text AS work_date, i.detail, i.suggestion FROM case_item i
     JOIN unnest($1::text[], $2::text[], $3::text[]) AS g(reason, group_key, legal_entity_id) USING (reason, group_key, legal_entity_id) WHERE i.closed_at IS NULL ORDER BY i.opened_at, i.item_key`,
    keys,
  );
};

interface CaseRow extends GroupKey {
  case_id: string;
  opening: number;
  state: ExceptionCase['state'];
  severity: ExceptionCase['severity'];
  owner: string;
  opened_at: Instant;
  due_at: Instant;
  resolved_at: Instant | null;
  items: number;
  hours: string;
  amounts: Record<string, string>;
  earliest_work_date: string | null;
  detail: string;
  suggestion: string | null;
}

const toCase = (row: CaseRow): ExceptionCase => ({
  caseId: row.case_id,
  reason: row.reason,
  groupKey: row.group_key,
  legalEntityId: row.legal_entity_id,
  opening: row.opening,
  state: row.state,
  severity: row.severity,
  owner: row.owner,
  openedAt: row.opened_at,
  dueAt: row.due_at,
  resolvedAt: row.resolved_at,
  totals: { items: row.items, hours: row.hours, amounts: row.amounts, earliestWorkDate: row.earliest_work_date },
  detail: row.detail,
  suggestion: row.suggestion,
});

const COLUMNS = `case_id, reason, group_key, legal_entity_id, opening, state, severity, owner, opened_at, due_at, resolved_at, items, hours::text AS hours, amounts, earliest_work_date::text AS earliest_work_date, detail, suggestion`;

/** The latest case of each group. */
export const latestCases = async (tx: Tx, groups: readonly GroupKey[]): Promise<ExceptionCase[]> =>
  (
    await tx.query<CaseRow>(
      `SELECT DISTINCT ON (reason, group_key, legal_entity_id) ${COLUMNS} FROM exception_case JOIN unnest($1::text[], $2::text[], $3::text[]) AS g(reason, group_key, legal_entity_id)
       USING (reason, group_key, legal_entity_id) ORDER BY reason, group_key, legal_entity_id, opening DESC`,
      [groups.map((g) => g.reason), groups.map((g) => g.group_key), groups.map((g) => g.legal_entity_id)],
    )
  ).map(toCase);

export const putCases = async (tx: Tx, cases: readonly ExceptionCase[]): Promise<void> => {
  await tx.query(
    `INSERT INTO exception_case (case_id, reason, group_key, legal_entity_id, opening, state, severity, owner, opened_at, due_at, resolved_at, items, hours, amounts, earliest_work_date, detail, suggestion)
     SELECT "caseId", reason, "groupKey", "legalEntityId", opening, state, severity, owner, "openedAt", "dueAt", "resolvedAt", items, hours, amounts, "earliestWorkDate", detail, suggestion
     FROM jsonb_to_recordset($1::jsonb) AS v("caseId" uuid, reason text, "groupKey" text, "legalEntityId" text, opening int, state text, severity text, owner text, "openedAt" timestamptz,
       "dueAt" timestamptz, "resolvedAt" timestamptz, items int, hours numeric, amounts jsonb, "earliestWorkDate" date, detail text, suggestion text)
     ON CONFLICT (case_id) DO UPDATE SET state = excluded.state, severity = excluded.severity, owner = excluded.owner, due_at = excluded.due_at, resolved_at = excluded.resolved_at,
       items = excluded.items, hours = excluded.hours, amounts = excluded.amounts, earliest_work_date = excluded.earliest_work_date, detail = excluded.detail, suggestion = excluded.suggestion`,
    [JSON.stringify(cases.map(({ totals, ...found }) => ({ ...found, ...totals })))],
  );
};

export interface CaseFilter {
  readonly state?: string | undefined;
  readonly reason?: string | undefined;
  readonly legalEntityId?: string | undefined;
  readonly limit: number;
}

/** Most urgent first. */
export const listCases = async (tx: Tx, filter: CaseFilter): Promise<ExceptionCase[]> =>
  (
    await tx.query<CaseRow>(
      `SELECT ${COLUMNS} FROM exception_case WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR reason = $2) AND ($3::text IS NULL OR legal_entity_id = $3)
       ORDER BY state, due_at, case_id LIMIT $4`,
      [filter.state ?? null, filter.reason ?? null, filter.legalEntityId ?? null, filter.limit],
    )
  ).map(toCase);

export const findCase = async (tx: Tx, caseId: string): Promise<ExceptionCase | undefined> => {
  const [row] = await tx.query<CaseRow>(`SELECT ${COLUMNS} FROM exception_case WHERE case_id = $1`, [caseId]);
  return row && toCase(row);
};

export interface CaseItem {
  itemKey: string;
  entryId: string | null;
  detail: string;
  suggestion: string | null;
  workDate: string | null;
  hours: string | null;
  amount: string | null;
  currency: string | null;
}

export const itemsOf = (tx: Tx, found: ExceptionCase, limit: number): Promise<CaseItem[]> =>
  tx.query<CaseItem>(
    `SELECT item_key AS "itemKey", entry_id AS "entryId", detail, suggestion, work_date::text AS "workDate", hours::text AS hours, amount::text AS amount, currency FROM case_item
     WHERE reason = $1 AND group_key = $2 AND legal_entity_id = $3 AND closed_at IS NULL ORDER BY opened_at, item_key LIMIT $4`,
    [found.reason, found.groupKey, found.legalEntityId, limit],
  );

export interface OpenByReason {
  reason: ReasonCode;
  legalEntityId: string;
  cases: number;
  items: number;
  entries: number;
  hours: string;
}

export const openByReason = (tx: Tx): Promise<OpenByReason[]> =>
  tx.query<OpenByReason>(
    `SELECT reason, legal_entity_id AS "legalEntityId", count(DISTINCT group_key)::int AS cases, count(*)::int AS items, count(DISTINCT entry_id)::int AS entries, coalesce(sum(hours), 0)::text AS hours
     FROM case_item WHERE closed_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2`,
  );
