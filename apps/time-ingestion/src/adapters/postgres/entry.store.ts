import type { Approval, Instant, TimeEntryContent, WorkDate } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { Standing } from '../../domain/decide.js';
import type { TimeEntryRow } from './entry.table.js';

/** NOTIFY channel that wakes the assessment loop. */
export const ASSESS_CHANNEL = 'tieout_assess';

const COLUMNS = `entry_id, connection, source_id, legal_entity_id, version_no, version_hash, content, approval, deleted, source_updated_at,
  source_revision, version_received_at, verdict, release_no, decision_no, released_version, released_hash, released_unrated_hash,
  released_posting_date::text AS released_posting_date, refusals, refusals_hash, policy_digest, traceparent`;

export interface NewVersion {
  readonly entryId: string;
  readonly connection: string;
  readonly sourceId: string;
  readonly versionNo: number;
  readonly versionHash: string;
  readonly content: TimeEntryContent;
  readonly approval: Approval | null;
  readonly deleted: boolean;
  readonly sourceUpdatedAt: Instant | null;
  readonly sourceRevision: number | null;
  readonly traceparent: string | null;
}

export interface AssessedRow {
  readonly entryId: string;
  readonly legalEntityId: string;
  readonly standing: Standing;
  readonly refusals: unknown;
  readonly dependsOn: readonly string[];
  readonly assessAfter: Instant | null;
}

export interface DayKey {
  readonly workerCode: string;
  readonly workDate: WorkDate;
}

/** Locks what exists of these entries, in a fixed order, so that two pages with the same entries cannot deadlock. */
export const lockEntries = (tx: Tx, entryIds: readonly string[]): Promise<TimeEntryRow[]> =>
  tx.query<TimeEntryRow>(`SELECT ${COLUMNS} FROM time_entry WHERE entry_id = ANY($1::uuid[]) ORDER BY entry_id FOR UPDATE`, [
    entryIds,
  ]);

/** Writes new versions and makes them current; a current version always waits for its assessment. */
export const putVersions = async (tx: Tx, versions: readonly NewVersion[], receivedAt: Instant): Promise<void> => {
  if (versions.length === 0) return;
  const rows = JSON.stringify(
    versions.map((v) => ({
      entry_id: v.entryId,
      connection: v.connection,
      source_id: v.sourceId,
      version_no: v.versionNo,
      version_hash: v.versionHash,
      content: v.content,
      approval: v.approval,
      deleted: v.deleted,
      source_updated_at: v.sourceUpdatedAt,
      source_revision: v.sourceRevision,
      traceparent: v.traceparent,
    })),
  );
  const source = `jsonb_to_recordset($1::jsonb) AS v(entry_id uuid, connection text, source_id text, version_no int, version_hash uuid, content jsonb, approval jsonb,
    deleted boolean, source_updated_at timestamptz, source_revision bigint, traceparent text)`;
  await tx.query(
    `INSERT INTO time_entry_version (entry_id, version_no, version_hash, content, approval, deleted, source_updated_at, source_revision, received_at, traceparent)
     SELECT entry_id, version_no, version_hash, content, nullif(approval, 'null'), deleted, source_updated_at, source_revision, $2, traceparent FROM ${source}`,
    [rows, receivedAt],
  );
  await tx.query(
    `INSERT INTO time_entry (entry_id, connection, source_id, legal_entity_id, version_no, version_hash, content, approval, deleted, worker_code, work_date, hours,
       source_updated_at, source_revision, version_received_at, last_seen_at, verdict, release_no, decision_no, needs_assessment, traceparent)
     SELECT entry_id, connection, source_id, 'UNASSIGNED', version_no, version_hash, content, nullif(approval, 'null'), deleted, content->>'workerCode', (content->>'workDate')::date,
       (content->>'hours')::numeric, source_updated_at, source_revision, $2, $2, 'none', 0, 0, true, traceparent FROM ${source}
     ON CONFLICT (entry_id) DO UPDATE SET version_no = excluded.version_no, version_hash = excluded.version_hash, content = excluded.content, approval = excluded.approval,
       deleted = excluded.deleted, worker_code = excluded.worker_code, work_date = excluded.work_date, hours = excluded.hours, source_updated_at = excluded.source_updated_at,
       source_revision = excluded.source_revision, version_received_at = excluded.version_received_at, last_seen_at = excluded.last_seen_at, needs_assessment = true,
       assess_after = NULL, traceparent = coalesce(excluded.traceparent, time_entry.traceparent)`,
    [rows, receivedAt],
  );
};

/** Takes up to `limit` entries whose turn it is; other replicas skip what this one holds. */
export const claimForAssessment = (tx: Tx, limit: number, now: Instant): Promise<TimeEntryRow[]> =>
  tx.query<TimeEntryRow>(
    `SELECT ${COLUMNS} FROM time_entry WHERE needs_assessment AND (assess_after IS NULL OR assess_after <= $2) ORDER BY assess_after NULLS FIRST LIMIT $1 FOR UPDATE SKIP LOCKED`,
    [limit, now],
  );

/** `rulesDigest`: of what a verdict reads of the bundle, so that another bundle with the same rules asks for nothing. */
export const putAssessed = async (
  tx: Tx,
  rows: readonly AssessedRow[],
  { policyDigest, rulesDigest }: { policyDigest: string; rulesDigest: string },
): Promise<void> => {
  await tx.query(
    `UPDATE time_entry e SET legal_entity_id = v.legal_entity_id, verdict = v.verdict, release_no = v.release_no, decision_no = v.decision_no, released_version = v.released_version,
       released_hash = v.released_hash, released_unrated_hash = v.released_unrated_hash, released_posting_date = v.released_posting_date, refusals = nullif(v.refusals, 'null'), refusals_hash = v.refusals_hash, depends_on = ARRAY(SELECT jsonb_array_elements_text(v.depends_on)),
       needs_assessment = v.assess_after IS NOT NULL, assess_after = v.assess_after, policy_digest = $2, rules_digest = $3
     FROM jsonb_to_recordset($1::jsonb) AS v(entry_id uuid, legal_entity_id text, verdict text, release_no int, decision_no int, released_version int, released_hash uuid,
       released_unrated_hash uuid, released_posting_date date, refusals jsonb,
       refusals_hash uuid, depends_on jsonb, assess_after timestamptz) WHERE e.entry_id = v.entry_id`,
    [
      JSON.stringify(
        rows.map(({ entryId, legalEntityId, standing, refusals, dependsOn, assessAfter }) => ({
          entry_id: entryId,
          legal_entity_id: legalEntityId,
          verdict: standing.verdict,
          release_no: standing.releaseNo,
          decision_no: standing.decisionNo,
          released_version: standing.released?.versionNo ?? null,
          released_hash: standing.released?.contentHash ?? null,
          released_unrated_hash: standing.released?.unratedHash ?? null,
          released_posting_date: standing.released?.postingDate ?? null,
          refusals,
          refusals_hash: standing.refusalsHash,
          depends_on: dependsOn,
          assess_after: assessAfter,
        })),
      ),
      policyDigest,
      rulesDigest,
    ],
  );
};

export interface DecisionRow {
  readonly entryId: string;
  readonly decisionNo: number;
  readonly versionNo: number;
  readonly releaseNo: number | null;
  readonly kind: string;
  readonly body: unknown;
}

export const putDecisions = async (
  tx: Tx,
  rows: readonly DecisionRow[],
  policyDigest: string,
  decidedAt: Instant,
): Promise<void> => {
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO decision (entry_id, decision_no, version_no, release_no, kind, body, policy_digest, decided_at)
     SELECT "entryId", "decisionNo", "versionNo", "releaseNo", kind, body, $2, $3
     FROM jsonb_to_recordset($1::jsonb) AS v("entryId" uuid, "decisionNo" int, "versionNo" int, "releaseNo" int, kind text, body jsonb)`,
    [JSON.stringify(rows), policyDigest, decidedAt],
  );
};

/**
 * Verdicts and master changes exclude each other until commit: an entry in the middle of its first verdict depends on nothing yet that
 * `markDependents` could see, and would keep a verdict from before the change for ever.
 */
export const lockMasterView = (tx: Tx, mode: 'read' | 'change'): Promise<unknown> =>
  tx.query(`SELECT pg_advisory_xact_lock${mode === 'read' ? '_shared' : ''}(hashtextextended('tieout.master-view', 0))`);

/** What depended on these keys is assessed again. @returns how many entries. */
export const markDependents = async (tx: Tx, keys: readonly string[]): Promise<number> =>
  (
    await tx.query(
      `UPDATE time_entry SET needs_assessment = true, assess_after = NULL WHERE depends_on && $1::text[] AND approval IS NOT NULL AND NOT deleted RETURNING 1`,
      [keys],
    )
  ).length;

/**
 * The day's other entries share its limit and its clock: they are assessed again when one of them changes. Also those without a verdict:
 * one may be in the middle of it, and this waits for it and marks it again.
 */
export const markDays = async (tx: Tx, days: readonly DayKey[], except: readonly string[]): Promise<void> => {
  await tx.query(
    `UPDATE time_entry SET needs_assessment = true, assess_after = NULL FROM unnest($1::text[], $2::date[]) AS d(worker_code, work_date)
     WHERE time_entry.worker_code = d.worker_code AND time_entry.work_date = d.work_date AND verdict IN ('none', 'held', 'waiting') AND approval IS NOT NULL AND NOT entry_id = ANY($3::uuid[])`,
    [days.map((d) => d.workerCode), days.map((d) => d.workDate), except],
  );
};

/**
 * Everything decided under other rules is assessed again, so many at a time: a year of entries in one statement would hold up what comes
 * in meanwhile. @returns where to go on, undefined at the end.
 */
export const markOtherRules = async (
  tx: Tx,
  rulesDigest: string,
  since: WorkDate,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<{ readonly marked: number; readonly last: string | undefined }> => {
  const [row] = await tx.query<{ marked: number; last: string | null; full: boolean }>(
    `WITH page AS (
       SELECT entry_id FROM time_entry WHERE ($3::uuid IS NULL OR entry_id > $3) AND policy_digest IS NOT NULL AND rules_digest IS DISTINCT FROM $1 AND work_date >= $2
         AND approval IS NOT NULL AND NOT deleted ORDER BY entry_id LIMIT $4
     ), marked AS (
       UPDATE time_entry e SET needs_assessment = true FROM page WHERE e.entry_id = page.entry_id RETURNING 1
     )
     SELECT (SELECT count(*)::int FROM marked) AS marked, (SELECT entry_id FROM page ORDER BY entry_id DESC LIMIT 1) AS last, (SELECT count(*) = $4 FROM page) AS full`,
    [rulesDigest, since, page.after ?? null, page.limit],
  );
  return { marked: row!.marked, last: row!.full ? (row!.last ?? undefined) : undefined };
};

export const markEntries = async (tx: Tx, entryIds: readonly string[]): Promise<number> =>
  (
    await tx.query(
      `UPDATE time_entry SET needs_assessment = true, assess_after = NULL WHERE entry_id = ANY($1::uuid[]) AND NOT deleted RETURNING 1`,
      [entryIds],
    )
  ).length;

interface DayRow {
  entry_id: string;
  worker_code: string;
  work_date: string;
  hours: string;
  content: TimeEntryContent;
}

/** The approved entries of these days, for the daily limit and overlaps. */
export const dayEntries = async (tx: Tx, days: readonly DayKey[]): Promise<DayRow[]> =>
  tx.query<DayRow>(
    `SELECT e.entry_id, e.worker_code, e.work_date::text AS work_date, e.hours::text AS hours, e.content FROM time_entry e
     JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::date[]) AS d(worker_code, work_date)) d USING (worker_code, work_date) WHERE e.approval IS NOT NULL AND NOT e.deleted`,
    [days.map((d) => d.workerCode), days.map((d) => d.workDate)],
  );

/** Keys we hold for a window, for the sweep; entries seen after `before` may be newer than the reading. */
export const knownKeys = async (
  tx: Tx,
  connection: string,
  window: { from: WorkDate; to: WorkDate },
  before: Instant,
): Promise<{ sourceId: string; entryId: string }[]> =>
  tx.query(
    `SELECT source_id AS "sourceId", entry_id AS "entryId" FROM time_entry WHERE connection = $1 AND work_date BETWEEN $2 AND $3 AND NOT deleted AND last_seen_at < $4`,
    [connection, window.from, window.to, before],
  );

export interface ProgressRow {
  verdict: string;
  approved: boolean;
  waiting: boolean;
  entries: number;
  hours: string;
}

export const progressRows = (tx: Tx): Promise<ProgressRow[]> =>
  tx.query<ProgressRow>(
    `SELECT verdict, approval IS NOT NULL AND NOT deleted AS approved, needs_assessment AND (assess_after IS NULL OR verdict = 'waiting') AS waiting, count(*)::int AS entries, sum(hours)::text AS hours
     FROM time_entry GROUP BY 1, 2, 3`,
  );

export interface LineageRows {
  readonly entry: (TimeEntryRow & { depends_on: string[]; needs_assessment: boolean }) | undefined;
  readonly versions: readonly Record<string, unknown>[];
  readonly decisions: readonly Record<string, unknown>[];
}

export const lineage = async (tx: Tx, entryId: string): Promise<LineageRows> => {
  const [entry] = await tx.query<TimeEntryRow & { depends_on: string[]; needs_assessment: boolean }>(
    `SELECT ${COLUMNS}, depends_on, needs_assessment FROM time_entry WHERE entry_id = $1`,
    [entryId],
  );
  const versions = await tx.query(
    `SELECT version_no, content, approval, deleted, source_updated_at, source_revision, received_at FROM time_entry_version WHERE entry_id = $1 ORDER BY version_no`,
    [entryId],
  );
  const decisions = await tx.query(
    `SELECT decision_no, version_no, release_no, kind, body, policy_digest, decided_at FROM decision WHERE entry_id = $1 ORDER BY decision_no`,
    [entryId],
  );
  return { entry, versions, decisions };
};

export const listEntries = (
  tx: Tx,
  filter: { verdict?: string | undefined; legalEntityId?: string | undefined; after?: string | undefined; limit: number },
): Promise<Record<string, unknown>[]> =>
  tx.query(
    `SELECT entry_id AS "entryId", connection, source_id AS "sourceId", legal_entity_id AS "legalEntityId", work_date::text AS "workDate", hours::text AS hours, verdict, release_no AS "releaseNo", refusals
     FROM time_entry WHERE ($1::text IS NULL OR verdict = $1) AND ($2::text IS NULL OR legal_entity_id = $2) AND ($3::uuid IS NULL OR entry_id > $3) ORDER BY entry_id LIMIT $4`,
    [filter.verdict ?? null, filter.legalEntityId ?? null, filter.after ?? null, filter.limit],
  );
