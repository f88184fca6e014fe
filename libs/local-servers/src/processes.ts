import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onPath } from './config.js';

export interface Identity {
  uid: number;
  gid: number;
}

export interface Launch {
  name: string;
  command: string;
  args: readonly string[];
  logFile: string;
  /** The signal that makes this server stop cleanly, also sent by Linux when we die. */
  stopSignal: 'SIGINT' | 'SIGTERM';
  identity?: Identity | undefined;
}

/**
 * Starts a server in a process group of its own, so that Ctrl-C in the terminal reaches us first and we stop things in order.
 * Linux tells it to stop when we are killed; elsewhere the next start finds and ends what was left (see endOrphan).
 */
export function launch(server: Launch): ChildProcess {
  const setpriv = process.platform === 'linux' ? onPath('setpriv') : undefined;
  const prefix = setpriv ? [setpriv, '--pdeathsig', server.stopSignal.slice(3), '--'] : [];
  const [command = server.command, ...args] = [...prefix, server.command, ...server.args];
  mkdirSync(dirname(server.logFile), { recursive: true });
  const log = openSync(server.logFile, 'w');
  try {
    return spawn(command, args, { detached: true, stdio: ['ignore', log, log], cwd: '/', ...server.identity });
  } finally {
    closeSync(log);
  }
}

/** Waits until `ready` says so; throws with the end of the server's log when it ends or takes too long. */
export async function untilReady(
  child: ChildProcess,
  server: Launch,
  ready: () => boolean | Promise<boolean>,
  withinMs = 30_000,
): Promise<void> {
  let spawnError: Error | undefined;
  child.once('error', (error) => (spawnError = error));
  const deadline = performance.now() + withinMs;
  while (!(await ready())) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (spawnError || ended || performance.now() > deadline) {
      if (!ended && !spawnError) child.kill('SIGKILL');
      const what =
        spawnError?.message ?? (ended ? `it ended with ${child.exitCode ?? child.signalCode}` : `not ready after ${withinMs} ms`);
      throw new Error(`${server.name} did not start: ${what}. Its log (${server.logFile}) ends:\n${tail(server.logFile)}`);
    }
    await sleep(15);
  }
}

/** Asks a child to stop, waits for its end, and kills it (by its pid) when that takes too long. */
export async function stopChild(child: ChildProcess, signal: NodeJS.Signals, withinMs = 10_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
  await ended;
  clearTimeout(timer);
}

const OWNER_FILE = 'tieout-owner.json';

/** Notes in a server's folder which process serves it and for whom, for the next start. */
export function recordOwner(folder: string, pid: number): void {
  writeFileSync(join(folder, OWNER_FILE), JSON.stringify({ pid, owner: process.pid }));
}

export function forgetOwner(folder: string): void {
  rmSync(join(folder, OWNER_FILE), { force: true });
}

/**
 * A folder is served by one server at a time. A server whose starter was killed is ended by its pid; one whose starter still
 * runs is refused. The command line is checked too: the pid may belong to somebody else by now.
 */
export async function endOrphan(folder: string, name: string): Promise<void> {
  const file = join(folder, OWNER_FILE);
  if (!existsSync(file)) return;
  const { pid, owner } = JSON.parse(readFileSync(file, 'utf8')) as { pid: number; owner: number };
  if (processLine(pid, 'command').includes(folder)) {
    if (Number(processLine(pid, 'ppid')) === owner) {
      throw new Error(
        `${name} already runs on ${folder} (process ${pid}, started by process ${owner}). Stop that one or use another data folder.`,
      );
    }
    await endByPid(pid, name);
  }
  rmSync(file, { force: true });
}

async function endByPid(pid: number, name: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    process.kill(pid, signal);
    for (let waited = 0; waited < 5_000; waited += 50) {
      if (!isAlive(pid)) return;
      await sleep(50);
    }
  }
  throw new Error(`${name} (process ${pid}) of an earlier run does not stop`);
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return processState(pid) !== 'Z';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A zombie (ended, not yet collected by its parent) answers signal 0 as if it ran. */
function processState(pid: number): string | undefined {
  return statFields(pid)?.[0];
}

function processLine(pid: number, what: 'command' | 'ppid'): string {
  if (existsSync('/proc/self/stat')) {
    if (what === 'ppid') return statFields(pid)?.[1] ?? '';
    return existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') : '';
  }
  return spawnSync('ps', ['-o', `${what}=`, '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
}

/** Fields of /proc/<pid>/stat after the command, which may itself hold blanks and brackets: state, parent, ... */
function statFields(pid: number): string[] | undefined {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function tail(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-12).join('\n') : '(no log)';
}
