import { isFault } from '@tieout/model';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  Database,
  isUniqueViolation,
  Leases,
  Listener,
  migrate,
  notify,
  pendingMigrations,
  revertLast,
  SqlError,
} from '../src/index.js';
import { eventually } from '@tieout/testing';
import { freshDatabase } from './setup.js';

describe('Database', () => {
  it('answers plain rows for every kind of statement, typed as the model has them', async () => {
    const { db } = await freshDatabase();
    await db.query('create table t (id bigint, day date, at timestamptz, hours numeric)');
    const [inserted] = await db.query(`insert into t values ($1, $2, $3, $4) returning *`, [
      7,
      '2026-11-23',
      '2026-11-23T10:00:00+01:00',
      '7.50',
    ]);
    expect(inserted).toEqual({ id: 7, day: '2026-11-23', at: '2026-11-23T09:00:00.000Z', hours: '7.50' });
    expect(await db.query('update t set id = 8 returning id')).toEqual([{ id: 8 }]);
    expect(await db.query('delete from t returning id')).toEqual([{ id: 8 }]);
    expect(await db.query('delete from t')).toEqual([]);
  });

  it('rolls back what fails, and says which constraint it was', async () => {
    const { db } = await freshDatabase();
    await db.query('create table t (id int constraint t__id__uq unique)');
    const error = await db
      .transaction(async (tx) => {
        await tx.query('insert into t values (1)');
        await tx.query('insert into t values (1)');
      })
      .catch((thrown: unknown) => thrown);
    expect(isUniqueViolation(error, 't__id__uq')).toBe(true);
    expect(await db.query('select * from t')).toEqual([]);
  });

  it('runs a transaction again after a deadlock, so that both take effect once', async () => {
    const { db } = await freshDatabase();
    await db.query('create table t (id int primary key, n int)');
    await db.query('insert into t values (1, 0), (2, 0)');
    let both!: () => void;
    const bothHoldOne = new Promise<void>((resolve) => (both = resolve));
    let holding = 0;
    const add = (first: number, second: number) =>
      db.transaction(async (tx) => {
        await tx.query('update t set n = n + 1 where id = $1', [first]);
        if (++holding === 2) both();
        await bothHoldOne;
        await tx.query('update t set n = n + 1 where id = $1', [second]);
      });
    await Promise.all([add(1, 2), add(2, 1)]);
    expect(await db.query('select n from t order by id')).toEqual([{ n: 2 }, { n: 2 }]);
    expect(holding).toBe(3);
  });

  it('maps what the world does to faults: cancelled, connection cut, server away, wrong password', async () => {
    const { db, url } = await freshDatabase();
    const faultOf = async (work: Promise<unknown>) =>
      work.then(
        () => 'no fault',
        (error: unknown) => (isFault(error) ? error.kind : error),
      );
    const impatient = new Database({ url, statementTimeoutMs: 50 });
    expect(await faultOf(impatient.query('select pg_sleep(5)'))).toBe('Unavailable');
    await impatient.close();
    expect(await faultOf(db.transaction((tx) => tx.query('select pg_terminate_backend(pg_backend_pid())')))).toBe('Unavailable');
    await db.ping();
    const away = new Database({ url: 'postgres://nobody:x@127.0.0.1:1/none' });
    expect(await faultOf(away.ping())).toBe('Unavailable');
    const wrong = new URL(url);
    wrong.password = 'wrong';
    const stranger = new Database({ url: wrong.href });
    expect(await faultOf(stranger.ping())).toBe('CredentialsRejected');
    expect(await faultOf(db.query('select from nowhere'))).toBeInstanceOf(SqlError);
  });
});

describe('migrations', () => {
  it('two commands at once apply each migration once, down takes them back, and readiness sees it', async () => {
    const { db, url } = await freshDatabase();
    expect(await pendingMigrations(db)).toEqual([]);
    for (let name = await revertLast({ url }); name; name = await revertLast({ url }));
    expect(await db.query(`select tablename from pg_tables where schemaname = 'public'`)).toEqual([
      { tablename: 'schema_migration' },
    ]);
    const missing = await pendingMigrations(db);
    const applied = await Promise.all([migrate({ url }), migrate({ url })]);
    expect(applied.flat()).toEqual(missing);
    expect(await pendingMigrations(db)).toEqual([]);
  });
});

describe('Leases', () => {
  it('have one holder; the fence rises with every new one, also after a release', async () => {
    const { db } = await freshDatabase();
    const leases = new Leases(db);
    expect(await leases.tryAcquire('poll', 'a', 60_000)).toEqual({ fence: 1 });
    expect(await leases.tryAcquire('poll', 'b', 60_000)).toBeUndefined();
    expect([await leases.renew('poll', 'a', 60_000), await leases.renew('poll', 'b', 60_000)]).toEqual([true, false]);
    await leases.release('poll', 'b');
    expect(await leases.tryAcquire('poll', 'b', 60_000)).toBeUndefined();
    await leases.release('poll', 'a');
    expect(await leases.tryAcquire('poll', 'b', 60_000)).toEqual({ fence: 2 });
  });

  it('expire on the database clock, and cannot be renewed then', async () => {
    const { db } = await freshDatabase();
    const leases = new Leases(db);
    await leases.tryAcquire('poll', 'a', 1);
    expect(await eventually(() => leases.tryAcquire('poll', 'b', 60_000).then((lease) => lease ?? false))).toEqual({ fence: 2 });
    expect(await leases.renew('poll', 'a', 60_000)).toBe(false);
  });

  it('two who ask at once: one gets it', async () => {
    const { db } = await freshDatabase();
    const asked = await Promise.all(['a', 'b', 'c', 'd'].map((owner) => new Leases(db).tryAcquire('poll', owner, 60_000)));
    expect(asked.filter(Boolean)).toEqual([{ fence: 1 }]);
  });
});

describe('Listener', () => {
  it('calls when the transaction commits, and again after its connection was cut', async () => {
    const { db, url } = await freshDatabase();
    const listener = new Listener(url);
    let calls = 0;
    listener.on('something', () => (calls += 1));
    // It calls once when it begins to listen: whatever was notified before is unknown to it.
    await eventually(() => expect(calls).toBe(1));
    await db.transaction((tx) => notify(tx, 'something'));
    await eventually(() => expect(calls).toBe(2));
    await db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tieout-listen' and datname = current_database()`,
    );
    await eventually(() => expect(calls).toBe(3));
    await db.transaction((tx) => notify(tx, 'something'));
    await eventually(() => expect(calls).toBe(4));
    await listener.close();
  });

  it('takes many channels at once, one query at a time', async () => {
    const { db, url } = await freshDatabase();
    const warnings: string[] = [];
    const warned = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', warned);
    onTestFinished(() => void process.off('warning', warned));
    const listener = new Listener(url);
    const called = new Set<string>();
    const on = (channel: string): void => listener.on(channel, () => called.add(channel));
    on('first');
    await eventually(() => expect(called).toContain('first'));
    const others = ['second', 'third', 'fourth'];
    for (const channel of others) on(channel);
    await eventually(() => expect(called.size).toBe(4));
    called.clear();
    for (const channel of others) await notify(db, channel);
    await eventually(() => expect([...called]).toEqual(others));
    await listener.close();
    expect(warnings).toEqual([]);
  });
});
