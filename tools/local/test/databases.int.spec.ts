import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startPostgres, type RunningPostgres } from '@tieout/local-servers';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseName, databaseUrl, ensureDatabases, ownerOf } from '../src/databases.js';

const folder = mkdtempSync(join(tmpdir(), 'tieout-databases-'));
let server: RunningPostgres;
beforeAll(async () => {
  server = await startPostgres({ dataDir: folder, port: await freePort(), durable: false });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const sql = async (url: string, text: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
};

const world = () => {
  const service = `svc-${randomBytes(4).toString('hex')}`;
  const passwords = { [service]: 'a', [ownerOf(service)]: 'b' };
  return {
    service,
    ensure: () => ensureDatabases(server.url, [service], passwords),
    asService: databaseUrl(server.url, service, 'a'),
    asOwner: databaseUrl(server.url, service, 'b', ownerOf(service)),
  };
};

it('a service reads and writes rows of tables that its owner makes, and cannot change the tables', async () => {
  const { ensure, asService, asOwner } = world();
  await ensure();
  await ensure();
  await sql(asOwner, 'create table t (id bigserial, n int)');
  await sql(asService, 'insert into t (n) values (1), (2)');
  await sql(asService, 'update t set n = 3 where n = 2; delete from t where n = 1');
  expect(await sql(asService, 'select n from t')).toEqual([{ n: 3 }]);
  await expect(sql(asService, 'drop table t')).rejects.toThrow('must be owner');
  await expect(sql(asService, 'truncate t')).rejects.toThrow('permission denied');
  await expect(sql(asService, 'create table mine (n int)')).rejects.toThrow('permission denied');
});

it('tables that the service made itself, in an older start, are handed over', async () => {
  const { ensure, service, asService, asOwner } = world();
  const name = databaseName(service);
  await sql(server.url, `create role ${name} login password 'a'`);
  await sql(server.url, `create database ${name} owner ${name}`);
  await sql(asService, 'create table t (id bigserial, n int)');
  await ensure();
  await sql(asService, 'insert into t (n) values (1)');
  await expect(sql(asService, 'alter table t add column m int')).rejects.toThrow('must be owner');
  await sql(asOwner, 'alter table t add column m int');
  expect(await sql(asService, 'select n, m from t')).toEqual([{ n: 1, m: null }]);
});
