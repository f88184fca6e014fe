import type { Instant } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { Acceptance, StandingDifference, TakenFinding } from '../../domain/difference-state.js';

const COLUMNS = `difference_key AS "differenceKey", difference_id AS "differenceId", run_id AS "runId", reason, destination, legal_entity_id AS "legalEntityId", entry_id AS "entryId", detail,
  hours::text AS hours, amount::text AS amount, currency, variance_hours::text AS "varianceHours", variance_amount::text AS "varianceAmount", found_at AS "foundAt", resolved_at AS "resolvedAt",
  accepted_at AS "acceptedAt", accepted_by AS "acceptedBy", approved_by AS "approvedBy", accepted_reason AS "acceptedReason"`;

type Row = Omit<StandingDifference, 'acceptance'> & { readonly foundAt: Instant } & (
    | Acceptance
    | { readonly acceptedAt: null; readonly acceptedBy: null; readonly approvedBy: null; readonly acceptedReason: null }
  );

const standing = ({ acceptedAt, acceptedBy, approvedBy, acceptedReason, ...row }: Row): StandingDifference => ({
  ...row,
  acceptance: acceptedAt === null ? null : { acceptedAt, acceptedBy, approvedBy, acceptedReason },
});

/** Locked in the order of their keys, as everybody locks them: of a run and a person that meet, one waits for the other. */
const locked = async (tx: Tx, where: string, values: readonly unknown[]): Promise<StandingDifference[]> =>
  (
    await tx.query<Row>(`SELECT ${COLUMNS} FROM difference WHERE ${where} ORDER BY difference_key COLLATE "C" FOR UPDATE`, [
      ...values,
    ])
  ).map(standing);

/** All that a run may change: what it found, and what may be gone at the destinations that it compared in full. */
export const lockForRun = async (
  tx: Tx,
  found: readonly string[],
  destinations: readonly string[],
): Promise<Map<string, StandingDifference>> => {
  const where = `difference_key = ANY($1::text[]) OR (resolved_at IS NULL AND destination = ANY($2::text[]))`;
  return new Map((await locked(tx, where, [found, destinations])).map((one) => [one.differenceKey, one]));
};

export const lockByIds = async (tx: Tx, ids: readonly string[]): Promise<Map<string, StandingDifference>> =>
  new Map((await locked(tx, `difference_id = ANY($1::uuid[])`, [ids])).map((one) => [one.differenceId, one]));

/** What a run found; an acceptance stays only with what is accepted still. */
export const putFindings = async (tx: Tx, runId: string, findings: readonly TakenFinding[], now: Instant): Promise<void> => {
  const rows = findings.map(({ difference: { variance, gap: _, ...difference }, state, isNews }) => ({
    ...difference,
    varianceHours: variance.hours,
    varianceAmount: variance.amount,
    keep: state === 'accepted',
    news: isNews,
  }));
  const kept = (column: string): string => `${column} = CASE WHEN v.keep THEN d.${column} END`;
  await tx.query(
    `WITH v AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS v("differenceKey" text, "differenceId" uuid, reason text, destination text, "legalEntityId" text, "entryId" uuid, detail text, hours numeric,
         amount numeric, currency text, "varianceHours" numeric, "varianceAmount" numeric, keep boolean, news boolean)
     ), known AS (
       UPDATE difference d SET run_id = $2, difference_id = v."differenceId", legal_entity_id = v."legalEntityId", detail = v.detail, hours = v.hours, amount = v.amount, currency = v.currency,
         variance_hours = v."varianceHours", variance_amount = v."varianceAmount", found_at = CASE WHEN v.news THEN $3 ELSE d.found_at END, resolved_at = NULL,
         ${['accepted_at', 'accepted_by', 'approved_by', 'accepted_reason'].map(kept).join(', ')}
       FROM v WHERE d.difference_key = v."differenceKey" RETURNING d.difference_key
     )
     INSERT INTO difference (difference_key, difference_id, run_id, reason, destination, legal_entity_id, entry_id, detail, hours, amount, currency, variance_hours, variance_amount, found_at)
     SELECT "differenceKey", "differenceId", $2, reason, destination, "legalEntityId", "entryId", detail, hours, amount, currency, "varianceHours", "varianceAmount", $3
     FROM v WHERE NOT EXISTS (SELECT 1 FROM known WHERE known.difference_key = v."differenceKey")`,
    [JSON.stringify(rows), runId, now],
  );
};

/** What the run did not find again, at the destinations that it read. */
export const resolveDifferences = (
  tx: Tx,
  destinations: readonly string[],
  stillThere: readonly string[],
  now: Instant,
): Promise<{ difference_key: string; legal_entity_id: string }[]> =>
  tx.query(
    `UPDATE difference SET resolved_at = $3 WHERE destination = ANY($1::text[]) AND resolved_at IS NULL AND NOT difference_key = ANY($2::text[]) RETURNING difference_key, legal_entity_id`,
    [destinations, stillThere, now],
  );

export const putAcceptance = async (tx: Tx, differenceIds: readonly string[], acceptance: Acceptance): Promise<void> => {
  await tx.query(
    `UPDATE difference SET accepted_at = $2, accepted_by = $3, approved_by = $4, accepted_reason = $5 WHERE difference_id = ANY($1::uuid[])`,
    [differenceIds, acceptance.acceptedAt, acceptance.acceptedBy, acceptance.approvedBy, acceptance.acceptedReason],
  );
};

export const putReopened = async (tx: Tx, differenceIds: readonly string[], now: Instant): Promise<void> => {
  await tx.query(
    `UPDATE difference SET accepted_at = NULL, accepted_by = NULL, approved_by = NULL, accepted_reason = NULL, found_at = $2 WHERE difference_id = ANY($1::uuid[])`,
    [differenceIds, now],
  );
};

/** Open or accepted ones, the oldest first. */
export const standingDifferences = (tx: Tx, state: 'open' | 'accepted', limit: number): Promise<Record<string, unknown>[]> =>
  tx.query(
    `SELECT ${COLUMNS} FROM difference WHERE resolved_at IS NULL AND (accepted_at IS NOT NULL) = $1 ORDER BY found_at, difference_key LIMIT $2`,
    [state === 'accepted', limit],
  );
