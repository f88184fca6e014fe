import type { OverrideChangedV1 } from '@tieout/contracts';
import type { Tx } from '@tieout/persistence';
import type { Override } from '../../domain/override.js';

/** Keeps the higher revision per entry. @returns the entries whose override changed. */
export const putOverrides = async (tx: Tx, overrides: readonly OverrideChangedV1[]): Promise<string[]> => {
  const newest = new Map<string, OverrideChangedV1>();
  for (const override of overrides)
    if (override.revision > (newest.get(override.entryId)?.revision ?? 0)) newest.set(override.entryId, override);
  const rows = await tx.query<{ entry_id: string }>(
    `INSERT INTO entry_override AS o (entry_id, revision, override_id, reasons, valid_until, state, requested_by, approved_by)
     SELECT "entryId", revision, "overrideId", ARRAY(SELECT jsonb_array_elements_text(reasons)), "validUntil", state, "requestedBy", "approvedBy"
     FROM jsonb_to_recordset($1::jsonb) AS v("entryId" uuid, revision bigint, "overrideId" uuid, reasons jsonb, "validUntil" timestamptz, state text, "requestedBy" text, "approvedBy" text)
     ORDER BY "entryId"
     ON CONFLICT (entry_id) DO UPDATE SET revision = excluded.revision, override_id = excluded.override_id, reasons = excluded.reasons, valid_until = excluded.valid_until,
       state = excluded.state, requested_by = excluded.requested_by, approved_by = excluded.approved_by
     WHERE o.revision < excluded.revision RETURNING entry_id`,
    [JSON.stringify([...newest.values()])],
  );
  return rows.map(({ entry_id }) => entry_id);
};

/** By entry. Also those whose time is over: `isActive` decides. */
export const overridesOf = async (tx: Tx, entryIds: readonly string[]): Promise<ReadonlyMap<string, Override>> => {
  const rows = await tx.query<Override & { entryId: string }>(
    `SELECT entry_id AS "entryId", override_id AS "overrideId", reasons, valid_until AS "validUntil", approved_by AS "approvedBy"
     FROM entry_override WHERE entry_id = ANY($1::uuid[]) AND state = 'active'`,
    [entryIds],
  );
  return new Map(rows.map(({ entryId, ...override }) => [entryId, override]));
};
