import { randomUUID } from 'node:crypto';
import { COMMANDS, EVENT_TYPES, FEED_COMMANDS, FEED_EVENTS } from '@tieout/contracts';
import { entryIdOf, masterIdOf, REASON_CODES, type ReasonCode } from '@tieout/model';
import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Signal } from '../src/domain/signals.js';
import { TakeSignals } from '../src/use-cases/take-signals.js';
import { AT, World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.stop());

describe('cases of other causes', () => {
  const line = {
    postingKey: randomUUID(),
    entryId: entryIdOf('psa', 't1'),
    releaseNo: 1,
    destination: 'erp',
    legalEntityId: 'DE01',
  };
  it('a connection: opened, and closed in the very same millisecond', async () => {
    const fault = { connection: 'psa', raisedBy: 'time', reason: 'CREDENTIALS_REJECTED', message: 'GET /me: 401', since: AT };
    await world.tell(EVENT_TYPES.connectionFaulted, fault);
    await world.become('connection:psa', { state: 'open', severity: 'critical', detail: 'GET /me: 401' });
    await world.tell(EVENT_TYPES.connectionRecovered, { connection: 'psa', raisedBy: 'time', clearedAt: AT });
    await world.become('connection:psa', { state: 'resolved' });
    await world.tell(EVENT_TYPES.connectionFaulted, fault);
    await world.tell(EVENT_TYPES.connectionFaulted, { ...fault, connection: 'erp' });
    await world.become('connection:erp', { state: 'open' });
    await world.become('connection:psa', { state: 'resolved', opening: 1 });
  });

  it('says that a connection cannot be tried again from here', async () => {
    const [found] = await world.cases('connection:erp');
    const answer = await world.call(`/cases/${found!.caseId}/retry`, ['operator'], 'POST');
    expect([answer.status, await answer.json()]).toMatchObject([409, { code: 'nothing-to-retry' }]);
  });

  it('a rejected line: opened with the team of its legal entity, and cleared', async () => {
    await world.tell(
      EVENT_TYPES.lineRejected,
      { ...line, message: 'no such worker', workDate: '2026-11-01', hours: '8', amount: '400', currency: 'EUR', rejectedAt: AT },
      'posting',
    );
    await world.become('destination:erp', {
      state: 'open',
      owner: 'finance-germany',
      totals: { items: 1, amounts: { EUR: '400' } },
    });
    const [found] = await world.cases('destination:erp');
    expect((await world.call(`/cases/${found!.caseId}/retry`, ['operator'], 'POST')).status).toBe(202);
    expect(world.commands).toEqual([
      { subject: COMMANDS.retryPostings, data: { actor: 'user:olga', postingKeys: [line.postingKey] } },
    ]);
    await world.tell(EVENT_TYPES.lineCleared, { ...line, clearedAt: '2026-11-23T09:00:01.000Z' }, 'posting');
    await world.become('destination:erp', { state: 'resolved' });
  });

  it('a pay line that missed its cut-off: as urgent as the next one, tried again at payroll, closed when it is paid', async () => {
    const now = Date.now();
    const inHours = (hours: number) => new Date(now + hours * 3_600_000).toISOString().slice(0, 16);
    for (const [kind, code, attributes] of [
      ['pay-group', 'DE-MONTHLY', { legalEntity: 'DE01', timeZone: 'UTC' }],
      ['pay-period', 'DE-MONTHLY/2', { payGroup: 'DE-MONTHLY', cutOff: inHours(3), state: 'open' }],
    ] as const)
      await world.tell(
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
      expect(await world.service.runtime.database.query(`select 1 from master_object where kind like 'pay-%'`)).toHaveLength(2),
    );
    const payLine = { ...line, postingKey: randomUUID(), destination: 'payroll' };
    const figures = { workDate: '2026-11-02', hours: '8', amount: '400', currency: 'EUR' };
    await world.tell(
      FEED_EVENTS.payroll.lineBlocked,
      { ...payLine, ...figures, reason: 'CUTOFF_MISSED', detail: 'approved after the cut-off of DE-MONTHLY/1', blockedAt: AT },
      'payroll',
    );
    const shown = { reason: 'CUTOFF_MISSED', owner: 'payroll-operations', severity: 'critical', totals: { items: 1 } };
    await world.become('period:DE01:2026-11', { state: 'open', ...shown });
    world.commands.length = 0;
    const [found] = await world.cases('period:DE01:2026-11');
    expect((await world.call(`/cases/${found!.caseId}/retry`, ['operator'], 'POST')).status).toBe(202);
    expect(world.commands).toEqual([
      { subject: FEED_COMMANDS.payroll.retry, data: { actor: 'user:olga', postingKeys: [payLine.postingKey] } },
    ]);
    await world.tell(
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
    await world.become('period:DE01:2026-11', { state: 'resolved' });
  });

  it('an outcome that nobody knows, at any feed', async () => {
    const documentKey = randomUUID();
    const document = { documentKey, destination: 'warehouse', legalEntityId: 'DE01' };
    await world.tell(
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
    await world.become(`document:${documentKey}`, { state: 'open', reason: 'OUTCOME_UNKNOWN' });
    const resolved = { ...document, resolution: 'adopted', resolvedAt: '2026-11-23T09:00:01.000Z' };
    await world.tell(FEED_EVENTS.analytics.documentResolved, resolved, 'analytics');
    await world.become(`document:${documentKey}`, { state: 'resolved' });
  });

  it('a condition: one case per reason and subject, with what its raiser suggests, until the last one is cleared', async () => {
    const drift = {
      itemKey: 'drift:project:P-100:name:crm',
      raisedBy: 'master',
      reason: 'MASTER_DATA_DRIFT',
      subjectKey: 'project:P-100',
      legalEntityId: 'DE01',
      detail: 'name: the PSA says "Alpha", the CRM "Alfa"',
      suggestion: 'Write "Alpha" into the CRM.',
      raisedAt: AT,
    };
    await world.tell(EVENT_TYPES.conditionRaised, drift, 'master');
    await world.tell(EVENT_TYPES.conditionRaised, { ...drift, itemKey: 'drift:project:P-100:client:crm' }, 'master');
    const shown = { state: 'open', detail: drift.detail, suggestedAction: drift.suggestion, totals: { items: 2 } };
    await world.become('project:P-100', shown);
    const [found] = await world.cases('project:P-100');
    const { openItems } = await world.read<{ openItems: object[] }>(`/cases/${found!.caseId}`);
    expect(openItems[0]).toMatchObject({ detail: drift.detail, suggestion: drift.suggestion });
    const cleared = { itemKey: drift.itemKey, raisedBy: 'master', clearedAt: '2026-11-23T09:00:01.000Z' };
    await world.tell(EVENT_TYPES.conditionCleared, cleared, 'master');
    await world.become('project:P-100', { state: 'open', totals: { items: 1 } });
    await world.tell(EVENT_TYPES.conditionCleared, { ...cleared, itemKey: 'drift:project:P-100:client:crm' }, 'master');
    await world.become('project:P-100', { state: 'resolved' });
  });

  it.each([
    'POLICY_REFUSED',
    'CHANGE_REVIEW_DUE',
    'AUDIT_CHAIN_BROKEN',
    'HANDOFF_INCOMPLETE',
    'HANDOFF_FAILED',
    'OWNERSHIP_VIOLATION',
  ])('a condition of reason %s: owned by somebody, with the catalogue’s advice where its raiser has none', async (reason) => {
    const subjectKey = `policy:${reason}`;
    const condition = {
      itemKey: reason,
      raisedBy: 'governance',
      reason,
      subjectKey,
      legalEntityId: 'UNASSIGNED',
      detail: 'so',
      raisedAt: AT,
    };
    await world.tell(EVENT_TYPES.conditionRaised, condition, 'governance');
    const { suggestedAction } = REASON_CODES[reason as ReasonCode];
    await world.become(subjectKey, {
      state: 'open',
      reason,
      suggestedAction,
      owner: expect.stringMatching(/^[a-z-]+$/) as string,
    });
  });

  it('a dead letter: what no consumer can read becomes a case', async () => {
    await world.tell(EVENT_TYPES.entryHeld, { nonsense: true });
    await world.become('consumer:exception-management--entry-held', { state: 'open', reason: 'CONTRACT_BROKEN' });
  });

  it('batches at the same time on the same groups neither deadlock nor lose an item', async () => {
    const take = world.service.app.get(TakeSignals, { strict: false });
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
      expect(await world.cases(groupKey)).toMatchObject([{ state: 'open', totals: { items: 60, hours: '60' } }]);
    await Promise.all([0, 1, 2, 3, 4, 5].map((from) => batch(from, 2, from === 5)));
    for (const groupKey of ['project:BUSY', 'worker:BUSY'])
      expect(await world.cases(groupKey)).toMatchObject([{ state: 'open', opening: 1, totals: { items: 10, hours: '10' } }]);
  });
});
