import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOrphan, startPostgres } from '@tieout/local-servers';
import { setTestRun } from './config.js';

/** Vitest runs this once per run of integration tests, in its main process: one PostgreSQL for all workers. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'tieout-test-run-'));
  const postgres = await startPostgres({ durable: false });
  setTestRun({ postgresUrl: postgres.url, folder });
  return async () => {
    setTestRun(undefined);
    await postgres.stop();
    await endServersOfWorkers(folder);
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Linux has ended them with their workers; elsewhere they are still there. */
async function endServersOfWorkers(folder: string): Promise<void> {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) await endOrphan(join(folder, name), 'nats-server');
}
