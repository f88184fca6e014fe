import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface Program {
  readonly name: string;
  readonly script: string;
  readonly nodeArgs?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface Running {
  readonly program: Program;
  child: ChildProcess;
  restarts: number;
  startedMs: number;
}

/** sysexits EX_CONFIG: no restart mends a wrong configuration. */
const WRONG_CONFIGURATION = 78;
/** It asks for it: what is in force now changes what it opens at its start only. */
const START_ANEW = 76;
const STOP_MS = 12_000;
/** A process that lived this long earns a quick restart again. */
const STABLE_MS = 20_000;
const TAIL_LINES = 12;

/** Starts programs as processes of their own, restarts what dies, and stops only what it started. */
export class Supervisor {
  readonly #running = new Map<string, Running>();
  readonly #logs = new Map<string, WriteStream>();
  readonly #pidFile: string;
  #stopping = false;

  constructor(
    private readonly options: {
      readonly dataDir: string;
      readonly say: (text: string) => void;
      readonly onFatal: (error: Error) => void;
    },
  ) {
    mkdirSync(join(options.dataDir, 'logs'), { recursive: true });
    this.#pidFile = join(options.dataDir, 'pids.json');
  }

  logFile(name: string): string {
    return join(this.options.dataDir, 'logs', `${name}.log`);
  }

  pidOf(name: string): number | undefined {
    return this.#running.get(name)?.child.pid;
  }

  restartsOf(name: string): number {
    return this.#running.get(name)?.restarts ?? 0;
  }

  /** Ends what a runner that was killed left behind: only processes that still run one of our scripts under a pid that we noted. */
  async endOrphans(): Promise<void> {
    if (!existsSync(this.#pidFile)) return;
    const noted = JSON.parse(readFileSync(this.#pidFile, 'utf8')) as Record<string, { pid: number; script: string }>;
    for (const [name, { pid, script }] of Object.entries(noted)) {
      if (!commandOf(pid).includes(script)) continue;
      this.options.say(`ending ${name} (pid ${pid}), left by an earlier run`);
      process.kill(pid, 'SIGTERM');
      for (let i = 0; i < 100 && commandOf(pid).includes(script); i++) await delay(100);
      if (commandOf(pid).includes(script)) process.kill(pid, 'SIGKILL');
    }
  }

  start(program: Program): void {
    const entry: Running = { program, child: this.#spawn(program), restarts: 0, startedMs: Date.now() };
    this.#running.set(program.name, entry);
    this.#watch(entry);
    this.#note();
  }

  /** Runs a program to its end. @throws Error with the end of its log when it fails. */
  async run(program: Program): Promise<void> {
    const child = this.#spawn(program);
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    if (code !== 0)
      throw new Error(
        `${program.name} failed (exit code ${code}). Its log ends with:\n${this.#tail(program.name)}\nThe whole log: ${this.logFile(program.name)}`,
      );
  }

  kill(name: string, signal: NodeJS.Signals): void {
    this.#running.get(name)?.child.kill(signal);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#running.values()].map(({ child }) => endChild(child)));
    for (const log of this.#logs.values()) log.end();
    writeFileSync(this.#pidFile, '{}');
  }

  #spawn({ name, script, nodeArgs = [], env }: Program): ChildProcess {
    const child = spawn(process.execPath, [...nodeArgs, script], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own: Ctrl-C in the terminal reaches the runner only, which then stops everything in order.
      detached: true,
    });
    let log = this.#logs.get(name);
    if (log === undefined) this.#logs.set(name, (log = createWriteStream(this.logFile(name), { flags: 'a' })));
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    child.on('error', (error) => this.options.onFatal(new Error(`${name} cannot be started: ${error.message}`)));
    return child;
  }

  #watch(entry: Running): void {
    const { program } = entry;
    entry.child.once('exit', (code, signal) => {
      if (this.#stopping) return;
      if (code === WRONG_CONFIGURATION) {
        this.options.onFatal(new Error(`${program.name} does not start:\n${this.#tail(program.name)}`));
        return;
      }
      if (Date.now() - entry.startedMs > STABLE_MS) entry.restarts = 0;
      const waitMs = Math.min(200 * 2 ** entry.restarts, 5000);
      entry.restarts++;
      const why = code === START_ANEW ? 'takes another policy' : `ended (${signal ?? `exit code ${code}`})`;
      this.options.say(`${program.name} ${why}; starting it again`);
      void delay(waitMs).then(() => {
        if (this.#stopping) return;
        entry.child = this.#spawn(program);
        entry.startedMs = Date.now();
        this.#watch(entry);
        this.#note();
      });
    });
  }

  #note(): void {
    const pids = Object.fromEntries(
      [...this.#running].map(([name, { child, program }]) => [name, { pid: child.pid, script: program.script }]),
    );
    writeFileSync(this.#pidFile, JSON.stringify(pids));
  }

  #tail(name: string): string {
    const file = this.logFile(name);
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n') : '(no log)';
  }
}

/** Command line of a process; empty when there is none, or where /proc does not tell. */
const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
};

const endChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  // One that was stopped (SIGSTOP) hears nothing else.
  child.kill('SIGCONT');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
};
