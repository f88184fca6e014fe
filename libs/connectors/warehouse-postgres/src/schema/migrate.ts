import type { ClientBase } from 'pg';
import { MIGRATIONS } from './tables.js';

/**
 * Brings the schema up to date, in one transaction under a lock of its own, so that replicas that start together wait for each other.
 * Looks first without the lock: an up-to-date warehouse needs no right to create anything.
 */
export const migrate = async (client: ClientBase, schema: string): Promise<void> => {
  if ((await versionOf(client, schema)) >= MIGRATIONS.length) return;
  try {
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`tieout-warehouse ${schema}`]);
    await client.query(`create schema if not exists ${schema}`);
    await client.query(`set local search_path to ${schema}`);
    await client.query(`create table if not exists schema_version (version integer constraint schema_version__pk primary key)`);
    const present = await versionOf(client, schema);
    for (const [n, statements] of MIGRATIONS.entries()) {
      if (n < present) continue;
      for (const sql of statements) await client.query(sql);
      await client.query(`insert into schema_version values ($1)`, [n + 1]);
    }
    await client.query('commit');
  } catch (error) {
    // The connection may be gone; the first error is the one that matters.
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
};

const versionOf = async (client: ClientBase, schema: string): Promise<number> => {
  const { rows } = await client.query<{ present: boolean }>(`select to_regclass($1) is not null as present`, [
    `${schema}.schema_version`,
  ]);
  if (!rows[0]?.present) return 0;
  const versions = await client.query<{ version: number }>(
    `select coalesce(max(version), 0) as version from ${schema}.schema_version`,
  );
  return versions.rows[0]?.version ?? 0;
};
