import type { RatedAmount, ReleasedContent } from '@tieout/model';
import type { CompiledPolicy } from '@tieout/policy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Verdict } from './assess.js';
import { changesOf, PlanTally, type Assessed } from './policy-plan.js';

const policy = (account: string): Assessed['policy'] =>
  ({
    legs: ({ projectLegalEntityId }) =>
      projectLegalEntityId === 'FR01' ? ['labour-cost', 'intercompany-due-to'] : ['labour-cost'],
    account: ({ legalEntityId, leg }) =>
      leg === 'labour-cost'
        ? { account, balancingAccount: '2100' }
        : { account: `due-${legalEntityId}`, balancingAccount: '2400' },
  }) as Pick<CompiledPolicy, 'legs' | 'account'>;
const cost = (amount: string, currency = 'EUR'): RatedAmount => ({ amount, currency, rateId: 'r@1', rate: '50' });
const released = (content: Partial<ReleasedContent> = {}, period = 'DE01/2026-11'): Verdict => ({
  kind: 'released',
  dependsOn: [],
  legalEntityId: 'DE01',
  period,
  postingDate: '2026-11-10',
  override: undefined,
  content: {
    workerId: 'w',
    workerCode: 'E1',
    workerType: 'employee',
    legalEntityId: 'DE01',
    projectId: 'p',
    projectCode: 'P1',
    workDate: '2026-11-10',
    hours: '8',
    billable: true,
    cost: cost('400.00'),
    routes: ['erp', 'payroll'],
    ...content,
  },
});
const held: Verdict = {
  kind: 'held',
  refusals: [{ reason: 'CLOSED_TASK', subject: 'task:P1/T1', detail: 'closed' }],
  cost: cost('400.00'),
  override: undefined,
  reassessAt: undefined,
  dependsOn: [],
  legalEntityId: 'DE01',
};
const waiting: Verdict = { kind: 'waiting', until: '2026-11-23T09:00:00.000Z', dependsOn: [], legalEntityId: 'DE01' };
const between = (before: Verdict, after: Verdict, accounts: [string, string] = ['5100', '5100']) =>
  changesOf({ verdict: before, policy: policy(accounts[0]) }, { verdict: after, policy: policy(accounts[1]) });

describe('what a candidate changes about an entry', () => {
  it.each([
    ['released', released()],
    ['held', held],
    ['waiting', waiting],
  ])('is nothing when both say %s', (_what, verdict) => expect(between(verdict, verdict)).toEqual([]));
  it('is nothing between one hold and another', () => expect(between(held, waiting)).toEqual([]));
  it('names reasons and cost of what would be held, or released', () => {
    const why = 'held: CLOSED_TASK (task:P1/T1)';
    const amounts = [expect.objectContaining({ amount: '400.00', currency: 'EUR' })];
    expect(between(released(), held)).toEqual([{ change: 'newly-held', before: 'released', after: why, amounts }]);
    expect(between(held, released())).toEqual([{ change: 'newly-released', before: why, after: 'released', amounts }]);
    expect(between(waiting, released())).toMatchObject([{ change: 'newly-released', before: 'waiting for an unknown key' }]);
  });
  it('tells period, account of every line, and route', () => {
    const abroad = { projectLegalEntityId: 'FR01' };
    const before = released(abroad);
    const after = released({ ...abroad, routes: ['erp2', 'payroll'] }, 'DE01/2026-12');
    expect(between(before, after, ['5100', '5200'])).toMatchObject([
      { change: 'period', before: 'DE01/2026-11', after: 'DE01/2026-12' },
      {
        change: 'account',
        before: 'labour-cost 5100/2100, intercompany-due-to due-FR01/2400',
        after: 'labour-cost 5200/2100, intercompany-due-to due-FR01/2400',
      },
      { change: 'route', before: 'erp, payroll', after: 'erp2, payroll' },
    ]);
  });
  it('takes amounts apart: cost and bill, and currency by currency', () => {
    const before = released({ bill: cost('900.00') });
    expect(between(before, released({ cost: cost('432.00', 'USD'), bill: undefined }))).toEqual([
      {
        change: 'amount',
        before: '400.00 EUR',
        after: '432.00 USD',
        amounts: [
          { currency: 'EUR', amount: '-400' },
          { currency: 'USD', amount: '432.00' },
        ],
      },
      { change: 'bill-amount', before: '900.00 EUR', after: 'none', amounts: [{ currency: 'EUR', amount: '-900' }] },
    ]);
  });
});

describe('the tally', () => {
  const about = { activeDigest: 'a', candidateDigest: 'c', days: 30, seconds: 1 };
  const entryOf = (n: number, legalEntityId: string, hours: string) => ({
    entryId: `e${n}`,
    legalEntityId,
    content: { workerCode: 'E1', projectCode: 'P1', workDate: '2026-11-10', hours },
  });
  it('adds up each legal entity, change and currency, and keeps few examples', () => {
    const one = fc.record({
      legalEntityId: fc.constantFrom('DE01', 'US01'),
      hours: fc.constantFrom('8', '0.25', '-1.5'),
      after: fc.constantFrom(released(), held, released({ cost: cost('410.5') })),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 60 }), (entries) => {
        const tally = new PlanTally();
        entries.forEach(({ legalEntityId, hours, after }, n) =>
          tally.add(entryOf(n, legalEntityId, hours), between(released(), after)),
        );
        const report = tally.report(about);
        expect(report.entries).toBe(entries.length);
        for (const { legalEntityId, entries: count, unchanged, changes } of report.legalEntities) {
          const own = entries.filter((entry) => entry.legalEntityId === legalEntityId);
          expect(count).toBe(own.length);
          expect(unchanged + changes.reduce((sum, change) => sum + change.entries, 0)).toBe(own.length);
          for (const { change, entries: changed, hours, amounts, examples } of changes) {
            const same = own.filter(({ after }) => (after === held) === (change === 'newly-held') && after.kind !== undefined);
            const counted = same.filter(({ after }) => between(released(), after).some((each) => each.change === change));
            expect(changed).toBe(counted.length);
            expect(Number(hours)).toBe(counted.reduce((sum, entry) => sum + Number(entry.hours), 0));
            expect(amounts).toEqual({ EUR: String(changed * (change === 'newly-held' ? 400 : 10.5)) });
            expect(examples).toHaveLength(Math.min(10, changed));
          }
        }
      }),
    );
  });
});
