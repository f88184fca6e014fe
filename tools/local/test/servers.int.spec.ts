import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@tieout/local-servers';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import { afterAll, expect, it } from 'vitest';
import { NatsServer } from '../src/nats-server.js';
import { PostgresServer } from '../src/postgres-server.js';

const folder = mkdtempSync(join(tmpdir(), 'tieout-servers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sql = async (url: string, text: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
};

it('PostgreSQL goes back to a backup that was taken while it worked, and goes on from there', async () => {
  const server = await PostgresServer.start({ dataDir: join(folder, 'postgres'), port: await freePort() });
  try {
    await sql(server.url, 'create table t as select 1 as n');
    await server.backUp(join(folder, 'backup'));
    await sql(server.url, 'insert into t values (2)');
    await server.restart();
    expect(await sql(server.url, 'select n from t order by n')).toEqual([{ n: 1 }, { n: 2 }]);
    await server.restore(join(folder, 'backup'));
    expect(await sql(server.url, 'select n from t')).toEqual([{ n: 1 }]);
    await sql(server.url, 'insert into t values (3)');
    await server.restart();
    expect(await sql(server.url, 'select n from t order by n')).toEqual([{ n: 1 }, { n: 3 }]);
  } finally {
    await server.stop();
  }
  const copy = await PostgresServer.start(
    { dataDir: join(folder, 'copy-of-it'), port: await freePort() },
    join(folder, 'backup'),
  );
  try {
    expect(await sql(copy.url, 'select n from t')).toEqual([{ n: 1 }]);
  } finally {
    await copy.stop();
  }
});

it('NATS keeps its messages over a restart, and loses those since a copy', async () => {
  const server = await NatsServer.start({ storeDir: join(folder, 'nats'), port: await freePort() });
  const publish = async (text: string): Promise<number> => {
    const connection = await connect({ servers: server.url });
    try {
      await (await jetstreamManager(connection)).streams.add({ name: 'S', subjects: ['s.>'] });
      return (await jetstream(connection).publish('s.a', text)).seq;
    } finally {
      await connection.close();
    }
  };
  try {
    expect(await publish('one')).toBe(1);
    await server.copyStore(join(folder, 'copy'));
    expect(await publish('two')).toBe(2);
    await server.restart();
    expect(await publish('three')).toBe(3);
    await server.restoreStore(join(folder, 'copy'));
    expect(await publish('two again')).toBe(2);
    await server.deleteStream('S');
    expect(await publish('one again')).toBe(1);
  } finally {
    await server.stop();
  }
});
