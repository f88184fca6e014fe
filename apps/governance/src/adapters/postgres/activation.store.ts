import type { PolicyActivatedV1 } from '@tieout/contracts';
import type { Instant } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { BundlePart } from '@tieout/policy';
import type { Activation, ActivationCause } from '../../domain/bundle/activate.js';

interface ActivationRow {
  revision: number;
  bundle_id: string;
  digest: string;
  cause: ActivationCause;
  activated_at: Instant;
  activated_by: string;
  reason: string | null;
  parts: BundlePart[];
  emergency_reason: string;
  emergency_by: string | null;
  review_due_at: Instant | null;
  reviewed_by: string | null;
  reviewed_at: Instant;
  review_note: string;
}

const COLUMNS = `revision, bundle_id, digest, cause, activated_at, activated_by, reason, parts, emergency_reason, emergency_by, review_due_at, reviewed_by, reviewed_at, review_note`;

const toActivation = (row: ActivationRow): Activation => ({
  revision: row.revision,
  bundleId: row.bundle_id,
  digest: row.digest,
  cause: row.cause,
  activatedAt: row.activated_at,
  activatedBy: row.activated_by,
  reason: row.reason,
  parts: row.parts,
  emergency: row.emergency_by === null ? null : { reason: row.emergency_reason, declaredBy: row.emergency_by },
  reviewDueAt: row.review_due_at,
  review: row.reviewed_by === null ? null : { by: row.reviewed_by, at: row.reviewed_at, note: row.review_note },
});

/** @param message what services are told, signed: it is put back onto the stream as it was */
export const addActivation = async (tx: Tx, activation: Activation, message: PolicyActivatedV1): Promise<void> => {
  const { emergency } = activation;
  await tx.query(
    `INSERT INTO activation (revision, environment, bundle_id, digest, cause, activated_at, activated_by, reason, parts, emergency_reason, emergency_by, review_due_at, message)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb)`,
    [
      activation.revision,
      message.environment,
      activation.bundleId,
      activation.digest,
      activation.cause,
      activation.activatedAt,
      activation.activatedBy,
      activation.reason,
      activation.parts,
      emergency?.reason ?? null,
      emergency?.declaredBy ?? null,
      activation.reviewDueAt,
      JSON.stringify(message),
    ],
  );
};

export const putReview = async (tx: Tx, { revision, review }: Activation): Promise<void> => {
  if (review === null) return;
  await tx.query(`UPDATE activation SET reviewed_by = $2, reviewed_at = $3, review_note = $4 WHERE revision = $1`, [
    revision,
    review.by,
    review.at,
    review.note,
  ]);
};

/** The one that counts. */
export const latestActivation = async (
  tx: Tx,
): Promise<{ readonly activation: Activation; readonly environment: string } | undefined> => {
  const [row] = await tx.query<ActivationRow & { environment: string }>(
    `SELECT ${COLUMNS}, environment FROM activation ORDER BY revision DESC LIMIT 1`,
  );
  return row && { activation: toActivation(row), environment: row.environment };
};

export const latestMessage = async (tx: Tx): Promise<PolicyActivatedV1 | undefined> =>
  (await tx.query<{ message: PolicyActivatedV1 }>(`SELECT message FROM activation ORDER BY revision DESC LIMIT 1`))[0]?.message;

export const findActivation = async (tx: Tx, revision: number): Promise<Activation | undefined> => {
  const [row] = await tx.query<ActivationRow>(`SELECT ${COLUMNS} FROM activation WHERE revision = $1`, [revision]);
  return row && toActivation(row);
};

/** Newest first. */
export const listActivations = async (tx: Tx, limit: number): Promise<Activation[]> =>
  (await tx.query<ActivationRow>(`SELECT ${COLUMNS} FROM activation ORDER BY revision DESC LIMIT $1`, [limit])).map(toActivation);

/** The last time that an approved bundle with this digest became active by its own approvals. */
export const approvedActivationOf = async (tx: Tx, digest: string): Promise<Activation | undefined> => {
  const [row] = await tx.query<ActivationRow>(
    `SELECT ${COLUMNS} FROM activation WHERE digest = $1 AND cause = 'approved' ORDER BY revision DESC LIMIT 1`,
    [digest],
  );
  return row && toActivation(row);
};
