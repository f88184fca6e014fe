import type { OverrideChangedV1 } from '@tieout/contracts';
import type { Instant, ReasonCode } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { GivenApproval } from '../../domain/approving.js';
import type { Override, OverrideState } from '../../domain/overrides/override.js';
import { APPROVALS_OF } from './bundle.store.js';

interface OverrideRow {
  override_id: string;
  entry_id: string;
  legal_entity_id: string;
  reasons: ReasonCode[];
  valid_until: Instant;
  why: string;
  state: OverrideState;
  requested_by: string;
  requested_at: Instant;
  digest: string;
  expires_at: Instant;
  revision: number;
  closed_at: Instant;
  closed_by: string | null;
  closed_why: string;
  approvals: GivenApproval[];
}

const COLUMNS = `o.override_id, o.entry_id, o.legal_entity_id, o.reasons, o.valid_until, o.why, o.state, o.requested_by, o.requested_at, o.digest, o.expires_at, o.revision, o.closed_at, o.closed_by, o.closed_why,
  ${APPROVALS_OF('override_approval', 'override_id', 'o')}`;

const toOverride = (row: OverrideRow): Override => ({
  overrideId: row.override_id,
  entryId: row.entry_id,
  legalEntityId: row.legal_entity_id,
  reasons: row.reasons,
  validUntil: row.valid_until,
  why: row.why,
  state: row.state,
  requestedBy: row.requested_by,
  requestedAt: row.requested_at,
  digest: row.digest,
  expiresAt: row.expires_at,
  approvals: row.approvals,
  revision: row.revision,
  closing: row.closed_by === null ? null : { at: row.closed_at, by: row.closed_by, why: row.closed_why },
});

export const addOverride = async (tx: Tx, override: Override): Promise<void> => {
  await tx.query(
    `INSERT INTO override (override_id, entry_id, legal_entity_id, reasons, valid_until, why, state, requested_by, requested_at, digest, expires_at, revision)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      override.overrideId,
      override.entryId,
      override.legalEntityId,
      override.reasons,
      override.validUntil,
      override.why,
      override.state,
      override.requestedBy,
      override.requestedAt,
      override.digest,
      override.expiresAt,
      override.revision,
    ],
  );
};

/** @param message what services are told, signed; undefined: nothing new */
export const putOverride = async (tx: Tx, override: Override, message: OverrideChangedV1 | undefined): Promise<void> => {
  const { closing } = override;
  await tx.query(
    `UPDATE override SET state = $2, revision = $3, closed_at = $4, closed_by = $5, closed_why = $6, message = coalesce($7::jsonb, message) WHERE override_id = $1`,
    [
      override.overrideId,
      override.state,
      override.revision,
      closing?.at ?? null,
      closing?.by ?? null,
      closing?.why ?? null,
      message === undefined ? null : JSON.stringify(message),
    ],
  );
  if (override.approvals.length === 0) return;
  await tx.query(
    `INSERT INTO override_approval (override_id, actor, role, digest, at)
     SELECT $1, actor, role, digest, at FROM jsonb_to_recordset($2::jsonb) AS a(actor text, role text, digest text, at timestamptz) ON CONFLICT DO NOTHING`,
    [override.overrideId, JSON.stringify(override.approvals)],
  );
};

export const lockOverride = async (tx: Tx, overrideId: string): Promise<Override | undefined> => {
  const [row] = await tx.query<OverrideRow>(`SELECT ${COLUMNS} FROM override o WHERE override_id = $1 FOR UPDATE OF o`, [
    overrideId,
  ]);
  return row && toOverride(row);
};

export const findOverride = async (tx: Tx, overrideId: string): Promise<Override | undefined> => {
  const [row] = await tx.query<OverrideRow>(`SELECT ${COLUMNS} FROM override o WHERE override_id = $1`, [overrideId]);
  return row && toOverride(row);
};

/** What was said of the entry last, and whether another override of it is open. */
export const overridesOfEntry = async (
  tx: Tx,
  entryId: string,
): Promise<{ readonly lastRevision: number; readonly open: string | null }> => {
  const [row] = await tx.query<{ last: number | null; open: string | null }>(
    `SELECT max(revision) AS last, (min(override_id::text) FILTER (WHERE state IN ('requested', 'active'))) AS open FROM override WHERE entry_id = $1`,
    [entryId],
  );
  return { lastRevision: row?.last ?? 0, open: row?.open ?? null };
};

/** Newest first. */
export const listOverrides = async (
  tx: Tx,
  filter: { readonly state?: string | undefined; readonly entryId?: string | undefined; readonly limit: number },
): Promise<Override[]> =>
  (
    await tx.query<OverrideRow>(
      `SELECT ${COLUMNS} FROM override o WHERE ($1::text IS NULL OR state = $1) AND ($2::uuid IS NULL OR entry_id = $2) ORDER BY requested_at DESC, override_id LIMIT $3`,
      [filter.state ?? null, filter.entryId ?? null, filter.limit],
    )
  ).map(toOverride);

/** Those whose time may be over. Another replica's are left to it. */
export const overridesPastTime = async (tx: Tx, now: Instant): Promise<Override[]> =>
  (
    await tx.query<OverrideRow>(
      `SELECT ${COLUMNS} FROM override o WHERE (state = 'active' AND valid_until <= $1) OR (state = 'requested' AND expires_at <= $1) ORDER BY valid_until, override_id LIMIT 500 FOR UPDATE OF o SKIP LOCKED`,
      [now],
    )
  ).map(toOverride);

/** The last thing said of every entry whose override would still be in force, or was ended early. */
export const overrideMessages = async (tx: Tx, now: Instant): Promise<OverrideChangedV1[]> =>
  (
    await tx.query<{ message: OverrideChangedV1 }>(
      `SELECT DISTINCT ON (entry_id) message FROM override WHERE message IS NOT NULL AND valid_until > $1 ORDER BY entry_id, revision DESC`,
      [now],
    )
  ).map(({ message }) => message);
