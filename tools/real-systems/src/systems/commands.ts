import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';

export interface CommandOptions {
  /** System account to run as: PostgreSQL refuses root, and the other two need no more than their own account. */
  readonly user?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const commandLine = (command: string, args: readonly string[], user: string | undefined): [string, string[]] =>
  user === undefined ? [command, [...args]] : ['runuser', ['-u', user, '--', command, ...args]];

/** Environment of a system process: the settings of the tool's own Node must not leak into it. */
const environment = (extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  ...extra,
});

/** Runs to the end. @returns its standard output. @throws Error with the end of its output when it fails. */
export const run = (command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(...commandLine(command, args, options.user), {
      cwd: options.cwd ?? '/',
      env: environment(options.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let all = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      all += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => (all += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${all.slice(0, 1500)}`));
    });
  });

export interface Server {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a server in a process group of its own (it may have workers) and writes its output to a file. */
export const startServer = (
  command: string,
  args: readonly string[],
  options: CommandOptions & { readonly logFile: string; readonly stopSignal: NodeJS.Signals },
): Server => {
  const log = openSync(options.logFile, 'a');
  const child = spawn(...commandLine(command, args, options.user), {
    cwd: options.cwd ?? '/',
    env: environment(options.env),
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  if (child.pid === undefined) throw new Error(`${command} did not start; see ${options.logFile}`);
  return { pid: child.pid, stop: () => stopGroup(child, options.stopSignal) };
};

const GRACE_MS = 10_000;

/** runuser hands TERM on to its child; other signals go to the whole group. */
const stopGroup = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  signalGroup(child.pid!, signal);
  const timer = setTimeout(() => signalGroup(child.pid!, 'SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(timer);
};

const signalGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** A port that is free now, on 127.0.0.1. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** Asks again until the condition holds. @throws Error naming what did not come within the time. */
export const waitFor = async (
  what: string,
  condition: () => Promise<boolean>,
  timeoutMs: number,
  everyMs = 200,
): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${Math.round(timeoutMs / 1000)} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
};

/** True when anything at all answers HTTP there. */
export const answersHttp = async (url: string): Promise<boolean> => {
  try {
    await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5000) });
    return true;
  } catch {
    return false;
  }
};
