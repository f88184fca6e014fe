import { setTimeout as delay } from 'node:timers/promises';

/** What the command line touches beside the services; tests bring their own. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly out: (text: string) => void;
  /** Errors, notices, progress. */
  readonly err: (text: string) => void;
  readonly now: () => Date;
  readonly wait: (ms: number) => Promise<void>;
}

/** The only place that reads the process. */
export const processWorld = (): World => ({
  env: Object.freeze({ ...process.env }),
  // npx and npm scripts run in the workspace's folder and keep the caller's here.
  cwd: process.env['INIT_CWD'] ?? process.cwd(),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  now: () => new Date(),
  wait: (ms) => delay(ms),
});
