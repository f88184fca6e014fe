import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutRoot, environment, onPath } from './config.js';

const GO_MODULE = 'github.com/nats-io/nats-server/v2@v2.14.5';
const PROGRAM = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

/** Says why it did not work, or nothing when the program is at `target` now. */
type Way = { name: string; install: (scratch: string, target: string) => string | undefined };

/**
 * The path of a nats-server (2.9.10 or later): from the PATH, from .tieout/bin, or fetched into .tieout/bin by a package manager
 * or Go. Changes nothing outside .tieout, except with Homebrew, which installs in its own place.
 */
export function ensureNatsServer(say: (message: string) => void = () => undefined): string {
  const installed = join(checkoutRoot(), '.tieout', 'bin', PROGRAM);
  const present = [onPath('nats-server'), installed].find((path) => path && existsSync(path) && runs(path));
  if (present) return present;

  mkdirSync(join(checkoutRoot(), '.tieout', 'bin'), { recursive: true });
  const failures: string[] = [];
  for (const way of WAYS) {
    // Two starts may install at once: each in its own folder, the finished program moved into place in one step.
    const scratch = mkdtempSync(join(checkoutRoot(), '.tieout', 'nats-install-'));
    try {
      say(`nats-server is missing: trying ${way.name}`);
      const candidate = join(scratch, 'finished');
      const failure = way.install(scratch, candidate) ?? (runs(candidate) ? undefined : 'what it brought does not run');
      if (failure === undefined) {
        renameSync(candidate, installed);
        return installed;
      }
      failures.push(`- ${way.name}: ${failure}`);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  throw new Error(
    `no nats-server on the PATH or in .tieout/bin, and none could be fetched:\n${failures.join('\n')}\n${advice()}`,
  );
}

const WAYS: readonly Way[] = [
  { name: "Debian's package (apt-get download)", install: fromDebian },
  { name: 'Homebrew', install: fromHomebrew },
  { name: `go install ${GO_MODULE}`, install: fromGo },
];

/** The package is unpacked, not installed: no root needed, and no daemon starts. */
function fromDebian(scratch: string, target: string): string | undefined {
  if (!onPath('apt-get') || !onPath('dpkg-deb')) return 'not a Debian system';
  const known = () => spawnSync('apt-cache', ['show', 'nats-server'], { encoding: 'utf8' }).stdout?.includes('Package:');
  if (!known() && process.getuid?.() === 0) run('apt-get', ['update', '-qq'], scratch);
  const failure = run('apt-get', ['download', '-qq', 'nats-server'], scratch);
  if (failure) return failure;
  const file = readdirSync(scratch).find((name) => name.endsWith('.deb'));
  if (!file) return 'apt-get download brought no package';
  return (
    run('dpkg-deb', ['-x', file, 'unpacked'], scratch) ?? take(join(scratch, 'unpacked', 'usr', 'sbin', PROGRAM), target, scratch)
  );
}

function fromHomebrew(scratch: string, target: string): string | undefined {
  if (!onPath('brew')) return 'no brew on the PATH';
  const failure = run('brew', ['install', '--quiet', 'nats-server'], scratch);
  if (failure) return failure;
  const prefix = spawnSync('brew', ['--prefix', 'nats-server'], { encoding: 'utf8' }).stdout.trim();
  return take(join(prefix, 'bin', PROGRAM), target, scratch);
}

function fromGo(scratch: string, target: string): string | undefined {
  if (!onPath('go')) return 'no go on the PATH';
  return run('go', ['install', GO_MODULE], scratch, { GOBIN: scratch }) ?? take(join(scratch, PROGRAM), target, scratch);
}

function take(from: string, target: string, scratch: string): string | undefined {
  if (!existsSync(from)) return `${from.slice(scratch.length + 1)} is not in it`;
  copyFileSync(from, target);
  chmodSync(target, 0o755);
  return undefined;
}

function run(command: string, args: string[], cwd: string, env: Record<string, string> = {}): string | undefined {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 300_000, env: environment(env) });
  if (result.status === 0) return undefined;
  return (
    result.error?.message ??
    (result.stderr.trim().split('\n').slice(-2).join(' ') || `ended with ${result.status ?? result.signal}`)
  );
}

function runs(path: string): boolean {
  return spawnSync(path, ['--version'], { encoding: 'utf8' }).status === 0;
}

function advice(): string {
  switch (process.platform) {
    case 'darwin':
      return 'Run: brew install nats-server';
    case 'win32':
      return 'Run: winget install NATSAuthors.NATSServer';
    default:
      return `Run: sudo apt-get update && sudo apt-get install -y nats-server   or, with Go 1.25 or later: GOBIN=${join(checkoutRoot(), '.tieout', 'bin')} go install ${GO_MODULE}`;
  }
}
