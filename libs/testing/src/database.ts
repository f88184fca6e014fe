import { createHash, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import { testRun } from './config.js';

export type MigrationClass = new () => MigrationInterface;

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** Brings an empty database up to date. */
export type Migrate = (url: string) => Promise<unknown>;

/**
 * A migrated database of one's own, cloned from a template in some 50 ms. The template is made once per run for the same list of
 * migrations, or once per worker for the same function. Integration tests only (TIEOUT_TEST_KIND=int).
 */
export async function testDatabase(migrations: readonly MigrationClass[] | Migrate = []): Promise<TestDatabase> {
  const { postgresUrl } = testRun();
  const template = templateName(migrations);
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(postgresUrl, async (client) => {
    await ensureTemplate(client, postgresUrl, template, migrations);
    await client.query(`create database ${name} template ${template}`);
  });
  return {
    url: urlOf(postgresUrl, name),
    drop: () =>
      onServer(postgresUrl, (client) => client.query(`drop database if exists ${name} with (force)`).then(() => undefined)),
  };
}

async function ensureTemplate(
  client: Client,
  server: string,
  template: string,
  migrations: readonly MigrationClass[] | Migrate,
): Promise<void> {
  // Several workers may want the same template at once: one makes it, the others wait.
  const lock = [`select pg_advisory_lock(hashtext($1))`, `select pg_advisory_unlock(hashtext($1))`] as const;
  await client.query(lock[0], [template]);
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [template]);
    if (rowCount) return;
    const unfinished = `${template}_new`;
    await client.query(`drop database if exists ${unfinished} with (force)`);
    await client.query(`create database ${unfinished}`);
    const url = urlOf(server, unfinished);
    await (typeof migrations === 'function' ? migrations(url) : runMigrations(url, migrations));
    await client.query(`alter database ${unfinished} rename to ${template}`);
  } finally {
    await client.query(lock[1], [template]);
  }
}

async function runMigrations(url: string, migrations: readonly MigrationClass[]): Promise<void> {
  const source = new DataSource({ type: 'postgres', url, migrations: [...migrations], migrationsTransactionMode: 'each' });
  await source.initialize();
  try {
    await source.runMigrations();
  } finally {
    await source.destroy();
  }
}

const namesOfFunctions = new WeakMap<Migrate, string>();

function templateName(migrations: readonly MigrationClass[] | Migrate): string {
  if (typeof migrations !== 'function') {
    const text = migrations.map((migration) => migration.toString()).join('\n');
    return `template_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
  }
  // What a function will do cannot be read from it (it may close over anything), so only the very same one shares a template.
  const name = namesOfFunctions.get(migrations) ?? `template_${randomBytes(8).toString('hex')}`;
  namesOfFunctions.set(migrations, name);
  return name;
}

async function onServer<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}
