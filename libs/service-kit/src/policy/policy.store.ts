import type { PolicyActivatedV1 } from '@tieout/contracts';
import type { Instant } from '@tieout/model';
import type { Tx } from '@tieout/persistence';

export interface StoredPolicy {
  readonly activation: PolicyActivatedV1;
  /** The one before it. */
  readonly previous: PolicyActivatedV1 | null;
}

export const readPolicy = async (tx: Tx, environment: string): Promise<StoredPolicy | undefined> => {
  const [row] = await tx.query<StoredPolicy>('select activation, previous from policy_in_force where environment = $1', [
    environment,
  ]);
  return row;
};

/** @returns false when this one, or a later one, is there already: another replica was first. */
export const putPolicy = async (tx: Tx, activation: PolicyActivatedV1, now: Instant): Promise<boolean> => {
  const rows = await tx.query(
    `insert into policy_in_force as p (environment, revision, digest, activation, taken_at) values ($1, $2, $3, $4::jsonb, $5)
     on conflict (environment) do update
     set revision = excluded.revision, digest = excluded.digest, activation = excluded.activation, previous = p.activation, taken_at = excluded.taken_at
     where p.revision < excluded.revision
     returning 1`,
    [activation.environment, activation.revision, activation.digest, JSON.stringify(activation), now],
  );
  return rows.length === 1;
};

/** @returns false when it is known already. */
export const putRefusal = async (tx: Tx, environment: string, why: string, now: Instant): Promise<boolean> => {
  const rows = await tx.query(
    `insert into policy_refusal as r (environment, why, refused_at) values ($1, $2, $3)
     on conflict (environment) do update set why = excluded.why, refused_at = excluded.refused_at where r.why <> excluded.why
     returning 1`,
    [environment, why, now],
  );
  return rows.length === 1;
};

/** @returns whether there was one. */
export const clearRefusal = async (tx: Tx, environment: string): Promise<boolean> => {
  const rows = await tx.query('delete from policy_refusal where environment = $1 returning 1', [environment]);
  return rows.length === 1;
};
