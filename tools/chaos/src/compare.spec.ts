import { describe, expect, it } from 'vitest';
import type { BookedLine } from './books.js';
import { bookedTwice, compareBooks, notStanding } from './compare.js';
import type { LedgerLine, LedgerTarget } from './ledger.js';

const booked = (lineRef: string, value = '100', more: Partial<BookedLine> = {}): BookedLine => ({
  journalNo: '1',
  reference: 'doc-1',
  lineRef,
  quantity: '2',
  value,
  ...more,
});
const line = (postingKey: string, more: Partial<LedgerLine> = {}): LedgerLine => ({
  postingKey,
  entryId: 'e1',
  state: 'confirmed',
  releaseNo: 1,
  leg: 'labour-cost',
  hours: '2',
  amount: '100',
  documentKey: 'doc-1',
  reverses: null,
  standsAs: postingKey,
  ...more,
});
const target = (amount?: string): LedgerTarget => ({
  entryId: 'e1',
  releaseNo: 1,
  wanted: amount === undefined ? [] : [{ leg: 'labour-cost', content: { amount } }],
});
const failed = (books: readonly BookedLine[], lines: readonly LedgerLine[], targets: readonly LedgerTarget[]): string[] =>
  compareBooks(books, { lines, targets }).flatMap(({ name, ok }) => (ok ? [] : [name.split(',')[0]!]));

describe('books against ledger', () => {
  it('agree when every line stands once and sums to the latest release', () => {
    expect(failed([booked('k1')], [line('k1')], [target('100.00')])).toEqual([]);
    const reversed = [booked('k1'), booked('k2', '-100')];
    expect(failed(reversed, [line('k1'), line('k2')], [target()])).toEqual([]);
  });

  it('agree when a line stands twice and the ledger has reversed one of them', () => {
    const twice = [booked('k1'), booked('k1', '100', { journalNo: '2' }), booked('k3', '-100', { reference: 'doc-2' })];
    const twin = line('k2', { standsAs: 'k1' });
    expect(failed(twice, [line('k1'), twin, line('k3', { reverses: 'k2' })], [target('100')])).toEqual([]);
    expect(failed(twice.slice(0, 2), [line('k1'), twin], [target('100')])).toContain('posting keys that stand twice');
  });

  it.each([
    ['a line twice', [booked('k1'), booked('k1')], [line('k1')], 'posting keys that stand twice'],
    [
      'a document twice',
      [booked('k1'), booked('k2', '0', { journalNo: '2' })],
      [line('k1'), line('k2')],
      'documents that stand twice',
    ],
    ['a line lost', [booked('k1')], [line('k1'), line('k2')], 'lines that the ledger calls posted and the ERP does not have'],
    [
      'a line unknown',
      [booked('k1'), booked('k9', '0')],
      [line('k1')],
      'lines that the ERP has and the ledger does not call posted',
    ],
    ['a line in doubt', [booked('k1')], [line('k1'), line('k2', { state: 'unknown' })], 'lines still under way'],
    ['an old amount', [booked('k1', '90')], [line('k1')], 'entries whose amount is not that of their latest release'],
  ])('%s is found', (_what, books, lines, name) => {
    expect(failed(books, lines, [target('100')])).toContain(name);
  });

  it('names documents with two journals, and entries of which nothing stands', () => {
    const books = [booked('k1'), booked('k1', '100', { journalNo: '2' }), booked('k2', '1', { reference: 'doc-2' })];
    expect(bookedTwice(books)).toEqual(['doc-1']);
    expect(notStanding(['e1', 'e2'], books, { lines: [line('k1')], targets: [] })).toEqual(['e2']);
  });
});
