import { describe, expect, it } from 'vitest';
import type { JournalLine } from '../vendors/tryton-journal.js';
import { compareLines, reversed, type OwedLine } from './ledger-check.js';

const owed: OwedLine = { worker: 'E1', project: 'p-1', date: '2026-11-03', hours: 250n, amount: 10_000n };
const other: OwedLine = { ...owed, hours: 300n, amount: 12_000n };
let id = 0;
const line = (from: OwedLine, more: Partial<JournalLine> = {}): JournalLine => ({
  id: ++id,
  moveId: 1,
  period: '2026-11',
  postingKey: `key-${id}`,
  ...from,
  ...more,
});
const counts = (expected: OwedLine[], found: JournalLine[]) => {
  const { missing, duplicate, wrong } = compareLines(expected, found);
  return [missing.length, duplicate.length, wrong.length];
};

describe('compareLines', () => {
  it('finds nothing where all agrees', () =>
    expect(counts([owed, other, reversed(owed)], [line(reversed(owed)), line(other), line(owed)])).toEqual([0, 0, 0]));
  it('counts what is not there', () => expect(counts([owed, other], [line(owed)])).toEqual([1, 0, 0]));
  it('counts what is there twice', () => expect(counts([owed], [line(owed), line(owed)])).toEqual([0, 1, 0]));
  it('counts a posting key that is there twice', () =>
    expect(counts([owed, other], [line(owed, { postingKey: 'k' }), line(other, { postingKey: 'k' })])).toEqual([0, 1, 0]));
  it('counts what nobody owes', () => expect(counts([owed], [line(owed), line(other)])).toEqual([0, 0, 1]));
  it('counts another amount, and another period', () =>
    expect(counts([owed, other], [line(owed, { amount: 10_001n }), line(other, { period: '2026-12' })])).toEqual([0, 0, 2]));
  it('does not take a reversal for its line', () => expect(counts([owed], [line(reversed(owed))])).toEqual([1, 0, 1]));
});
