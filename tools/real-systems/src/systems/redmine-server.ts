import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answersHttp, freePort, run, startServer, waitFor, type Server } from './commands.js';
import type { PrivatePostgres } from './private-postgres.js';

/** What the setup script inside Redmine told. */
export interface RedmineFacts {
  readonly key: string;
  readonly approvalField: number;
  readonly employeeField: number;
  readonly activities: readonly number[];
}

export interface RedmineServer extends Server, RedmineFacts {
  readonly url: string;
}

const DATABASE = 'redmine';
const ROOT = '/usr/share/redmine';

/** A Redmine with its default data, REST switched on and the custom fields of our firm; on PostgreSQL, because SQLite fails at a few writers. */
export const startRedmine = async (folder: string, postgres: PrivatePostgres, setupScript: string): Promise<RedmineServer> => {
  const home = join(folder, 'redmine');
  for (const part of ['config', 'log', 'files', 'tmp', 'public/plugin_assets']) mkdirSync(join(home, part), { recursive: true });
  const databaseFile = (database: string): void =>
    writeFileSync(
      join(home, 'config/database.yml'),
      `production:\n  adapter: postgresql\n  host: 127.0.0.1\n  port: ${postgres.port}\n  database: ${database}\n  username: redmine\n  encoding: utf8\n`,
    );
  databaseFile(DATABASE);
  writeFileSync(join(home, 'config/secret_key.txt'), randomBytes(32).toString('hex'));
  // The package's own bundle names no web server and, without an instance on PostgreSQL in its folder, no driver for it.
  writeFileSync(join(home, 'Gemfile'), `eval_gemfile '${ROOT}/Gemfile'\ngem 'puma'\ngem 'pg'\n`);
  await run('chown', ['-R', 'www-data:www-data', home]);
  const environment = {
    // Debian's Redmine keeps instances in /var/lib/redmine; climbing out of it keeps ours in this folder, and nothing in the system's.
    REDMINE_INSTANCE: `../../../../..${home}`,
    RAILS_ENV: 'production',
    REDMINE_LANG: 'en',
    // Rails would write its schema file into the package's folder.
    SCHEMA: '/dev/null',
    // Debian's unpatched newer bundler does not read the package's Gemfile.
    BUNDLER_VERSION: '2.3.15',
    BUNDLE_GEMFILE: join(home, 'Gemfile'),
    HOME: home,
  };
  const bundle = (...args: string[]): Promise<string> =>
    run('bundle', ['exec', ...args], { user: 'www-data', cwd: ROOT, env: environment });
  rmSync(join(home, 'Gemfile.lock'), { force: true });
  await run('bundle', ['install', '--local', '--quiet'], { user: 'www-data', cwd: home, env: environment });
  const script = readFileSync(setupScript, 'utf8');
  const version = (await run('dpkg-query', ['-W', '-f', '${Version}', 'redmine'])).replace(/[^a-z0-9]/gi, '_').toLowerCase();
  await postgres.freshDatabase(DATABASE, 'redmine', {
    name: `redmine_template_${version}`,
    build: async (database) => {
      databaseFile(database);
      await bundle('rake', 'db:migrate');
      // A process of its own: in the one that migrated, the models do not know the new columns.
      await bundle('rake', 'redmine:load_default_data');
      databaseFile(DATABASE);
    },
  });
  const answer = await bundle('rails', 'runner', script);
  const facts = /^FACTS=(.*)$/m.exec(answer)?.[1];
  if (facts === undefined) throw new Error(`the setup script of Redmine told nothing:\n${answer.slice(-2000)}`);
  const port = await freePort();
  const server = startServer(
    'bundle',
    ['exec', 'puma', '-e', 'production', '-b', `tcp://127.0.0.1:${port}`, '-t', '1:4', '-w', '2', 'config.ru'],
    {
      user: 'www-data',
      cwd: ROOT,
      env: environment,
      logFile: join(home, 'log/puma.log'),
      stopSignal: 'SIGTERM',
    },
  );
  const url = `http://127.0.0.1:${port}`;
  await waitFor('Redmine', () => answersHttp(`${url}/login`), 60_000);
  return { ...server, ...(JSON.parse(facts) as RedmineFacts), url };
};
