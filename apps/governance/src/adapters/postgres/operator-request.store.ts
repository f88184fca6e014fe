import type { Instant } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { OperatorRequest } from '../../domain/requests/operator-request.js';

const COLUMNS = `request_id AS "requestId", subject, command, command_digest AS "commandDigest", size, why, state, requested_by AS "requestedBy", requested_at AS "requestedAt", expires_at AS "expiresAt",
  approved_by AS "approvedBy", approved_at AS "approvedAt", grant_expires_at AS "grantExpiresAt", closed_at, closed_by, closed_why, outcome`;

type RequestRow = Omit<OperatorRequest, 'closing'> & { closed_at: Instant; closed_by: string | null; closed_why: string };

const toRequest = ({ closed_at: at, closed_by: by, closed_why: why, ...row }: RequestRow): OperatorRequest => ({
  ...row,
  closing: by === null ? null : { at, by, why },
});

export const addRequest = async (tx: Tx, request: OperatorRequest): Promise<void> => {
  await tx.query(
    `INSERT INTO operator_request (request_id, subject, command, command_digest, size, why, state, requested_by, requested_at, expires_at)
     VALUES ($1, $2, $3::jsonb, $4, $5::jsonb, $6, $7, $8, $9, $10)`,
    [
      request.requestId,
      request.subject,
      JSON.stringify(request.command),
      request.commandDigest,
      request.size === null ? null : JSON.stringify(request.size),
      request.why,
      request.state,
      request.requestedBy,
      request.requestedAt,
      request.expiresAt,
    ],
  );
};

export const putRequest = async (tx: Tx, request: OperatorRequest): Promise<void> => {
  const { closing, outcome } = request;
  await tx.query(
    `UPDATE operator_request SET state = $2, approved_by = $3, approved_at = $4, grant_expires_at = $5, closed_at = $6, closed_by = $7, closed_why = $8, outcome = $9::jsonb WHERE request_id = $1`,
    [
      request.requestId,
      request.state,
      request.approvedBy,
      request.approvedAt,
      request.grantExpiresAt,
      closing?.at ?? null,
      closing?.by ?? null,
      closing?.why ?? null,
      outcome === null ? null : JSON.stringify(outcome),
    ],
  );
};

export const lockRequest = async (tx: Tx, requestId: string): Promise<OperatorRequest | undefined> => {
  const [row] = await tx.query<RequestRow>(`SELECT ${COLUMNS} FROM operator_request WHERE request_id = $1 FOR UPDATE`, [
    requestId,
  ]);
  return row && toRequest(row);
};

export const findRequest = async (tx: Tx, requestId: string): Promise<OperatorRequest | undefined> => {
  const [row] = await tx.query<RequestRow>(`SELECT ${COLUMNS} FROM operator_request WHERE request_id = $1`, [requestId]);
  return row && toRequest(row);
};

/** Newest first. */
export const listRequests = async (
  tx: Tx,
  filter: { readonly state?: string | undefined; readonly limit: number },
): Promise<OperatorRequest[]> =>
  (
    await tx.query<RequestRow>(
      `SELECT ${COLUMNS} FROM operator_request WHERE ($1::text IS NULL OR state = $1) ORDER BY requested_at DESC, request_id LIMIT $2`,
      [filter.state ?? null, filter.limit],
    )
  ).map(toRequest);

/** Takes approved commands that wait for their service's answer, for `leaseMs`: no other replica sends them meanwhile. */
export const claimUnsent = async (tx: Tx, leaseMs: number): Promise<OperatorRequest[]> =>
  (
    await tx.query<RequestRow>(
      `UPDATE operator_request SET next_try_at = clock_timestamp() + $1::float8 * interval '1 ms' WHERE request_id IN (
         SELECT request_id FROM operator_request WHERE state = 'approved' AND (next_try_at IS NULL OR next_try_at <= clock_timestamp()) ORDER BY approved_at LIMIT 10 FOR UPDATE SKIP LOCKED)
       RETURNING ${COLUMNS}`,
      [leaseMs],
    )
  ).map(toRequest);

export const tryAgainAfter = async (tx: Tx, requestId: string, ms: number): Promise<void> => {
  await tx.query(
    `UPDATE operator_request SET next_try_at = clock_timestamp() + $2::float8 * interval '1 ms' WHERE request_id = $1`,
    [requestId, ms],
  );
};

export const requestsPastTime = async (tx: Tx, now: Instant): Promise<OperatorRequest[]> =>
  (
    await tx.query<RequestRow>(
      `SELECT ${COLUMNS} FROM operator_request WHERE state = 'open' AND expires_at <= $1 ORDER BY expires_at LIMIT 500 FOR UPDATE SKIP LOCKED`,
      [now],
    )
  ).map(toRequest);
