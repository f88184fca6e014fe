import pg from 'pg';
import { DataSource } from 'typeorm';
import { CLOSE_AUDIT } from './audit-grants.js';
import type { Tx } from './database.js';
import { PLATFORM_MIGRATIONS, type MigrationClass } from './migrations/index.js';
import { toFault } from './pg-errors.js';

export interface MigrateOptions {
  readonly url: string;
  /** The app's own; the platform's are always there and run as well. */
  readonly migrations?: readonly MigrationClass[];
}

const HISTORY_TABLE = 'schema_migration';
/** Any number, the same for ever: two commands on one database wait for each other on it. */
const MIGRATION_LOCK = 7_401_000;

const withPlatform = (migrations: readonly MigrationClass[]): MigrationClass[] => [
  ...new Set([...PLATFORM_MIGRATIONS, ...migrations]),
];

/** Applies what is missing, each migration in its own transaction. @returns the names applied, in order. */
export const migrate = (options: MigrateOptions): Promise<string[]> =>
  underLock(options, async (source) => {
    const names = (await source.runMigrations({ transaction: 'each' })).map(({ name }) => name);
    await source.query(CLOSE_AUDIT);
    return names;
  });

/** Takes back the newest applied migration. @returns its name, or undefined when none was applied. */
export const revertLast = (options: MigrateOptions): Promise<string | undefined> =>
  underLock(options, async (source) => {
    const [last] = await applied(source, 'desc');
    if (last !== undefined) await source.undoLastMigration({ transaction: 'each' });
    return last;
  });

/** The migrations that the database lacks: while there are any, a service is not ready. */
export async function pendingMigrations(db: Tx, migrations: readonly MigrationClass[] = []): Promise<string[]> {
  const [table] = await db.query<{ name: string | null }>('select to_regclass($1) as name', [HISTORY_TABLE]);
  const rows = table?.name ? await db.query<{ name: string }>(`select name from ${HISTORY_TABLE}`) : [];
  const done = new Set(rows.map(({ name }) => name));
  return withPlatform(migrations)
    .map(({ name }) => name)
    .filter((name) => !done.has(name));
}

async function applied(source: DataSource, order: 'asc' | 'desc'): Promise<string[]> {
  const rows = await source.query<{ name: string }[]>(`select name from ${HISTORY_TABLE} order by timestamp ${order}`);
  return rows.map(({ name }) => name);
}

async function underLock<T>(options: MigrateOptions, run: (source: DataSource) => Promise<T>): Promise<T> {
  // A session of its own holds the lock: it goes with the process, whatever happens to the pool.
  const lock = new pg.Client({ connectionString: options.url, application_name: 'tieout-migrate' });
  lock.on('error', () => undefined);
  const source = new DataSource({
    type: 'postgres',
    url: options.url,
    migrations: withPlatform(options.migrations ?? []),
    migrationsTableName: HISTORY_TABLE,
    installExtensions: false,
    poolSize: 2,
    applicationName: 'tieout-migrate',
    // A migration that waits for a table lock blocks everyone behind it: give up instead, and be run again.
    extra: { lock_timeout: 10_000 },
  });
  try {
    await lock.connect();
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await source.initialize();
    return await run(source);
  } catch (error) {
    throw toFault(error);
  } finally {
    if (source.isInitialized) await source.destroy();
    await lock.end().catch(() => undefined);
  }
}
