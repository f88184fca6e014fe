import type { RunningSystem } from './system.js';

/** Runs one system until SIGTERM or SIGINT. The line on standard output is how a parent learns the address. */
export const runProcess = async (name: string, start: () => Promise<RunningSystem>): Promise<void> => {
  const system = await start().catch((error: unknown): never => {
    console.error(`${name} does not start: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  });
  const stop = (): void => {
    void system.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // Last: whoever reads it may end the process at once.
  console.log(JSON.stringify({ system: name, url: system.url, pid: process.pid }));
};
