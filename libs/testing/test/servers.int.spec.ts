import { connect } from '@nats-io/transport-node';
import { Client } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { eventually, testDatabase, testNats } from '../src/index.js';

class CreateThing1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table thing (id int primary key)');
  }
  async down(): Promise<void> {}
}

async function query<T>(url: string, sql: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end();
  }
}

const templates = (url: string) => query(url, `select datname from pg_database where datname like 'template\\_%'`);

describe('testDatabase', () => {
  it('gives migrated databases that do not see each other', async () => {
    const [one, two] = await Promise.all([testDatabase([CreateThing1700000000000]), testDatabase([CreateThing1700000000000])]);
    await query(one.url, 'insert into thing values (1)');
    expect(await query(one.url, 'select id from thing')).toEqual([{ id: 1 }]);
    expect(await query(two.url, 'select id from thing')).toEqual([]);
    await one.drop();
    await expect(query(one.url, 'select 1')).rejects.toThrow(/does not exist/);
  });

  it('migrates once for the same migrations or function', async () => {
    let calls = 0;
    const migrate = async (url: string) => {
      calls += 1;
      await query(url, 'create table made_by_function ()');
    };
    const first = await testDatabase(migrate);
    const before = await templates(first.url);
    const second = await testDatabase(migrate);
    await testDatabase([CreateThing1700000000000]);
    expect(calls).toBe(1);
    expect(await query(second.url, 'select from made_by_function')).toEqual([]);
    expect(await templates(second.url)).toEqual(before);
  });

  it('drops a database that still has a connection', async () => {
    const database = await testDatabase();
    const client = new Client({ connectionString: database.url });
    const errors: string[] = [];
    client.on('error', (error) => errors.push(error.message));
    await client.connect();
    await database.drop();
    await eventually(() => expect(errors.join()).toMatch(/terminat/i));
  });

  it('does not keep a template whose migration failed', async () => {
    await expect(testDatabase((url) => query(url, 'create tabel'))).rejects.toThrow(/syntax error/);
    const database = await testDatabase([CreateThing1700000000000]);
    expect(await query(database.url, 'select id from thing')).toEqual([]);
  });
});

describe('testNats', () => {
  it('is one server per worker', async () => {
    const [one, two] = await Promise.all([testNats(), testNats()]);
    expect(one.pid).toBe(two.pid);
    const connection = await connect({ servers: one.url });
    const subscription = connection.subscribe('hello', { max: 1 });
    connection.publish('hello', 'there');
    const heard: string[] = [];
    for await (const message of subscription) heard.push(message.string());
    expect(heard).toEqual(['there']);
    await connection.close();
  });
});
