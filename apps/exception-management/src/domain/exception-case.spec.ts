import type { CompiledPolicy } from '@tieout/policy';
import { describe, expect, it } from 'vitest';
import { settleCase, totalsOf, type CaseQuestion, type ExceptionCase } from './exception-case.js';

const T1 = '2026-11-23T09:00:00.000Z';
const T2 = '2026-11-23T10:00:00.000Z';
/** Severity follows the amount, and what is severe is due soon. */
const policy = {
  severity: ({ amount, currency }: { amount?: string; currency?: string }) =>
    Math.abs(Number(amount ?? 0)) >= 1000 && currency === 'EUR' ? 'high' : 'normal',
  owner: (reason: string, entity: string) => ({ team: `${reason} of ${entity}` }),
  dueAt: (severity: string, openedAt: string) => (severity === 'high' ? openedAt : `${openedAt} and later`),
} as unknown as CompiledPolicy;

const item = (hours: string | null, amount: string | null, currency: string | null, work_date: string | null = '2026-11-10') => ({
  hours,
  amount,
  currency,
  work_date,
});
const question = (...items: Parameters<typeof totalsOf>[0]): CaseQuestion => ({
  reason: 'UNKNOWN_PROJECT',
  groupKey: 'project:P1',
  legalEntityId: 'DE01',
  totals: totalsOf(items),
  detail: 'P1 is not known',
  suggestion: null,
  hoursToCutOff: undefined,
});
const settle = (current: ExceptionCase | undefined, asked: CaseQuestion, now = T1) => settleCase(current, asked, policy, now);
const opened = settle(undefined, question(item('8', '400', 'EUR')))!;
const resolved = settle(opened, question(), T2)!;

describe('totalsOf', () => {
  it('adds amounts per currency, and takes the earliest work date', () =>
    expect(
      totalsOf([
        item('8', '400.10', 'EUR', '2026-11-10'),
        item('0.5', '25.05', 'EUR', '2026-11-02'),
        item('1', '90', 'USD', null),
        item(null, null, null),
      ]),
    ).toEqual({ items: 4, hours: '9.5', amounts: { EUR: '425.15', USD: '90' }, earliestWorkDate: '2026-11-02' }));
});

describe('settleCase', () => {
  it('opens', () =>
    expect(opened).toMatchObject({
      state: 'open',
      opening: 1,
      openedAt: T1,
      resolvedAt: null,
      severity: 'normal',
      owner: 'UNKNOWN_PROJECT of DE01',
      dueAt: `${T1} and later`,
    }));
  it('grows more severe under the same id, due from its opening', () =>
    expect(settle(opened, question(item('8', '-400', 'USD'), item('80', '-4000', 'EUR')), T2)).toMatchObject({
      caseId: opened.caseId,
      openedAt: T1,
      severity: 'high',
      dueAt: T1,
    }));
  it('resolves when nothing is left', () =>
    expect(resolved).toMatchObject({ caseId: opened.caseId, state: 'resolved', resolvedAt: T2, totals: { items: 0 } }));
  it('comes back as another opening', () => {
    const again = settle(resolved, question(item('8', null, null)), T2)!;
    expect(again).toMatchObject({ state: 'open', opening: 2, openedAt: T2 });
    expect(again.caseId).not.toBe(opened.caseId);
  });
  it.each([
    ['never opened', undefined],
    ['resolved', resolved],
  ])('nothing is left of one that is %s: nothing changes', (_what, current) =>
    expect(settle(current, question())).toBeUndefined(),
  );
});
