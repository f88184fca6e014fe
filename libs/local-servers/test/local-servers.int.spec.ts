import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort, portHolder, startNats, startPostgres } from '../src/index.js';
import { isAlive } from '../src/processes.js';

const isRoot = process.getuid?.() === 0;
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function folder(mode = 0o755): string {
  const made = mkdtempSync(join(tmpdir(), 'tieout-servers-test-'));
  chmodSync(made, mode);
  undo.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function sql<T>(url: string, text: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as T[];
  } finally {
    await client.end();
  }
}

async function startKept(dataDir: string) {
  const server = await startPostgres({ dataDir, durable: false });
  undo.push(() => server.stop());
  return server;
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 10_000) throw new Error('the condition did not come true within 10 s');
    await sleep(20);
  }
}

describe('startPostgres', () => {
  it('starts a real server with room for all services, and removes a temporary one', async () => {
    const server = await startPostgres();
    const [row] = await sql<{ max: string; fsync: string; dir: string; enc: string }>(
      server.url,
      `select current_setting('max_connections') max, current_setting('fsync') fsync, current_setting('data_directory') dir,
              current_setting('server_encoding') enc`,
    );
    expect(row).toMatchObject({ max: '200', fsync: 'on', enc: 'UTF8' });
    await server.stop();
    expect(existsSync(row?.dir ?? '/')).toBe(false);
    expect(isAlive(server.pid)).toBe(false);
  });

  it('refuses a wrong password', async () => {
    const server = await startKept(join(folder(), 'pg'));
    const wrong = new URL(server.url);
    wrong.password = 'guess';
    await expect(sql(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/);
  });

  it('uses its data again at the second start, past a stale postmaster.pid of a process that is somebody else', async () => {
    const dataDir = join(folder(), 'pg');
    const first = await startKept(dataDir);
    await sql(first.url, 'create table kept as select 42 as answer');
    await first.stop();
    writeFileSync(join(dataDir, 'postmaster.pid'), `${process.pid}\n${dataDir}\n`);
    const second = await startKept(dataDir);
    expect(await sql(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('refuses data that a running server has, and says whose it is', async () => {
    const dataDir = join(folder(), 'pg');
    const server = await startKept(dataDir);
    await expect(startPostgres({ dataDir })).rejects.toThrow(
      new RegExp(`already runs on .*process ${server.pid}, started by process ${process.pid}`),
    );
  });

  it('ends the server of a starter that was killed', async () => {
    const dataDir = join(folder(), 'pg');
    await (await startKept(dataDir)).stop();
    const started = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', dataDir], { detached: true, stdio: 'ignore' });
    writeFileSync(join(dataDir, 'tieout-owner.json'), JSON.stringify({ pid: started.pid, owner: 1 }));
    await startKept(dataDir);
    await until(() => started.signalCode !== null);
    expect(started.signalCode).toBe('SIGINT');
  });

  it('names the holder of a taken port', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    undo.push(() => holder.close());
    await until(() => holder.listening);
    const { port } = holder.address() as AddressInfo;
    await expect(startPostgres({ port })).rejects.toThrow(`port ${port} on 127.0.0.1 is taken`);
    if (process.platform === 'linux') expect(portHolder(port)?.pid).toBe(process.pid);
  });

  it.runIf(isRoot)(
    'works from a folder that the user of the database cannot enter, and begins anew when it is deleted',
    async () => {
      const dataDir = join(folder(0o700), 'pg');
      const first = await startKept(dataDir);
      expect(lstatSync(dataDir).isSymbolicLink()).toBe(true);
      const place = realpathSync(dataDir);
      undo.unshift(() => rmSync(place, { recursive: true, force: true }));
      await sql(first.url, 'create table kept as select 42 as answer');
      await first.stop();
      const second = await startKept(dataDir);
      expect(await sql(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
      await second.stop();
      rmSync(dataDir, { recursive: true });
      const third = await startKept(dataDir);
      expect(await sql(third.url, `select to_regclass('kept') is null as anew`)).toEqual([{ anew: true }]);
    },
  );
});

describe('startNats', () => {
  it('starts a real server with JetStream, keeps its streams, and stops', async () => {
    const storeDir = join(folder(), 'nats');
    const first = await startNats({ storeDir });
    undo.push(() => first.stop());
    const connection = await connect({ servers: first.url });
    await (await jetstreamManager(connection)).streams.add({ name: 'KEPT', subjects: ['kept.>'] });
    await connection.close();
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);

    const second = await startNats({ storeDir, port: await freePort() });
    undo.push(() => second.stop());
    const again = await connect({ servers: second.url });
    expect((await (await jetstreamManager(again)).streams.info('KEPT')).config.subjects).toEqual(['kept.>']);
    await again.close();
  });
});

describe.runIf(process.platform === 'linux')('when the starter is killed', () => {
  it('Linux stops the servers', async () => {
    const place = folder();
    const script = `import { startNats } from ${JSON.stringify(join(import.meta.dirname, '../dist/index.js'))};
      const server = await startNats({ storeDir: ${JSON.stringify(join(place, 'nats'))} });
      (await import('node:fs')).writeFileSync(${JSON.stringify(join(place, 'pid'))}, String(server.pid));
      setInterval(() => {}, 1000);`;
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    undo.push(() => starter.kill('SIGKILL'));
    await until(() => existsSync(join(place, 'pid')));
    const pid = Number(readFileSync(join(place, 'pid'), 'utf8'));
    expect(execFileSync('cat', [`/proc/${pid}/cmdline`]).toString()).toContain('nats-server');
    starter.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });
});
