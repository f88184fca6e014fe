import type { BookedLine } from '@tieout/connector-kit';
import { describe, expect, it } from 'vitest';
import { matchLines, type OpenLine, type StandingLine } from './adoption.js';

const rules = { matchBy: ['workerCode', 'projectCode', 'workDate'] as const, toleranceHours: '0', toleranceAmount: '0.01' };
const open = (postingKey: string, hours: string, workDate = '2026-11-02'): OpenLine => ({
  postingKey,
  entryId: `entry of ${postingKey}`,
  content: {
    legalEntityId: 'US01',
    workerCode: 'E1',
    workerType: 'employee',
    projectCode: 'P1',
    workDate,
    hours,
    amount: String(Number(hours) * 50),
    currency: 'USD',
    billable: true,
  },
});
const standing = (externalId: string, hours: string, over: Partial<BookedLine> = {}): StandingLine => ({
  document: { externalId, state: 'posted', postingPeriod: '2026-11', legalEntityId: 'US01', currency: 'USD', lines: [] },
  line: {
    postingKey: `their ${externalId}`,
    hours,
    amount: String(Number(hours) * 50),
    workerCode: 'E1',
    projectCode: 'P1',
    workDate: '2026-11-02',
    ...over,
  },
});
const pairs = (ours: OpenLine[], theirs: StandingLine[]) =>
  matchLines(ours, theirs, rules).matched.map((pair) => [pair.open.postingKey, pair.standing.document.externalId]);

describe('matchLines', () => {
  it('adopts what is the same by the fields that policy names', () => {
    expect(pairs([open('a', '8'), open('b', '8', '2026-11-03')], [standing('J1', '8')])).toEqual([['a', 'J1']]);
    expect(pairs([open('a', '8')], [standing('J1', '8', { amount: '400.01' })])).toEqual([['a', 'J1']]);
  });
  it('leaves other figures, people and companies alone', () => {
    const theirs = [standing('J1', '7'), standing('J2', '8', { workerCode: 'E2' })];
    const report = matchLines([open('a', '8')], theirs, rules);
    expect([report.matched, report.ambiguous, report.unmatched.length]).toEqual([[], [], 2]);
  });
  it('pairs lines that are all alike, and never guesses where there is one too many', () => {
    expect(pairs([open('a', '4'), open('b', '4')], [standing('J1', '4'), standing('J2', '4')])).toHaveLength(2);
    const report = matchLines([open('a', '4'), open('b', '4')], [standing('J1', '4')], rules);
    expect(report.matched).toEqual([]);
    expect(report.ambiguous).toMatchObject([{ open: [{ postingKey: 'a' }, { postingKey: 'b' }] }]);
  });
});
