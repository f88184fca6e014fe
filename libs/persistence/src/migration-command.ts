import { readMigrationConfig } from './config.js';
import { migrate, revertLast } from './migrate.js';
import type { MigrationClass } from './migrations/index.js';

const EX_CONFIG = 78;

/** `node dist/migrate.js` of an app; with `--revert` the newest migration is taken back. Sets the exit code. */
export async function runMigrationCommand(
  migrations: readonly MigrationClass[],
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  let url: string;
  try {
    url = readMigrationConfig().databaseUrl;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = EX_CONFIG;
    return;
  }
  try {
    if (args.includes('--revert')) {
      const name = await revertLast({ url, migrations });
      say(name ? `reverted ${name}` : 'nothing to revert');
      return;
    }
    const names = await migrate({ url, migrations });
    for (const name of names) say(`applied ${name}`);
    if (names.length === 0) say('nothing to apply');
  } catch (error) {
    process.stderr.write(`migration failed: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
