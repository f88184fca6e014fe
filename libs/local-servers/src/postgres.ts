import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePort, requireFreePort } from './ports.js';
import { databaseIdentity, openDataDir, postgresBinaries, temporaryDataDir, type Binaries } from './postgres-home.js';
import { endOrphan, forgetOwner, launch, recordOwner, stopChild, untilReady, type Identity, type Launch } from './processes.js';

export interface PostgresOptions {
  /** Kept and used again at the next start. Absent: a temporary one, deleted by stop(). */
  dataDir?: string;
  /** Absent: a free one. */
  port?: number;
  /** false: no fsync. Only for tests: a power cut would lose data. */
  durable?: boolean;
  /** Further settings, as in postgresql.conf. */
  settings?: Readonly<Record<string, string>>;
}

export interface RunningPostgres {
  /** Of the superuser, database `postgres`. */
  url: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
}

const PASSWORD_FILE = 'tieout-superuser-password';

/** A real PostgreSQL server of our own on 127.0.0.1. */
export async function startPostgres(options: PostgresOptions = {}): Promise<RunningPostgres> {
  const identity = databaseIdentity();
  if (options.dataDir) return startOn(openDataDir(options.dataDir, identity), options, identity);
  const dataDir = temporaryDataDir(identity);
  const remove = () => rmSync(dirname(dataDir), { recursive: true, force: true });
  try {
    const server = await startOn(dataDir, options, identity);
    return { ...server, stop: () => server.stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

async function startOn(
  dataDir: string,
  options: PostgresOptions,
  wantedIdentity: Identity | undefined,
): Promise<RunningPostgres> {
  const identity = ownerOf(dataDir) ?? wantedIdentity;
  const binaries = postgresBinaries(identity);
  await endOrphan(dataDir, 'PostgreSQL');
  if (options.port !== undefined) await requireFreePort(options.port, 'PostgreSQL');
  if (!existsSync(join(dataDir, 'PG_VERSION'))) initialise(binaries, dataDir, identity);
  // The orphan is gone, so this can only be a leftover; PostgreSQL would refuse it when the pid is somebody else's now.
  rmSync(join(dataDir, 'postmaster.pid'), { force: true });

  const port = options.port ?? (await freePort());
  const server: Launch = {
    name: 'PostgreSQL',
    command: binaries.postgres,
    args: ['-D', dataDir, '-p', String(port), ...flags(options)],
    logFile: join(dataDir, 'tieout-server.log'),
    stopSignal: 'SIGINT',
    identity,
  };
  const child = launch(server);
  await untilReady(child, server, () => isReady(dataDir));
  const pid = child.pid as number;
  recordOwner(dataDir, pid);
  const password = readFileSync(join(dataDir, PASSWORD_FILE), 'utf8').trim();
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    pid,
    stop: async () => {
      await stopChild(child, 'SIGINT');
      forgetOwner(dataDir);
    },
  };
}

function flags({ durable = true, settings = {} }: PostgresOptions): string[] {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...settings,
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** A data folder keeps its owner, even when the machine has got a better user since. */
function ownerOf(dataDir: string): Identity | undefined {
  if (process.getuid?.() !== 0 || !existsSync(join(dataDir, 'PG_VERSION'))) return undefined;
  const { uid, gid } = statSync(dataDir);
  return { uid, gid };
}

/** Beside the final place and then renamed: a start that is cut short leaves no half database behind. */
function initialise(binaries: Binaries, dataDir: string, identity: Identity | undefined): void {
  const unfinished = `${dataDir}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  if (identity) chownSync(unfinished, identity.uid, identity.gid);
  const passwordFile = `${unfinished}.password`;
  writeFileSync(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
  if (identity) chownSync(passwordFile, identity.uid, identity.gid);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const result = spawnSync(
    binaries.initdb,
    ['-D', unfinished, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync', ...locale],
    { ...identity, cwd: '/', encoding: 'utf8' },
  );
  if (result.status !== 0) {
    throw new Error(`initdb failed for ${dataDir}: ${result.error?.message ?? (result.stderr.trim() || result.stdout.trim())}`);
  }
  renameSync(passwordFile, join(unfinished, PASSWORD_FILE));
  rmSync(dataDir, { recursive: true, force: true });
  renameSync(unfinished, dataDir);
}

/** PostgreSQL writes its state into the eighth line of postmaster.pid. */
function isReady(dataDir: string): boolean {
  const file = join(dataDir, 'postmaster.pid');
  return existsSync(file) && readFileSync(file, 'utf8').split('\n')[7]?.trim() === 'ready';
}
