import { join } from 'node:path';
import { headAfter, genesis, type Head } from '@tieout/audit';
import {
  auditHeadsSubject,
  auditLinksSubject,
  auditPageSubject,
  erasePersonalSubject,
  type AuditHeadsAnswerV1,
  type AuditLinksAnswerV1,
  type AuditPageAnswerV1,
} from '@tieout/contracts';
import { appendAudit, migrate } from '@tieout/persistence';
import { eventually, testDatabase, testIssuer, testNats } from '@tieout/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startService, type RunningService } from '../src/index.js';
import { PROBE } from './probe-service.js';

const migrated = (url: string) => migrate({ url });
const CHAIN = 'probe/DE01';
let service: RunningService;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const [issuer, nats, database] = [await testIssuer(), await testNats(), await testDatabase(migrated)];
  service = await startService(PROBE, {
    DATABASE_URL: database.url,
    NATS_URL: nats.url,
    HTTP_PORT: '0',
    OIDC_ISSUER: issuer.issuer,
    POLICY_DIR: join(import.meta.dirname, '../../../deploy/governance/demo'),
    LOG_LEVEL: 'silent',
  });
  closing.push(
    () => service.stop(),
    () => issuer.stop(),
    () => database.drop(),
  );
});
afterAll(async () => {
  for (const close of closing) await close();
});

const ask = <A>(subject: string, body: object): Promise<A> => service.runtime.questions.ask<A>(subject, body);
const heads = () => ask<AuditHeadsAnswerV1>(auditHeadsSubject('exception'), {});
const page = (afterSeq: number) =>
  ask<AuditPageAnswerV1>(auditPageSubject('exception'), { chain: CHAIN, afterSeq, limit: 2_000 });

const append = (...texts: string[]) =>
  service.runtime.database.transaction((tx) =>
    appendAudit(
      tx,
      texts.map((text) => ({
        actor: 'user:u1',
        action: 'probe.said',
        subjectKind: 'probe',
        subjectId: 'p-1',
        legalEntityId: 'DE01',
        after: { text },
        reason: 'as told',
      })),
      service.runtime.clock.now(),
    ),
  );
const untilLinked = (seq: number) =>
  eventually(async () => expect((await heads()).heads).toContainEqual(expect.objectContaining({ chain: CHAIN, seq })), 10_000);

it('every service links what it wrote, says where its chains stand, and gives what another needs to follow them', async () => {
  await append('a', 'b', 'c');
  await untilLinked(3);
  const { bodyHashes } = await ask<AuditLinksAnswerV1>(auditLinksSubject('exception'), { chain: CHAIN, afterSeq: 0, limit: 10 });
  expect(await heads()).toEqual({ heads: [bodyHashes.reduce<Head>(headAfter, genesis(CHAIN))], waiting: 0 });
  const { records, personal } = await page(1);
  expect(records.map(({ seq, text }) => [seq, (JSON.parse(text) as { after: unknown }).after])).toEqual([
    [2, { text: 'b' }],
    [3, { text: 'c' }],
  ]);
  expect(personal.map(({ value }) => value)).toEqual(['as told', 'as told']);
});

it('pages fit into one message, however long the records are', async () => {
  const long = 'x'.repeat(200_000);
  await append(long, long, long, long, long);
  await untilLinked(8);
  const seqs: number[] = [];
  for (let after = 3; ; after = seqs.at(-1)!) {
    const { records } = await page(after);
    if (records.length === 0) break;
    seqs.push(...records.map(({ seq }) => seq));
  }
  expect(seqs).toEqual([4, 5, 6, 7, 8]);
});

it('erases personal values by command, which leaves a record of its own', async () => {
  const command = { actor: 'user:pia', subjectKind: 'user', subjectId: 'u1', reason: 'asked for it' };
  expect(await service.runtime.questions.command(erasePersonalSubject('exception'), command)).toEqual({ erased: 8 });
  expect((await page(0)).personal).toEqual([]);
  const [record] = await service.runtime.database.query(
    `select actor, after from audit_record where action = 'audit.personal-erased'`,
  );
  expect(record).toEqual({ actor: 'user:pia', after: { values: 8 } });
});
