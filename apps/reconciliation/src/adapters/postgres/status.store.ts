import type {
  DocumentConfirmedV1,
  DocumentPostedV1,
  TimeEntryHeldV1,
  TimeEntryReleasedV1,
  TimeEntryWithdrawnV1,
} from '@tieout/contracts';
import type { Instant } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { EntryStatus, LedgerLine } from '../../domain/compare.js';

interface StatusRow extends Omit<EntryStatus, 'state'> {
  readonly state: EntryStatus['state'];
  readonly decisionNo: number;
}

const NOTHING = {
  workDate: null,
  workerCode: null,
  projectCode: null,
  hours: null,
  amount: null,
  currency: null,
  routes: [],
} as const;

/** `ownRoutes`: the destinations of the worker's legal entity. An ERP that is only the project's keeps no line of the hour itself. */
export const releasedStatus = (body: TimeEntryReleasedV1, ownRoutes: readonly string[]): StatusRow => ({
  entryId: body.entryId,
  decisionNo: body.decisionNo,
  state: 'released',
  legalEntityId: body.legalEntityId,
  workDate: body.content.workDate,
  workerCode: body.content.workerCode,
  projectCode: body.content.projectCode,
  hours: body.content.hours,
  amount: body.content.cost.amount,
  currency: body.content.cost.currency,
  routes: isIntercompany(body) ? body.content.routes.filter((route) => ownRoutes.includes(route)) : body.content.routes,
  decidedAt: body.decidedAt,
});
const isIntercompany = ({ content: { legalEntityId, projectLegalEntityId } }: TimeEntryReleasedV1): boolean =>
  projectLegalEntityId !== undefined && projectLegalEntityId !== legalEntityId;

export const heldStatus = (body: TimeEntryHeldV1, routes: readonly string[]): StatusRow => ({
  entryId: body.entryId,
  decisionNo: body.decisionNo,
  state: 'held',
  legalEntityId: body.legalEntityId,
  workDate: body.workDate,
  workerCode: body.workerCode,
  projectCode: body.projectCode,
  hours: body.hours,
  amount: body.amount ?? null,
  currency: body.currency ?? null,
  routes,
  decidedAt: body.decidedAt,
});
export const withdrawnStatus = (body: TimeEntryWithdrawnV1): StatusRow => ({
  ...NOTHING,
  entryId: body.entryId,
  decisionNo: body.decisionNo,
  state: 'withdrawn',
  legalEntityId: body.legalEntityId,
  decidedAt: body.decidedAt,
});

/** Keeps the latest decision on each entry, whatever arrives last. */
export const putStatuses = async (tx: Tx, rows: readonly StatusRow[]): Promise<void> => {
  const latest = new Map<string, StatusRow>();
  for (const row of rows) if (row.decisionNo > (latest.get(row.entryId)?.decisionNo ?? 0)) latest.set(row.entryId, row);
  await tx.query(
    `INSERT INTO entry_status AS s (entry_id, decision_no, state, legal_entity_id, work_date, worker_code, project_code, hours, amount, currency, routes, decided_at)
     SELECT "entryId", "decisionNo", state, "legalEntityId", "workDate", "workerCode", "projectCode", hours, amount, currency, ARRAY(SELECT jsonb_array_elements_text(routes)), "decidedAt"
     FROM jsonb_to_recordset($1::jsonb) AS v("entryId" uuid, "decisionNo" int, state text, "legalEntityId" text, "workDate" date, "workerCode" text, "projectCode" text, hours numeric, amount numeric,
       currency text, routes jsonb, "decidedAt" timestamptz) ORDER BY 1
     ON CONFLICT (entry_id) DO UPDATE SET decision_no = excluded.decision_no, state = excluded.state, legal_entity_id = excluded.legal_entity_id, work_date = excluded.work_date,
       worker_code = excluded.worker_code, project_code = excluded.project_code, hours = excluded.hours, amount = excluded.amount, currency = excluded.currency, routes = excluded.routes,
       decided_at = excluded.decided_at WHERE s.decision_no < excluded.decision_no`,
    [JSON.stringify([...latest.values()])],
  );
};

export const putPosted = async (tx: Tx, documents: readonly DocumentPostedV1[]): Promise<void> => {
  const rows = documents.flatMap(({ lines, documentKey, destination, externalId, postingPeriod, currency, postedAt }) =>
    lines.map((line) => ({ ...line, documentKey, destination, externalId, postingPeriod, currency, postedAt })),
  );
  await tx.query(
    `INSERT INTO ledger_line (posting_key, entry_id, destination, kind, document_key, external_id, posting_period, work_date, hours, amount, currency, posted_at, leg, line_key)
     SELECT DISTINCT ON ("postingKey") "postingKey", "entryId", destination, kind, "documentKey", "externalId", "postingPeriod", "workDate", hours, amount, currency, "postedAt", leg, "lineKey"
     FROM jsonb_to_recordset($1::jsonb) AS v("postingKey" uuid, "entryId" uuid, destination text, kind text, "documentKey" uuid, "externalId" text, "postingPeriod" text, "workDate" date,
       hours numeric, amount numeric, currency text, "postedAt" timestamptz, leg text, "lineKey" uuid) ORDER BY "postingKey", "postedAt" DESC
     ON CONFLICT (posting_key) DO UPDATE SET document_key = excluded.document_key, line_key = excluded.line_key, external_id = excluded.external_id, posting_period = excluded.posting_period, posted_at = excluded.posted_at`,
    [JSON.stringify(rows)],
  );
};

/** A confirmation that overtakes its posting is told again by nobody: it is only an extra here, so losing it costs nothing. */
export const putConfirmed = async (tx: Tx, documents: readonly DocumentConfirmedV1[]): Promise<void> => {
  await tx.query(
    `UPDATE ledger_line SET confirmed_at = v.confirmed_at FROM unnest($1::uuid[], $2::timestamptz[]) AS v(posting_key, confirmed_at) WHERE ledger_line.posting_key = v.posting_key`,
    [documents.flatMap((d) => d.postingKeys), documents.flatMap((d) => d.postingKeys.map(() => d.confirmedAt))],
  );
};

export interface StuckLine {
  readonly postingKey: string;
  readonly entryId: string;
  readonly destination: string;
  readonly stuck: boolean;
  readonly toldAt: Instant;
}

export const putStuck = async (tx: Tx, rows: readonly StuckLine[]): Promise<void> => {
  await tx.query(
    `INSERT INTO stuck_line AS s (posting_key, entry_id, destination, stuck, told_at)
     SELECT DISTINCT ON ("postingKey") "postingKey", "entryId", destination, stuck, "toldAt"
     FROM jsonb_to_recordset($1::jsonb) AS v("postingKey" uuid, "entryId" uuid, destination text, stuck boolean, "toldAt" timestamptz) ORDER BY "postingKey", "toldAt" DESC
     ON CONFLICT (posting_key) DO UPDATE SET stuck = excluded.stuck, told_at = excluded.told_at WHERE s.told_at <= excluded.told_at`,
    [JSON.stringify(rows)],
  );
};

export const putRefused = async (
  tx: Tx,
  rows: readonly { connection: string; recordKey: string; refused: boolean; toldAt: Instant }[],
): Promise<void> => {
  await tx.query(
    `INSERT INTO refused_record AS r (connection, record_key, refused, told_at)
     SELECT DISTINCT ON (connection, "recordKey") connection, "recordKey", refused, "toldAt"
     FROM jsonb_to_recordset($1::jsonb) AS v(connection text, "recordKey" text, refused boolean, "toldAt" timestamptz) ORDER BY connection, "recordKey", "toldAt" DESC
     ON CONFLICT (connection, record_key) DO UPDATE SET refused = excluded.refused, told_at = excluded.told_at WHERE r.told_at <= excluded.told_at`,
    [JSON.stringify(rows)],
  );
};

export const readStatuses = async (tx: Tx): Promise<Map<string, EntryStatus>> => {
  const rows = await tx.query<EntryStatus>(
    `SELECT entry_id AS "entryId", state, legal_entity_id AS "legalEntityId", work_date AS "workDate", worker_code AS "workerCode", project_code AS "projectCode", hours, amount, currency, routes,
       decided_at AS "decidedAt" FROM entry_status`,
  );
  return new Map(rows.map((row) => [row.entryId, row]));
};

export const readLedger = async (tx: Tx, destination: string): Promise<Map<string, LedgerLine>> => {
  const rows = await tx.query<LedgerLine>(
    `SELECT posting_key AS "postingKey", document_key AS "documentKey", entry_id AS "entryId", work_date AS "workDate", posting_period AS "postingPeriod", posted_at AS "postedAt", leg, line_key AS "lineKey",
       hours, amount FROM ledger_line WHERE destination = $1`,
    [destination],
  );
  return new Map(rows.map((row) => [row.postingKey, row]));
};

export const readStuck = async (tx: Tx, destination: string): Promise<Set<string>> =>
  new Set(
    (await tx.query<{ entry_id: string }>(`SELECT entry_id FROM stuck_line WHERE destination = $1 AND stuck`, [destination])).map(
      (row) => row.entry_id,
    ),
  );

export const readRefused = async (tx: Tx): Promise<Set<string>> =>
  new Set(
    (
      await tx.query<{ connection: string; record_key: string }>(
        `SELECT connection, record_key FROM refused_record WHERE refused`,
      )
    ).map((row) => `${row.connection}|${row.record_key}`),
  );
