import { realpathSync } from 'node:fs';
import { chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { startPostgres, type RunningPostgres } from '@tieout/local-servers';
import pg from 'pg';
import { copyTree, emptyFolder } from './copy-tree.js';

/** Of the running server only; a copy of them would belong to nobody. */
const NOT_IN_A_BACKUP = new Set(['postmaster.pid', 'postmaster.opts', 'tieout-owner.json', 'tieout-server.log']);

/** Of @tieout/local-servers: made with the database, and kept in its folder. */
const PASSWORD_FILE = 'tieout-superuser-password';

/** PostgreSQL on one folder and one port, which can be restarted and taken back to an earlier point. */
export class PostgresServer {
  private constructor(
    private readonly options: { readonly dataDir: string; readonly port: number },
    private server: RunningPostgres,
  ) {}

  /** With `backup` on a new folder: as it was then. */
  static async start(options: { readonly dataDir: string; readonly port: number }, backup?: string): Promise<PostgresServer> {
    if (backup !== undefined) await copyTree(backup, options.dataDir);
    const server = new PostgresServer(options, await startPostgres(options));
    // Where the database's user cannot enter the folder, the server has begun anew in a place of its own.
    if (backup !== undefined && !(await server.isOf(backup))) await server.restore(backup);
    return server;
  }
  private async isOf(backup: string): Promise<boolean> {
    return this.url.includes(`:${(await readFile(join(backup, PASSWORD_FILE), 'utf8')).trim()}@`);
  }
  /** Of the superuser. A restored server has the password that it had. */
  get url(): string {
    return this.server.url;
  }
  async stop(): Promise<void> {
    await this.server.stop();
  }
  /** A clean stop cuts every connection; then it starts again. */
  async restart(between: () => Promise<unknown> = async () => undefined): Promise<void> {
    await this.server.stop();
    await between();
    this.server = await startPostgres(this.options);
  }
  /** A base backup while the server works: `folder` is made anew. */
  async backUp(folder: string): Promise<void> {
    const data = realpathSync(this.options.dataDir);
    await mkdir(folder, { recursive: true });
    await emptyFolder(folder);
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    try {
      await client.query("SELECT pg_backup_start('tieout', true)");
      await copyTree(data, folder, (path) => path === join(data, 'pg_wal') || NOT_IN_A_BACKUP.has(basename(path)));
      const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
      // After the end of the backup: up to there the log is needed to make the copied files agree with each other.
      await copyTree(join(data, 'pg_wal'), join(folder, 'pg_wal'));
      const label = join(folder, 'backup_label');
      await writeFile(label, rows[0]!.labelfile);
      // As root we copy for another user: the server removes the file once it has recovered.
      const { uid, gid } = await stat(data);
      await chown(label, uid, gid);
    } finally {
      await client.end();
    }
  }
  /** What happened after the backup is forgotten, as after a disaster. */
  async restore(folder: string): Promise<void> {
    await this.restart(async () => {
      const data = realpathSync(this.options.dataDir);
      await emptyFolder(data);
      await copyTree(folder, data);
    });
  }
}
