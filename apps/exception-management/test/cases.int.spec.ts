import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { COMMANDS, EVENT_TYPES, eventSubject, FEED_COMMANDS, FEED_EVENTS, type Context, type EventType } from '@tieout/contracts';
import { entryIdOf, masterIdOf, type ReasonCode } from '@tieout/model';
import { migrate } from '@tieout/persistence';
import { startService, type RunningService } from '@tieout/service-kit';
import { eventually, testDatabase, testIssuer, testNats, type TestDatabase, type TestIssuer } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXCEPTION_MANAGEMENT_MIGRATIONS } from '../src/adapters/postgres/migrations/index.js';
import { appModule } from '../src/app.module.js';
import type { Signal } from '../src/domain/signals.js';
import { TakeSignals } from '../src/use-cases/take-signals.js';

const AT = '2026-11-23T09:00:00.000Z';
let database: TestDatabase;
let issuer: TestIssuer;
let service: RunningService;
const commands: { subject: string; data: unknown }[] = [];

beforeAll(async () => {
  const migrated = (url: string) => migrate({ url, migrations: EXCEPTION_MANAGEMENT_MIGRATIONS });
  const nats = await testNats();
  [database, issuer] = await Promise.all([testDatabase(migrated), testIssuer()]);
  service = await startService(
    {
      name: 'exception-management',
      context: 'exception',
      module: appModule,
      migrations: EXCEPTION_MANAGEMENT_MIGRATIONS,
    },
    {
      DATABASE_URL: database.url,
      NATS_URL: nats.url,
      OIDC_ISSUER: issuer.issuer,
      HTTP_PORT: '0',
      POLICY_DIR: join(import.meta.dirname, '../../../deploy/governance/demo'),
      LOG_LEVEL: 'silent',
    },
  );
  await eventually(async () => expect((await fetch(`${service.url}/health/ready`)).status).toBe(200), 30_000);
  // The services that can act on a retry.
  for (const subject of [COMMANDS.reassessEntries, COMMANDS.retryPostings, FEED_COMMANDS.payroll.retry])
    service.runtime.link.nc.subscribe(subject, {
      callback: (_error, message) => {
        commands.push({ subject, data: message.json<{ data: unknown }>().data });
        message.respond(JSON.stringify({ response: {}, isDisposed: true }));
      },
    });
});
afterAll(async () => {
  await service.stop();
  await Promise.all([issuer.stop(), database.drop()]);
});

const tell = async (type: EventType, body: object, producer: Context = 'time'): Promise<void> => {
  const [outcome] = await service.runtime.publisher.publish([
    {
      eventId: randomUUID(),
      emission: 1,
      type,
      subject: eventSubject(type, ('legalEntityId' in body ? body.legalEntityId : 'psa') as string),
      producer,
      time: AT,
      bucket: 1,
      body,
    },
  ]);
  expect(outcome).toMatchObject({ ok: true });
};
const decided = (n: number, decisionNo: number) => ({
  entryId: entryIdOf('psa', `t${n}`),
  decisionNo,
  versionNo: 1,
  connection: 'psa',
  sourceId: `t${n}`,
  legalEntityId: 'DE01',
  policyDigest: 'd',
  decidedAt: AT,
});
const held = (n: number, decisionNo: number, refusals: [ReasonCode, string][], more: object = {}) =>
  tell(EVENT_TYPES.entryHeld, {
    ...decided(n, decisionNo),
    workerCode: 'E1',
    projectCode: 'P1',
    workDate: `2026-11-0${n}`,
    hours: '8',
    refusals: refusals.map(([reason, subject]) => ({ reason, subject, detail: `${subject} is wrong` })),
    ...more,
  });
const withdrawn = (n: number, decisionNo: number) =>
  tell(EVENT_TYPES.entryWithdrawn, { ...decided(n, decisionNo), releaseNo: decisionNo, cause: 'unapproved' });

interface Shown {
  caseId: string;
  state: string;
  opening: number;
  [more: string]: unknown;
}
const call = async (path: string, roles?: string[], method = 'GET') =>
  fetch(`${service.url}${path}`, {
    method,
    headers: roles ? { authorization: `Bearer ${await issuer.token({ subject: 'olga', roles })}` } : {},
  });
const read = async <T>(path: string) => (await (await call(path, ['auditor'])).json()) as T;
const cases = async (groupKey: string): Promise<Shown[]> =>
  (await read<{ items: (Shown & { groupKey: string; openedAt: string })[] }>('/cases?limit=1000')).items
    .filter((found) => found.groupKey === groupKey)
    .sort((a, b) => a.opening - b.opening);
const become = (groupKey: string, ...expected: object[]) =>
  eventually(async () => expect(await cases(groupKey)).toMatchObject(expected));

describe('cases of held time', () => {
  it('are one per reason and subject, with amounts per currency', async () => {
    await held(
      1,
      1,
      [
        ['UNKNOWN_PROJECT', 'project:P1'],
        ['SELF_APPROVED', 'worker:E1'],
      ],
      { amount: '400.00', currency: 'EUR' },
    );
    await held(2, 1, [['UNKNOWN_PROJECT', 'project:P1']], { amount: '12000', currency: 'USD' });
    await become('project:P1', {
      state: 'open',
      opening: 1,
      severity: 'high',
      owner: 'project-operations',
      totals: { items: 2, hours: '16', amounts: { EUR: '400', USD: '12000' }, earliestWorkDate: '2026-11-01' },
    });
    const [found] = (await cases('project:P1')) as (Shown & { openedAt: string; dueAt: string })[];
    expect(Date.parse(found!.dueAt) - Date.parse(found!.openedAt)).toBe(24 * 3_600_000);
    await become('worker:E1', { state: 'open', severity: 'high', owner: 'finance-operations', totals: { items: 1 } });
  });

  it('shrink when one reason heals, resolve with the last item, and come back as another opening', async () => {
    await held(1, 2, [['SELF_APPROVED', 'worker:E1']]);
    await become('project:P1', { severity: 'high', totals: { items: 1, amounts: { USD: '12000' } } });
    await withdrawn(2, 2);
    await become('project:P1', { state: 'resolved', totals: { items: 0 } });
    await held(2, 3, [['UNKNOWN_PROJECT', 'project:P1']]);
    await become('project:P1', { state: 'resolved', opening: 1 }, { state: 'open', opening: 2, totals: { items: 1 } });
  });

  it('ignore an older decision that arrives after a newer one', async () => {
    await withdrawn(3, 7);
    const item = `entry:${entryIdOf('psa', 't3')}`;
    await eventually(async () =>
      expect(await service.runtime.database.query('select order_no from case_signal where item_key = $1', [item])).toEqual([
        { order_no: 7 },
      ]),
    );
    await held(3, 6, [['UNKNOWN_WORKER', 'worker:E7']]);
    // One type is read in order: when this one is there, the older one has been handled.
    await held(4, 1, [['UNKNOWN_WORKER', 'worker:E8']]);
    await become('worker:E8', { state: 'open', severity: 'normal' });
    await become('worker:E7');
  });
});

describe('cases of the rest', () => {
  const line = {
    postingKey: randomUUID(),
    entryId: entryIdOf('psa', 't1'),
    releaseNo: 1,
    destination: 'erp',
    legalEntityId: 'DE01',
  };
  it('a connection: opened, and closed in the very same millisecond', async () => {
    const fault = { connection: 'psa', raisedBy: 'time', reason: 'CREDENTIALS_REJECTED', message: 'GET /me: 401', since: AT };
    await tell(EVENT_TYPES.connectionFaulted, fault);
    await become('connection:psa', { state: 'open', severity: 'critical', detail: 'GET /me: 401' });
    await tell(EVENT_TYPES.connectionRecovered, { connection: 'psa', raisedBy: 'time', clearedAt: AT });
    await become('connection:psa', { state: 'resolved' });
    await tell(EVENT_TYPES.connectionFaulted, fault);
    await tell(EVENT_TYPES.connectionFaulted, { ...fault, connection: 'erp' });
    await become('connection:erp', { state: 'open' });
    await become('connection:psa', { state: 'resolved', opening: 1 });
  });

  it('a rejected line: opened with the team of its legal entity, and cleared', async () => {
    await tell(
      EVENT_TYPES.lineRejected,
      { ...line, message: 'no such worker', workDate: '2026-11-01', hours: '8', amount: '400', currency: 'EUR', rejectedAt: AT },
      'posting',
    );
    await become('destination:erp', { state: 'open', owner: 'finance-germany', totals: { items: 1, amounts: { EUR: '400' } } });
    const [found] = await cases('destination:erp');
    expect((await call(`/cases/${found!.caseId}/retry`, ['operator'], 'POST')).status).toBe(202);
    expect(commands).toEqual([{ subject: COMMANDS.retryPostings, data: { actor: 'user:olga', postingKeys: [line.postingKey] } }]);
    await tell(EVENT_TYPES.lineCleared, { ...line, clearedAt: '2026-11-23T09:00:01.000Z' }, 'posting');
    await become('destination:erp', { state: 'resolved' });
  });

  it('a pay line that missed its cut-off: as urgent as the next one, tried again at payroll, closed when it is paid', async () => {
    const now = Date.now();
    const inHours = (hours: number) => new Date(now + hours * 3_600_000).toISOString().slice(0, 16);
    for (const [kind, code, attributes] of [
      ['pay-group', 'DE-MONTHLY', { legalEntity: 'DE01', timeZone: 'UTC' }],
      ['pay-period', 'DE-MONTHLY/2', { payGroup: 'DE-MONTHLY', cutOff: inHours(3), state: 'open' }],
    ] as const)
      await tell(
        EVENT_TYPES.masterChanged,
        {
          kind,
          id: masterIdOf(kind, code),
          code,
          revision: 1,
          legalEntityId: kind === 'pay-group' ? 'DE01' : 'UNASSIGNED',
          timeline: [{ validFrom: '0001-01-01', attributes: { code, ...attributes } }],
          crossReferences: [],
          attributeSources: {},
          ambiguous: false,
        },
        'master',
      );
    await eventually(async () =>
      expect(await service.runtime.database.query(`select 1 from master_object where kind like 'pay-%'`)).toHaveLength(2),
    );
    const payLine = { ...line, postingKey: randomUUID(), destination: 'payroll' };
    const figures = { workDate: '2026-11-02', hours: '8', amount: '400', currency: 'EUR' };
    await tell(
      FEED_EVENTS.payroll.lineBlocked,
      { ...payLine, ...figures, reason: 'CUTOFF_MISSED', detail: 'approved after the cut-off of DE-MONTHLY/1', blockedAt: AT },
      'payroll',
    );
    const shown = { reason: 'CUTOFF_MISSED', owner: 'payroll-operations', severity: 'critical', totals: { items: 1 } };
    await become('period:DE01:2026-11', { state: 'open', ...shown });
    commands.length = 0;
    const [found] = await cases('period:DE01:2026-11');
    expect((await call(`/cases/${found!.caseId}/retry`, ['operator'], 'POST')).status).toBe(202);
    expect(commands).toEqual([
      { subject: FEED_COMMANDS.payroll.retry, data: { actor: 'user:olga', postingKeys: [payLine.postingKey] } },
    ]);
    await tell(
      FEED_EVENTS.payroll.documentPosted,
      {
        documentKey: randomUUID(),
        destination: 'payroll',
        legalEntityId: 'DE01',
        postingPeriod: 'DE-MONTHLY/2',
        postingDate: '2026-11-30',
        currency: 'EUR',
        externalId: 'PR-2',
        postedAt: '2026-11-23T09:00:01.000Z',
        lines: [
          {
            postingKey: payLine.postingKey,
            entryId: line.entryId,
            releaseNo: 1,
            leg: 'pay:REG',
            kind: 'post',
            workerCode: 'E1',
            projectCode: 'P1',
            workDate: '2026-11-02',
            hours: '8',
            amount: '400',
          },
        ],
      },
      'payroll',
    );
    await become('period:DE01:2026-11', { state: 'resolved' });
  });

  it('an outcome that nobody knows, at any feed', async () => {
    const documentKey = randomUUID();
    const document = { documentKey, destination: 'warehouse', legalEntityId: 'DE01' };
    await tell(
      FEED_EVENTS.analytics.documentUnknown,
      {
        ...document,
        reason: 'OUTCOME_UNKNOWN',
        message: 'no answer',
        lineCount: 500,
        hours: '4000',
        amount: '1',
        currency: 'EUR',
        unknownSince: AT,
      },
      'analytics',
    );
    await become(`document:${documentKey}`, { state: 'open', reason: 'OUTCOME_UNKNOWN' });
    const resolved = { ...document, resolution: 'adopted', resolvedAt: '2026-11-23T09:00:01.000Z' };
    await tell(FEED_EVENTS.analytics.documentResolved, resolved, 'analytics');
    await become(`document:${documentKey}`, { state: 'resolved' });
  });

  it('a dead letter: what no consumer can read becomes a case', async () => {
    await tell(EVENT_TYPES.entryHeld, { nonsense: true });
    await become('consumer:exception-management--entry-held', { state: 'open', reason: 'CONTRACT_BROKEN' });
  });

  it('batches at the same time on the same groups neither deadlock nor lose an item', async () => {
    const take = service.app.get(TakeSignals, { strict: false });
    const signal = (n: number, orderNo: number, open: boolean): Signal => ({
      itemKey: `entry:${n}`,
      orderNo,
      problems: !open
        ? []
        : ['project:BUSY', 'worker:BUSY'].map((groupKey) => ({
            reason: 'UNKNOWN_PROJECT',
            groupKey,
            legalEntityId: 'DE01',
            detail: 'x',
            entryId: null,
            workDate: null,
            hours: '1',
            amount: null,
            currency: null,
          })),
    });
    const all = Array.from({ length: 60 }, (_, n) => n);
    const batch = (from: number, orderNo: number, open: boolean) => {
      const part = all.filter((n) => n % 6 === from);
      return take.run(
        [],
        (from % 2 ? part : part.toReversed()).map((n) => signal(n, orderNo, open)),
      );
    };
    await Promise.all([0, 1, 2, 3, 4, 5].map((from) => batch(from, 1, true)));
    for (const groupKey of ['project:BUSY', 'worker:BUSY'])
      expect(await cases(groupKey)).toMatchObject([{ state: 'open', totals: { items: 60, hours: '60' } }]);
    await Promise.all([0, 1, 2, 3, 4, 5].map((from) => batch(from, 2, from === 5)));
    for (const groupKey of ['project:BUSY', 'worker:BUSY'])
      expect(await cases(groupKey)).toMatchObject([{ state: 'open', opening: 1, totals: { items: 10, hours: '10' } }]);
  });
});

describe('HTTP', () => {
  it('shows a case with its items and the catalogue, and has it tried again', async () => {
    const found = (await cases('project:P1')).at(-1)!;
    expect(await read(`/cases/${found.caseId}`)).toMatchObject({
      reason: 'UNKNOWN_PROJECT',
      suggestedAction: expect.stringMatching(/./) as string,
      openItems: [{ entryId: entryIdOf('psa', 't2'), workDate: '2026-11-02', hours: '8' }],
    });
    commands.length = 0;
    const answer = await call(`/cases/${found.caseId}/retry`, ['operator'], 'POST');
    expect([answer.status, await answer.json()]).toEqual([202, { kind: 'asked', items: 1 }]);
    expect(commands).toEqual([
      { subject: COMMANDS.reassessEntries, data: { actor: 'user:olga', entryIds: [entryIdOf('psa', 't2')] } },
    ]);
  });

  it('lists by reason, and filters', async () => {
    const { reasons } = await read<{ reasons: object[] }>('/cases/by-reason');
    expect(reasons).toContainEqual({
      reason: 'SELF_APPROVED',
      legalEntityId: 'DE01',
      cases: 1,
      items: 1,
      entries: 1,
      hours: '8',
    });
    const { items } = await read<{ items: Shown[] }>('/cases?state=resolved&reason=UNKNOWN_PROJECT&legalEntityId=DE01');
    expect(items).toMatchObject([{ groupKey: 'project:P1', opening: 1 }]);
  });

  it.each([
    ['GET', '/cases', undefined, 401],
    ['GET', '/cases', ['platform'], 403],
    ['GET', '/cases?limit=0', ['auditor'], 400],
    ['GET', '/cases?reason=NONSENSE', ['auditor'], 400],
    ['GET', '/cases/nonsense', ['auditor'], 400],
    ['GET', `/cases/${randomUUID()}`, ['auditor'], 404],
    ['POST', `/cases/${randomUUID()}/retry`, ['operator'], 404],
    ['POST', `/cases/${randomUUID()}/retry`, ['finance'], 403],
  ])('%s %s as %j: %i', async (method, path, roles, status) => {
    expect((await call(path, roles, method)).status).toBe(status);
  });

  it('says that a connection cannot be tried again from here', async () => {
    const [found] = await cases('connection:erp');
    const answer = await call(`/cases/${found!.caseId}/retry`, ['operator'], 'POST');
    expect([answer.status, await answer.json()]).toMatchObject([409, { code: 'nothing-to-retry' }]);
  });
});
