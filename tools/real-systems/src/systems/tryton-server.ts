import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answersHttp, freePort, run, startServer, waitFor, type Server } from './commands.js';
import type { PrivatePostgres } from './private-postgres.js';

export interface TrytonServer extends Server {
  readonly url: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

const DATABASE = 'tryton';
const PASSWORD = 'admin';
const MODULES = ['company', 'account', 'analytic_account', 'project', 'timesheet', 'timesheet_cost', 'company_work_time'];

/** A Tryton on a database with its modules active and nothing else in it. Activating them takes a minute: the result is kept as a template. */
export const startTryton = async (folder: string, postgres: PrivatePostgres): Promise<TrytonServer> => {
  const home = join(folder, 'tryton');
  mkdirSync(join(home, 'data'), { recursive: true });
  const port = await freePort();
  const config = join(home, 'trytond.conf');
  writeFileSync(
    config,
    `[database]\nuri = postgresql://tryton@127.0.0.1:${postgres.port}/\npath = ${home}/data\ndefault_name = ${DATABASE}\n` +
      `[web]\nlisten = 127.0.0.1:${port}\nroot = /nonexistent\n[session]\nsuper_pwd =\nauthentications = password\nmax_attempt = 50\n`,
  );
  const passwordFile = join(home, 'password');
  writeFileSync(passwordFile, `${PASSWORD}\n`);
  await run('chown', ['-R', 'tryton', home]);
  const admin = (database: string, ...args: string[]): Promise<string> =>
    run('trytond-admin', ['-c', config, '-d', database, ...args], {
      user: 'tryton',
      env: { TRYTONPASSFILE: passwordFile, HOME: home },
    });
  const version = (await run('dpkg-query', ['-W', '-f', '${Version}', 'tryton-server']))
    .replace(/[^a-z0-9]/gi, '_')
    .toLowerCase();
  await postgres.freshDatabase(DATABASE, 'tryton', {
    name: `tryton_template_${version}`,
    build: async (database) => {
      await admin(database, '--all', '--email', 'admin@example.com', '--language', 'en');
      await admin(database, '-u', ...MODULES, '--activate-dependencies');
    },
  });
  const server = startServer('trytond', ['-c', config, '-d', DATABASE], {
    user: 'tryton',
    env: { HOME: home },
    logFile: join(home, 'trytond.log'),
    stopSignal: 'SIGTERM',
  });
  const url = `http://127.0.0.1:${port}`;
  await waitFor('Tryton', () => answersHttp(`${url}/`), 60_000);
  return { ...server, url, database: DATABASE, user: 'admin', password: PASSWORD };
};
