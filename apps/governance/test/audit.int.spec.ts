import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { verifyExport, type Checkpoint, type VerifyReport } from '@tieout/audit';
import { appendAudit, migrate, type NewAuditRow } from '@tieout/persistence';
import { startService, type RunningService } from '@tieout/service-kit';
import { eventually, testDatabase, testIssuer, testNats, type TestIssuer } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GOVERNANCE_MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { appModule } from '../src/app.module.js';
import { CollectAuditHeads } from '../src/use-cases/collect-audit-heads.js';

class EmptyModule {}
Module({})(EmptyModule);

const folder = mkdtempSync(join(tmpdir(), 'tieout-audit-'));
const keys = generateKeyPairSync('ed25519');
const CHAIN = 'erp-posting/DE01';
const FILE = join(folder, 'checkpoints', 'checkpoints.ndjson');
const migrated = (url: string) => migrate({ url });
const governed = (url: string) => migrate({ url, migrations: GOVERNANCE_MIGRATIONS });

let issuer: TestIssuer;
let governance: RunningService;
let feed: RunningService;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  issuer = await testIssuer();
  closing.push(() => issuer.stop());
  const nats = await testNats();
  writeFileSync(join(folder, 'key.pem'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(folder, 'keys.pem'), keys.publicKey.export({ type: 'spki', format: 'pem' }));
  const start = async (name: string, context: 'posting' | 'governance') => {
    const own = context === 'governance';
    const { url, drop } = await testDatabase(own ? governed : migrated);
    const definition = own
      ? { name, context, migrations: GOVERNANCE_MIGRATIONS, module: appModule }
      : { name, context, migrations: [], module: () => EmptyModule };
    const service = await startService(definition, {
      DATABASE_URL: url,
      NATS_URL: nats.url,
      HTTP_PORT: '0',
      OIDC_ISSUER: issuer.issuer,
      POLICY_DIR: join(import.meta.dirname, '../../../deploy/governance/demo'),
      GOVERNANCE_PUBLIC_KEYS: join(folder, 'keys.pem'),
      SIGNING_KEY_FILE: join(folder, 'key.pem'),
      CHECKPOINT_DIR: join(folder, 'checkpoints'),
      LOG_LEVEL: 'silent',
    });
    closing.unshift(
      () => service.stop(),
      () => drop(),
    );
    return service;
  };
  feed = await start('erp-posting', 'posting');
  governance = await start('governance', 'governance');
}, 60_000);

afterAll(async () => {
  for (const close of closing) await close();
  rmSync(folder, { recursive: true, force: true });
});

const call = async (role: string, path: string, body?: object): Promise<Response> => {
  const headers: Record<string, string> = {
    authorization: `Bearer ${await issuer.token({ subject: `a-${role}`, roles: [role] })}`,
  };
  if (body === undefined) return fetch(`${governance.url}${path}`, { headers });
  headers['content-type'] = 'application/json';
  return fetch(`${governance.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
};
const read = async <T>(path: string): Promise<T> => (await (await call('auditor', path)).json()) as T;

const row = (n: number, more: Partial<NewAuditRow> = {}): NewAuditRow => ({
  actor: 'service:erp-posting',
  action: 'posting.planned',
  subjectKind: 'posting',
  subjectId: `p-${n}`,
  legalEntityId: 'DE01',
  after: { n },
  ...more,
});
const append = (...rows: NewAuditRow[]) =>
  feed.runtime.database.transaction((tx) => appendAudit(tx, rows, feed.runtime.clock.now()));

interface Chain {
  readonly chain: string;
  readonly seq: number;
  readonly broken: { readonly why: string } | null;
}
const chain = async (): Promise<Chain | undefined> =>
  (await read<{ items: Chain[] }>('/audit/chains')).items.find((one) => one.chain === CHAIN);
const collect = () => governance.app.get(CollectAuditHeads).run();
/** Until the chainer has linked it and a checkpoint has signed it. */
const untilSigned = (seq: number) =>
  eventually(async () => {
    await collect();
    expect(await chain()).toMatchObject({ chain: CHAIN, seq, broken: null });
  }, 20_000);

const exported = async (query = ''): Promise<string[]> => {
  const answer = await call('auditor', `/audit/export${query}`);
  expect(answer.status).toBe(200);
  return (await answer.text()).trimEnd().split('\n');
};
const verified = async (query = ''): Promise<VerifyReport> => verifyExport(await exported(query), [keys.publicKey]);
const inFile = (): Checkpoint[] =>
  readFileSync(FILE, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Checkpoint);
/** Row numbers beyond the signed ones: what a restored backup forgot. */
const forget = (sql: string) =>
  feed.runtime.database.transaction(async (tx) => {
    await tx.query(`set local session_replication_role = replica`);
    await tx.query(sql);
  });
const conditions = async (type: string) =>
  governance.runtime.database.query<{ body: { itemKey: string; detail: string } }>(
    `select body from outbox where type = $1 and body ->> 'itemKey' = $2 order by id`,
    [`control.condition.${type}.v1`, `audit-chain:${CHAIN}`],
  );

describe('checkpoints', () => {
  it('name where every chain stands, follow from each other, and stand in the file as in the database', async () => {
    await append(row(1), row(2), row(3));
    await untilSigned(3);
    await append(row(4));
    await untilSigned(4);
    const { items } = await read<{ items: Checkpoint[] }>('/audit/checkpoints?limit=1000');
    expect(inFile()).toEqual(items);
    expect(items.at(-1)!.heads.find((head) => head.chain === CHAIN)?.seq).toBe(4);
    expect(items.map(({ no }) => no)).toEqual(items.map((_, n) => n + 1));
  });

  it('are not made when nothing moved', async () => {
    await eventually(async () => expect(await collect()).toBeUndefined());
  });

  it('that only the file has, after a crash, are taken from it; half a line is not', async () => {
    const last = inFile().at(-1)!;
    await governance.runtime.database.query('delete from audit_checkpoint where no = $1', [last.no]);
    appendFileSync(FILE, '{"at":"2026-');
    await append(row(5));
    await untilSigned(5);
    const { items } = await read<{ items: Checkpoint[] }>('/audit/checkpoints?limit=1000');
    expect(inFile()).toEqual(items);
    expect(items[last.no - 1]).toEqual(last);
  });

  it('that only the database has, because the file was moved, are put back into it, and that is on record', async () => {
    const before = inFile();
    writeFileSync(FILE, `${readFileSync(FILE, 'utf8').split('\n').slice(0, 1).join('\n')}\n`);
    await collect();
    expect(inFile().slice(0, before.length)).toEqual(before);
    const [record] = await governance.runtime.database.query(
      `select before, after from audit_record where action = 'audit.checkpoint-file-completed'`,
    );
    expect(record).toEqual({ before: { no: 1 }, after: { no: before.length } });
  });
});

describe('an export', () => {
  it('verifies with the public key, also of one chain, of a service and of a part of the time', async () => {
    const whole = await verified();
    expect(whole).toMatchObject({ ok: true, errors: [] });
    expect(await verified(`?chain=${CHAIN}`)).toMatchObject({ ok: true, records: 5, chains: 1 });
    expect((await verified('?chain=erp-posting')).records).toBeGreaterThanOrEqual(5);
    const { at } = inFile()[0]!;
    const later = await verified(`?chain=${CHAIN}&from=${at}`);
    expect(later).toMatchObject({ ok: true });
    expect(later.records).toBeLessThan(5);
    expect(await verified(`?chain=${CHAIN}&to=${at}`)).toMatchObject({ ok: true });
  });

  it('that is changed on its way does not', async () => {
    const lines = await exported(`?chain=${CHAIN}`);
    expect(
      (
        await verifyExport(
          lines.map((line) => line.replace('"p-2"', '"p-9"')),
          [keys.publicKey],
        )
      ).ok,
    ).toBe(false);
  });

  it('of a chain that is not there is refused, and is for auditors only', async () => {
    expect((await call('auditor', '/audit/export?chain=nobody')).status).toBe(404);
    for (const role of ['operator', 'finance', 'platform', 'service'])
      expect((await call(role, '/audit/export')).status).toBe(403);
  });
});

describe('erasing', () => {
  const body = { subjectKind: 'worker', subjectId: 'w-1', why: 'the worker asked for it' };

  it('takes personal values from every service that is there; the chain verifies before and after', async () => {
    await append(row(6, { subjectKind: 'worker', subjectId: 'w-1', after: { userName: 'ana.hard.to.miss' } }));
    await untilSigned(6);
    expect((await exported(`?chain=${CHAIN}`)).join()).toContain('ana.hard.to.miss');
    const answer = await call('platform', '/audit/erase', body);
    // Only two of the services run here.
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      code: 'not-erased-everywhere',
      detail: expect.stringMatching(/^1 values .*: master, time/),
    });
    const lines = await exported(`?chain=${CHAIN}`);
    expect(lines.join()).not.toContain('ana.hard.to.miss');
    expect(await verifyExport(lines, [keys.publicKey])).toMatchObject({ ok: true, records: 6 });
    const [record] = await feed.runtime.database.query(
      `select actor, subject_id, after from audit_record where action = 'audit.personal-erased'`,
    );
    expect(record).toEqual({ actor: 'user:a-platform', subject_id: 'w-1', after: { values: 1 } });
  });

  it('is for platform only', async () => {
    for (const role of ['operator', 'finance', 'auditor', 'service'])
      expect((await call(role, '/audit/erase', body)).status).toBe(403);
  });
});

describe('a database that goes back behind what was signed', () => {
  const broken = (why: RegExp) =>
    eventually(async () => {
      await collect();
      expect((await chain())?.broken?.why).toMatch(why);
    }, 20_000);
  const why = 'the database was restored from the backup of Sunday';

  it('is not signed any more and becomes a case, once; unchanged chains are signed on', async () => {
    await append(row(7), row(8));
    await untilSigned(8);
    const of = `chain_id = (select chain_id from audit_head where chain = '${CHAIN}')`;
    const [lost] = await feed.runtime.database.query<{ previous: string }>(
      `select encode(previous, 'hex') as previous from audit_link where first_seq = 7 and ${of}`,
    );
    await forget(`delete from audit_link where first_seq > 6 and ${of}`);
    await forget(`delete from audit_record where subject_id in ('p-7', 'p-8')`);
    await forget(`update audit_head set seq = 6, hash = decode('${lost!.previous}', 'hex') where ${of}`);
    await broken(/it ends at record 6, and record 8 was signed/);
    await append(row(9), row(10), row(11));
    await broken(/does not lead to record 9|another one|ends at record/);
    expect((await conditions('raised')).map(({ body }) => body.detail)).toEqual([
      expect.stringContaining('Signed last: record 8'),
    ]);
    expect((await chain())?.seq).toBe(8);
    expect((await verified(`?chain=${CHAIN}`)).ok).toBe(false);
  });

  it('goes on when an auditor, a person, has acknowledged it; the export says so and verifies', async () => {
    const program = await issuer.token({ subject: 'bot', roles: ['auditor'], claims: { client_id: 'bot' } });
    const acknowledge = (token: string) =>
      fetch(`${governance.url}/audit/chains/acknowledge`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ chain: CHAIN, why }),
      });
    for (const role of ['operator', 'finance', 'platform'])
      expect((await call(role, '/audit/chains/acknowledge', { chain: CHAIN, why })).status).toBe(403);
    expect((await acknowledge(program)).status).toBe(403);
    expect((await call('auditor', '/audit/chains/acknowledge', { chain: 'x/y', why })).status).toBe(404);
    expect((await call('auditor', '/audit/chains/acknowledge', { chain: CHAIN, why })).status).toBe(200);
    await append(row(12));
    await untilSigned(10);
    expect(await conditions('cleared')).toHaveLength(1);
    const report = await verified(`?chain=${CHAIN}`);
    expect(report).toMatchObject({ ok: true, records: 10, errors: [] });
    expect(report.notes).toEqual([
      expect.stringMatching(/record 8 was signed, then the chain went back .* user:a-auditor acknowledged/),
    ]);
    expect((await verified()).ok).toBe(true);
    const from = inFile().at(0)!.at;
    expect(await verified(`?chain=${CHAIN}&from=${from}`)).toMatchObject({ ok: true });
    expect((await call('auditor', '/audit/chains/acknowledge', { chain: CHAIN, why })).status).toBe(409);
  });

  it('a record that somebody changed in the database shows in the export', async () => {
    await forget(`update audit_record set after = '{"n": 1000}' where subject_id = 'p-3'`);
    expect((await verified(`?chain=${CHAIN}`)).errors.join()).toContain(`${CHAIN}: record 3 is not what was chained`);
  });
});
