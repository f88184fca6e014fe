import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.js';
import { startPrivatePostgres } from './private-postgres.js';
import { startRedmine, type RedmineServer } from './redmine-server.js';
import { startTryton, type TrytonServer } from './tryton-server.js';

export interface RealSystems {
  readonly redmine: RedmineServer;
  readonly tryton: TrytonServer;
  stop(): Promise<void>;
}

/** Their accounts must be able to walk to the folder: a checkout below /root, say, does not let them. */
const reachableFolder = async (wanted: string): Promise<string> => {
  mkdirSync(wanted, { recursive: true });
  chmodSync(wanted, 0o755);
  try {
    await run('test', ['-x', wanted], { user: 'postgres' });
    return wanted;
  } catch {
    const instead = '/var/tmp/tieout-real';
    mkdirSync(instead, { recursive: true });
    chmodSync(instead, 0o755);
    console.log(`  ${wanted} is closed to other accounts; data goes to ${instead}`);
    return instead;
  }
};

/** Installs what is missing and starts Redmine and Tryton on fresh databases. */
export const startSystems = async (o: {
  readonly folder: string;
  readonly assets: string;
  readonly say: (text: string) => void;
}): Promise<RealSystems> => {
  await run(join(o.assets, 'install.sh'), []);
  o.say('packages of Redmine, Tryton and PostgreSQL are installed');
  const folder = await reachableFolder(o.folder);
  const postgres = await startPrivatePostgres(folder);
  const started: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
    await postgres.stop();
  };
  const keep = async <T extends { stop(): Promise<void> }>(name: string, starting: Promise<T>): Promise<T> => {
    const server = await starting;
    started.push(server);
    o.say(`${name} is up`);
    return server;
  };
  const [redmine, tryton] = await Promise.allSettled([
    keep('Redmine', startRedmine(folder, postgres, join(o.assets, 'redmine-setup.rb'))),
    keep('Tryton', startTryton(folder, postgres)),
  ]);
  if (redmine.status === 'rejected' || tryton.status === 'rejected') {
    await stop();
    throw new Error('a system did not start', {
      cause: redmine.status === 'rejected' ? redmine.reason : (tryton as PromiseRejectedResult).reason,
    });
  }
  return { redmine: redmine.value, tryton: tryton.value, stop };
};
