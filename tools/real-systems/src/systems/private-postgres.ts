import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, run, startServer, waitFor, type Server } from './commands.js';

export interface PrivatePostgres {
  readonly port: number;
  sql(database: string, statement: string): Promise<string>;
  /** A fresh database: a copy of a template that is built once and kept for later runs. */
  freshDatabase(
    name: string,
    owner: string,
    template: { readonly name: string; build(database: string): Promise<void> },
  ): Promise<void>;
  stop(): Promise<void>;
}

const serverBinaries = (): string => {
  const root = '/usr/lib/postgresql';
  const version = readdirSync(root)
    .map(Number)
    .filter((n) => existsSync(join(root, String(n), 'bin/initdb')))
    .sort((a, b) => b - a)[0];
  if (version === undefined) throw new Error(`no PostgreSQL server under ${root}`);
  return join(root, String(version), 'bin');
};

/** A killed run may have left its server behind; only a process that serves this very folder is ended. */
const endLeftOver = async (data: string): Promise<void> => {
  const pidFile = join(data, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  const commandLine = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
  if (!commandLine.includes(data)) return;
  process.kill(pid, 'SIGINT');
  await waitFor(`the PostgreSQL of an earlier run (pid ${pid}) to end`, async () => !existsSync(`/proc/${pid}`), 20_000);
};

/** PostgreSQL for the two foreign systems, apart from Tieout's own: data under `folder`, 127.0.0.1 only. */
export const startPrivatePostgres = async (folder: string): Promise<PrivatePostgres> => {
  const bin = serverBinaries();
  const data = join(folder, 'pg');
  const sockets = join(folder, 'pgsock');
  await endLeftOver(data);
  for (const path of [data, sockets]) {
    mkdirSync(path, { recursive: true });
    await run('chown', ['postgres', path]);
  }
  if (!existsSync(join(data, 'PG_VERSION')))
    await run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'], {
      user: 'postgres',
    });
  const port = await freePort();
  // Durability is off: the data is made anew in every run.
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${sockets}`,
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
  ];
  const server: Server = startServer(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
    user: 'postgres',
    logFile: join(folder, 'postgres.log'),
    stopSignal: 'SIGINT',
  });
  const psql = (database: string, statement: string): Promise<string> =>
    run(join(bin, 'psql'), [
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      'postgres',
      '-v',
      'ON_ERROR_STOP=1',
      '-Atqc',
      statement,
      database,
    ]);
  const accepts = (): Promise<boolean> =>
    psql('postgres', 'select 1').then(
      () => true,
      () => false,
    );
  try {
    await waitFor('the private PostgreSQL', accepts, 30_000);
  } catch (error) {
    await server.stop();
    // Without fsync a killed machine may leave files that no server can open; the next run begins from nothing.
    rmSync(data, { recursive: true, force: true });
    throw error;
  }
  return {
    port,
    sql: psql,
    freshDatabase: (name, owner, template) => freshDatabase(psql, name, owner, template),
    stop: server.stop,
  };
};

const freshDatabase: (
  psql: PrivatePostgres['sql'],
  name: string,
  owner: string,
  template: { readonly name: string; build(database: string): Promise<void> },
) => Promise<void> = async (psql, name, owner, template) => {
  const exists = async (database: string): Promise<boolean> =>
    (await psql('postgres', `select 1 from pg_database where datname = '${database}'`)).trim() === '1';
  if ((await psql('postgres', `select 1 from pg_roles where rolname = '${owner}'`)).trim() !== '1')
    await psql('postgres', `create role ${owner} login createdb`);
  if (!(await exists(template.name))) {
    // Built under another name and renamed at the end, so that a half-built one is never copied.
    const building = `${template.name}_building`;
    await psql('postgres', `drop database if exists ${building} with (force)`);
    await psql('postgres', `create database ${building} owner ${owner} encoding 'UTF8' template template0`);
    await template.build(building);
    await psql('postgres', `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${building}'`);
    await psql('postgres', `alter database ${building} rename to ${template.name}`);
  }
  await psql('postgres', `drop database if exists ${name} with (force)`);
  await psql('postgres', `create database ${name} owner ${owner} template ${template.name}`);
};
