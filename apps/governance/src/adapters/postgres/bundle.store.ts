import type { Instant } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { BundlePart } from '@tieout/policy';
import type { GivenApproval } from '../../domain/approving.js';
import type { Bundle, BundleState } from '../../domain/bundle/bundle.js';
import type { PolicyFile } from '../../domain/bundle/unified-diff.js';

interface BundleRow {
  bundle_id: string;
  digest: string | null;
  state: BundleState;
  author: string;
  earlier_authors: string[];
  promoted_from: string | null;
  created_at: Instant;
  proposed_by: string | null;
  proposed_at: Instant;
  why: string;
  expires_at: Instant;
  effective_from: Instant | null;
  base_digest: string;
  parts: BundlePart[];
  emergency_reason: string;
  emergency_by: string | null;
  closed_at: Instant;
  closed_by: string | null;
  closed_why: string;
  approvals: GivenApproval[];
}

const toBundle = (row: BundleRow): Bundle => ({
  bundleId: row.bundle_id,
  digest: row.digest,
  state: row.state,
  author: row.author,
  earlierAuthors: row.earlier_authors,
  promotedFrom: row.promoted_from,
  createdAt: row.created_at,
  proposal:
    row.proposed_by === null
      ? null
      : {
          by: row.proposed_by,
          at: row.proposed_at,
          why: row.why,
          expiresAt: row.expires_at,
          effectiveFrom: row.effective_from,
          baseDigest: row.base_digest,
          parts: row.parts,
          emergency: row.emergency_by === null ? null : { reason: row.emergency_reason, declaredBy: row.emergency_by },
        },
  approvals: row.approvals,
  closing: row.closed_by === null ? null : { at: row.closed_at, by: row.closed_by, why: row.closed_why },
});

/** Instants inside JSON come as Postgres writes them; this is how the model writes them. */
const ISO = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

export const APPROVALS_OF = (table: string, key: string, owner: string): string =>
  `coalesce((SELECT jsonb_agg(jsonb_build_object('actor', a.actor, 'role', a.role, 'digest', a.digest, 'at', ${ISO('a.at')}) ORDER BY a.at, a.actor) FROM ${table} a WHERE a.${key} = ${owner}.${key}), '[]'::jsonb) AS approvals`;

// Never the files: they are large, and most who ask want the state.
const COLUMNS = `b.bundle_id, b.digest, b.state, b.author, b.earlier_authors, b.promoted_from, b.created_at, b.proposed_by, b.proposed_at, b.why, b.expires_at, b.effective_from, b.base_digest, b.parts,
  b.emergency_reason, b.emergency_by, b.closed_at, b.closed_by, b.closed_why, ${APPROVALS_OF('bundle_approval', 'bundle_id', 'b')}`;

const proposalColumns = ({ proposal, closing }: Bundle): unknown[] => [
  proposal?.by ?? null,
  proposal?.at ?? null,
  proposal?.why ?? null,
  proposal?.expiresAt ?? null,
  proposal?.effectiveFrom ?? null,
  proposal?.baseDigest ?? null,
  proposal?.parts ?? null,
  proposal?.emergency?.reason ?? null,
  proposal?.emergency?.declaredBy ?? null,
  closing?.at ?? null,
  closing?.by ?? null,
  closing?.why ?? null,
];

export const addBundle = async (tx: Tx, bundle: Bundle, files: readonly PolicyFile[]): Promise<void> => {
  await tx.query(
    `INSERT INTO bundle (bundle_id, digest, state, author, earlier_authors, promoted_from, files, created_at, proposed_by, proposed_at, why, expires_at, effective_from, base_digest, parts,
       emergency_reason, emergency_by, closed_at, closed_by, closed_why)
     VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
    [
      bundle.bundleId,
      bundle.digest,
      bundle.state,
      bundle.author,
      bundle.earlierAuthors,
      bundle.promotedFrom,
      JSON.stringify(files),
      bundle.createdAt,
      ...proposalColumns(bundle),
    ],
  );
};

/** Everything but its files, author and approvals given before: those stand. */
export const putBundle = async (tx: Tx, bundle: Bundle): Promise<void> => {
  await tx.query(
    `UPDATE bundle SET digest = $2, state = $3, proposed_by = $4, proposed_at = $5, why = $6, expires_at = $7, effective_from = $8, base_digest = $9, parts = $10, emergency_reason = $11,
       emergency_by = $12, closed_at = $13, closed_by = $14, closed_why = $15 WHERE bundle_id = $1`,
    [bundle.bundleId, bundle.digest, bundle.state, ...proposalColumns(bundle)],
  );
  if (bundle.approvals.length === 0) return;
  await tx.query(
    // With the last plan of exactly this bundle, which the approver could look at.
    `INSERT INTO bundle_approval (bundle_id, actor, role, digest, at, plan_id)
     SELECT $1, actor, role, digest, at, (SELECT plan_id FROM bundle_plan p WHERE p.bundle_id = $1 AND p.state = 'done' AND p.report->>'candidateDigest' = a.digest ORDER BY p.asked_at DESC LIMIT 1)
     FROM jsonb_to_recordset($2::jsonb) AS a(actor text, role text, digest text, at timestamptz) ON CONFLICT DO NOTHING`,
    [bundle.bundleId, JSON.stringify(bundle.approvals)],
  );
};

export const findBundle = async (tx: Tx, bundleId: string): Promise<Bundle | undefined> => {
  const [row] = await tx.query<BundleRow>(`SELECT ${COLUMNS} FROM bundle b WHERE bundle_id = $1`, [bundleId]);
  return row && toBundle(row);
};

export const filesOf = async (tx: Tx, bundleId: string): Promise<readonly PolicyFile[]> => {
  const [row] = await tx.query<{ files: PolicyFile[] }>(`SELECT files FROM bundle WHERE bundle_id = $1`, [bundleId]);
  return row?.files ?? [];
};

/** Newest first. */
export const listBundles = async (
  tx: Tx,
  filter: { readonly state?: string | undefined; readonly limit: number },
): Promise<Bundle[]> =>
  (
    await tx.query<BundleRow>(
      `SELECT ${COLUMNS} FROM bundle b WHERE ($1::text IS NULL OR state = $1) ORDER BY created_at DESC, bundle_id LIMIT $2`,
      [filter.state ?? null, filter.limit],
    )
  ).map(toBundle);

/** Another one on its way with the same digest. */
export const openWithDigest = async (tx: Tx, digest: string): Promise<string | undefined> =>
  (
    await tx.query<{ bundle_id: string }>(
      `SELECT bundle_id FROM bundle WHERE digest = $1 AND state IN ('proposed', 'approved')`,
      [digest],
    )
  )[0]?.bundle_id;

/** Proposals whose time is over. Another replica's are left to it. */
export const expiredBundles = async (tx: Tx, now: Instant): Promise<Bundle[]> =>
  (
    await tx.query<BundleRow>(
      `SELECT ${COLUMNS} FROM bundle b WHERE state IN ('proposed', 'approved') AND expires_at <= $1 ORDER BY expires_at, bundle_id LIMIT 100 FOR UPDATE OF b SKIP LOCKED`,
      [now],
    )
  ).map(toBundle);

/** Approved bundles whose date has come, the earliest first. */
export const dueBundles = async (tx: Tx, now: Instant): Promise<Bundle[]> =>
  (
    await tx.query<BundleRow>(
      `SELECT ${COLUMNS} FROM bundle b WHERE state = 'approved' AND effective_from <= $1 ORDER BY effective_from, bundle_id LIMIT 100 FOR UPDATE OF b SKIP LOCKED`,
      [now],
    )
  ).map(toBundle);
