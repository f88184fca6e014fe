import { brokenLink, genesis, headAfter, sha256, type AuditBody, type ChainedRecord, type Head } from '@tieout/audit';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  appendAudit,
  auditBodyHashes,
  auditHeads,
  auditPage,
  auditWaiting,
  Database,
  erasePersonal,
  linkWaiting,
  migrate,
  SqlError,
  type NewAuditRow,
  type Tx,
} from '../src/index.js';
import { freshDatabase } from './setup.js';

const NOW = '2026-11-23T09:00:00.000Z';

const row = (n: number, legalEntityId = 'DE01'): NewAuditRow => ({
  actor: 'service:erp-posting',
  action: 'posting.planned',
  subjectKind: 'posting',
  subjectId: `p-${n}`,
  legalEntityId,
  before: n % 2 === 0 ? { state: 'x', amounts: [1, 0.1, -2.5e-7, 1e21], text: 'ü "quoted" \\ \n' } : undefined,
  after: { n, nested: { z: null, a: [] } },
  policyDigest: 'sha256:1',
  traceparent: '00-1-2-01',
});
const rows = (from: number, count: number, entity?: string) => Array.from({ length: count }, (_, n) => row(from + n, entity));

const append = (db: Database, ...some: NewAuditRow[]) => db.transaction((tx) => appendAudit(tx, some, NOW));

/** Links until nothing waits. @returns how many */
const link = async (db: Tx, limit = 1_000): Promise<number> => {
  let sum = 0;
  for (;;) {
    const { linked, more } = await linkWaiting(db, 'erp-posting', limit);
    sum += linked;
    if (!more) return sum;
  }
};

const recordsOf = async (db: Tx, chain: string): Promise<readonly ChainedRecord[]> =>
  (await auditPage(db, { chain, afterSeq: 0, limit: 10_000, bytes: 1e9 })).records;

const bodyOf = ({ text }: ChainedRecord): AuditBody => JSON.parse(text) as AuditBody;
const ids = async (db: Tx, chain: string): Promise<string[]> =>
  (await recordsOf(db, chain)).map((record) => bodyOf(record).subjectId);

const broken = (chain: string, records: readonly ChainedRecord[]): string[] => {
  let head: Head = genesis(chain);
  return records.flatMap((record) => {
    const what = brokenLink(head, { ...record, bodyHash: sha256(record.text) });
    head = record;
    return what ?? [];
  });
};

/** A session of its own, for transactions that stay open. */
const session = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
};
const asTx = (client: pg.Client): Tx => ({ query: async (sql, params) => (await client.query(sql, params as unknown[])).rows });

describe('the chain', () => {
  it('links what is committed, per legal entity, as libs/audit verifies it', async () => {
    const { db } = await freshDatabase();
    await append(db, ...rows(1, 3), ...rows(1, 2, 'US01'));
    await append(db, ...rows(4, 2));
    expect(await auditWaiting(db)).toBe(7);
    expect(await linkWaiting(db, 'erp-posting', 100)).toEqual({ linked: 7, oldest: NOW, more: false });
    expect(await linkWaiting(db, 'erp-posting', 100)).toEqual({ linked: 0, oldest: null, more: false });
    expect(await auditWaiting(db)).toBe(0);
    const records = await recordsOf(db, 'erp-posting/DE01');
    expect(records.map((record) => [record.seq, bodyOf(record).subjectId])).toEqual([1, 2, 3, 4, 5].map((n) => [n, `p-${n}`]));
    expect(bodyOf(records[1]!)).toEqual({ ...row(2), at: NOW });
    expect(broken('erp-posting/DE01', records)).toEqual([]);
    expect((await auditHeads(db)).map(({ chain, seq }) => [chain, seq])).toEqual([
      ['erp-posting/DE01', 5],
      ['erp-posting/US01', 2],
    ]);
  });

  it('goes on in small batches, and hashes of bodies are enough to follow it', async () => {
    const { db } = await freshDatabase();
    await append(db, ...rows(1, 5), ...rows(1, 5, 'US01'), ...rows(6, 5));
    expect(await link(db, 4)).toBe(15);
    expect(await ids(db, 'erp-posting/DE01')).toEqual(rows(1, 10).map(({ subjectId }) => subjectId));
    const [head] = await auditHeads(db, 'erp-posting/DE01');
    const hashes = await auditBodyHashes(db, 'erp-posting/DE01', 0, 100);
    expect(hashes.reduce(headAfter, genesis('erp-posting/DE01'))).toEqual(head);
    const { hash } = (await recordsOf(db, 'erp-posting/DE01'))[5]!;
    const after = { chain: 'erp-posting/DE01', seq: 6, hash };
    expect((await auditBodyHashes(db, after.chain, 6, 100)).reduce<Head>(headAfter, after)).toEqual(head);
  });

  it('is the same wherever a page of it begins', async () => {
    const { db } = await freshDatabase();
    for (let n = 0; n < 4; n++) {
      await append(db, ...rows(n * 5, 5), ...rows(n, 2, 'US01'));
      await linkWaiting(db, 'erp-posting', 1_000);
    }
    const chain = 'erp-posting/DE01';
    const all = await recordsOf(db, chain);
    expect(all).toHaveLength(20);
    for (let after = 0; after <= 20; after++) {
      const page = await auditPage(db, { chain, afterSeq: after, limit: 7, bytes: 1e9 });
      expect(page.records).toEqual(all.slice(after, after + 7));
    }
  });

  it('keeps texts as they were written, whatever stands in them', async () => {
    const { db } = await freshDatabase();
    const odd = { '10': 1, '9': 2, b: '\u001e\u001f\u001d', a: [null, 1e21, 5e-324, -0], é: '\ud83d\ude00' };
    await append(db, { ...row(1), before: odd, after: '', reason: 'a\u001eb\u001fc', subjectId: '', policyDigest: undefined });
    await link(db);
    const [record] = await recordsOf(db, 'erp-posting/DE01');
    expect(broken('erp-posting/DE01', [record!])).toEqual([]);
    expect(bodyOf(record!)).toMatchObject({ before: JSON.parse(JSON.stringify(odd)), after: '', reason: 'a b c', subjectId: '' });
  });

  it('skips nothing that commits late, and does not wait for it', async () => {
    const { db, url } = await freshDatabase();
    const late = await session(url);
    await late.query('begin');
    await appendAudit(asTx(late), rows(1, 2), NOW);
    await append(db, ...rows(3, 2));
    expect(await link(db)).toBe(2);
    await append(db, ...rows(5, 1));
    expect(await link(db)).toBe(1);
    await late.query('commit');
    expect(await link(db)).toBe(2);
    expect(await ids(db, 'erp-posting/DE01')).toEqual(['p-3', 'p-4', 'p-5', 'p-1', 'p-2']);
    expect(await link(db)).toBe(0);
  });

  it('keeps the order in which things happened: who waited for another comes after him', async () => {
    const { db, url } = await freshDatabase();
    const [first, second] = [await session(url), await session(url)];
    // The second has the lower transaction id, and changes the same thing later.
    await second.query('begin');
    await second.query('select pg_current_xact_id()');
    await first.query('begin');
    await appendAudit(asTx(first), [row(1)], NOW);
    await first.query('commit');
    await appendAudit(asTx(second), [row(2)], NOW);
    await second.query('commit');
    await link(db);
    expect(await ids(db, 'erp-posting/DE01')).toEqual(['p-1', 'p-2']);
  });

  it('has no record twice and none missing when many write and several link at the same time', async () => {
    const { db, url } = await freshDatabase({ poolSize: 8 });
    const other = new Database({ url, poolSize: 2 });
    onTestFinished(() => other.close());
    let writing = true;
    const writers = Promise.all(
      [0, 1, 2, 3].map(async (who) => {
        for (let n = 0; n < 50; n++) {
          const tx = db.transaction(async (open) => {
            await appendAudit(open, rows(who * 1_000 + n * 10, 5, n % 3 === 0 ? 'US01' : 'DE01'), NOW);
            if (n % 10 === 9) throw new Error('rolled back');
          });
          await tx.catch(() => undefined);
        }
      }),
    ).then(() => (writing = false));
    const linkers = [db, other].map(async (one) => {
      while (writing) await linkWaiting(one, 'erp-posting', 20);
    });
    await Promise.all([writers, ...linkers]);
    await link(db, 20);
    const chains = await Promise.all(
      ['erp-posting/DE01', 'erp-posting/US01'].map(async (chain) => [chain, await recordsOf(db, chain)] as const),
    );
    for (const [chain, records] of chains) expect(broken(chain, records)).toEqual([]);
    expect(chains.flatMap(([, records]) => records)).toHaveLength(4 * 45 * 5);
    expect(await auditWaiting(db)).toBe(0);
  });

  it('goes on in a server that counts transactions anew', async () => {
    const { db } = await freshDatabase();
    await append(db, ...rows(1, 3));
    await link(db);
    await append(db, row(4));
    // What a dump brings along into a new server.
    await db.query(`update audit_chainer set done = '4000000000000:4000000000000:'`);
    expect(await link(db, 2)).toBe(1);
    await append(db, ...rows(5, 3));
    expect(await link(db, 2)).toBe(3);
    expect(broken('erp-posting/DE01', await recordsOf(db, 'erp-posting/DE01'))).toEqual([]);
    expect(await ids(db, 'erp-posting/DE01')).toEqual(rows(1, 7).map(({ subjectId }) => subjectId));
  });
});

describe('personal values', () => {
  it('stand apart, are erased by subject or by who typed them, and the chain verifies before and after', async () => {
    const { db } = await freshDatabase();
    const worker: NewAuditRow = { ...row(1), subjectKind: 'worker', subjectId: 'w-1', after: { userName: 'ana' } };
    const typed: NewAuditRow = { ...row(2), actor: 'user:u1', reason: 'Ana asked' };
    await append(db, worker, { ...worker, subjectId: 'w-2', after: { userName: 'ben' } }, typed);
    await link(db);
    const stored = JSON.stringify(await db.query('select * from audit_record'));
    expect(stored).not.toMatch(/ana|Ana|ben/);
    const page = async () => auditPage(db, { chain: 'erp-posting/DE01', afterSeq: 0, limit: 10, bytes: 1e6 });
    const before = await page();
    expect(before.personal.map(({ value }) => value).sort()).toEqual(['Ana asked', 'ana', 'ben']);
    expect(await erasePersonal(db, { kind: 'worker', id: 'w-1' })).toBe(1);
    expect(await erasePersonal(db, { kind: 'user', id: 'u1' })).toBe(1);
    expect(await erasePersonal(db, { kind: 'user', id: 'u1' })).toBe(0);
    const after = await page();
    expect(after.personal.map(({ value }) => value)).toEqual(['ben']);
    expect(after.records).toEqual(before.records);
    expect(broken('erp-posting/DE01', after.records)).toEqual([]);
  });

  it('a page ends before it grows too long, and has one record at least', async () => {
    const { db } = await freshDatabase();
    await append(db, ...rows(1, 10));
    await link(db);
    const page = (afterSeq: number, bytes: number) => auditPage(db, { chain: 'erp-posting/DE01', afterSeq, limit: 10, bytes });
    expect((await page(0, 1)).records.map(({ seq }) => seq)).toEqual([1]);
    const some = (await page(3, 700)).records.map(({ seq }) => seq);
    expect(some[0]).toBe(4);
    expect(some.length).toBeGreaterThan(1);
    expect(some.length).toBeLessThan(7);
  });
});

describe('the tables', () => {
  const refusal = async (db: Tx, statement: string): Promise<string> => {
    const error = await db.query(statement).catch((thrown: unknown) => thrown);
    expect(error, statement).toBeInstanceOf(SqlError);
    return (error as Error).message;
  };
  const CHANGES = ['update audit_%s set %c', 'delete from audit_%s', 'truncate audit_%s'];
  const changesOf = (table: string, change: string) => CHANGES.map((text) => text.replace('%s', table).replace('%c', change));

  it('take no change, not even by a superuser', async () => {
    const { db } = await freshDatabase();
    await append(db, row(1));
    await link(db);
    for (const statement of [...changesOf('record', `actor = 'user:1'`), ...changesOf('link', 'last_seq = 7')])
      expect(await refusal(db, statement)).toContain('append-only');
  });

  it('let a service write and read records, have them linked, erase personal values, and nothing else', async () => {
    const { db, url } = await freshDatabase();
    const name = new URL(url).pathname.slice(1);
    const [owner, service] = [`${name}_owner`, `${name}_service`];
    for (const role of [owner, service]) await db.query(`create role ${role} login password 'x'`);
    onTestFinished(async () => {
      const admin = new Database({ url });
      for (const role of [service, owner]) await admin.query(`drop owned by ${role}`);
      for (const role of [service, owner]) await admin.query(`drop role ${role}`);
      await admin.close();
    });
    // As the local runner does it: the owner migrates, the service gets what tables usually give.
    await db.query('drop schema public cascade');
    await db.query(`create schema public authorization ${owner}`);
    await db.query(`grant usage on schema public to ${service}`);
    for (const what of ['select, insert, update, delete, truncate on tables', 'usage, select on sequences'])
      await db.query(`alter default privileges for role ${owner} in schema public grant ${what} to ${service}`);
    const as = (role: string) => Object.assign(new URL(url), { username: role, password: 'x' }).href;
    await migrate({ url: as(owner) });
    const mine = new Database({ url: as(service) });
    onTestFinished(() => mine.close());
    await append(mine, row(1), { ...row(2), actor: 'user:u1', reason: 'said so' });
    expect(await link(mine)).toBe(2);
    expect(await erasePersonal(mine, { kind: 'user', id: 'u1' })).toBe(1);
    const denied = [
      ...changesOf('record', `actor = 'user:1'`),
      ...changesOf('link', 'last_seq = 7'),
      ...changesOf('head', 'seq = 7'),
      ...changesOf('chainer', 'after_id = 7'),
      `insert into audit_link values (1, 7, 7, '', '{1}')`,
      `insert into audit_head (chain, seq, hash) values ('x', 1, '')`,
      `select audit_put_links(null, 'x', '{7}')`,
      `select audit_link_records('x', '{1}')`,
    ];
    for (const statement of denied) expect(await refusal(mine, statement)).toMatch(/permission denied/);
    for (const statement of [
      'drop trigger audit_record__no_change on audit_record',
      'alter table audit_record disable trigger all',
    ])
      expect(await refusal(mine, statement)).toMatch(/must be owner/);
    // The owner, too, has no update and no delete by mistake.
    const owners = new Database({ url: as(owner) });
    onTestFinished(() => owners.close());
    for (const statement of [...changesOf('record', `actor = 'user:1'`), ...changesOf('link', 'last_seq = 7')])
      expect(await refusal(owners, statement)).toMatch(/permission denied/);
  });
});
