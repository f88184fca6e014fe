import type { BookedDocument, PostingDocument } from '@tieout/connector-kit';
import { controlTotals } from '@tieout/model';
import { expect, it } from 'vitest';
import { differsFrom } from './stands.js';

const lines = [
  { postingKey: 'a', hours: '7.50', amount: '1.10' },
  { postingKey: 'b', hours: '-1', amount: '0' },
];
const totalsOf = (of: typeof lines) =>
  controlTotals(of.map(({ postingKey, ...line }) => ({ key: postingKey, ...line, currency: 'EUR' })));
const sent = { currency: 'EUR', totals: totalsOf(lines) } as PostingDocument;
const booked = (of: typeof lines): BookedDocument => ({ externalId: 'x', state: 'posted', postingPeriod: '2026-11', lines: of });

it('stands when keys, hours and amounts add up, in whatever order and notation', () => {
  const other = [lines[1]!, { ...lines[0]!, hours: '7.5', amount: '1.100' }];
  expect(differsFrom(sent, booked(other))).toBeUndefined();
});

it.each([
  ['is not there', undefined],
  ['lacks a line', booked(lines.slice(1))],
  ['has a line twice', booked([...lines, lines[1]!])],
  ['has another amount', booked([lines[0]!, { ...lines[1]!, amount: '0.01' }])],
  ['has another key', booked([lines[0]!, { ...lines[1]!, postingKey: 'c' }])],
])('%s', (_, there) => {
  expect(differsFrom(sent, there)).toMatch(/does not stand|control totals/);
});
