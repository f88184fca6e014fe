import { FACT_COLUMNS, type Column, type WarehouseRow } from '@tieout/connector-kit';
import { decimal, isDecimalString, isFault, toDecimalString } from '@tieout/model';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decode, encode } from './parquet-file.js';

const COLUMNS: readonly Column[] = [
  { name: 'text', type: 'text' },
  { name: 'date', type: 'date' },
  { name: 'decimal', type: 'decimal' },
  { name: 'integer', type: 'integer' },
  { name: 'flag', type: 'flag' },
];

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n) + 1n, max: 10n ** 30n - 1n }), fc.integer({ min: 0, max: 12 }))
  .map(([digits, scale]) =>
    toDecimalString(
      decimal('1')
        .times(digits.toString())
        .div(`1${'0'.repeat(12)}`)
        .toDecimalPlaces(scale),
    ),
  )
  .filter(isDecimalString);
const dates = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const row = fc.record({
  text: fc.option(fc.string({ unit: 'grapheme' })),
  date: fc.option(dates),
  decimal: fc.option(decimals),
  integer: fc.option(fc.maxSafeInteger()),
  flag: fc.option(fc.boolean()),
});

it('what is written is read, whatever it is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows: WarehouseRow[]) => {
      const read = await decode('a file', encode(COLUMNS, rows, { content_hash: 'h' }), COLUMNS);
      expect(read.rows.map((one) => ({ ...one }))).toEqual(rows.map((one) => ({ ...one })));
      expect(read.facts).toEqual({ content_hash: 'h' });
    }),
    { numRuns: 200 },
  );
});

it('the same rows are the same bytes', () => {
  const rows = [{ text: 'a', date: null, decimal: '1.5', integer: 1, flag: null }];
  expect(encode(COLUMNS, rows)).toEqual(encode(COLUMNS, rows));
});

it('a file without a column that came later reads as empty there', async () => {
  const read = await decode('old', encode(COLUMNS.slice(0, 1), [{ text: 'a' }]), COLUMNS);
  expect(read.rows).toEqual([{ text: 'a', date: null, decimal: null, integer: null, flag: null }]);
});

it('something else is ContractBroken, and says which file', async () => {
  const outcome = await decode('facts/x.parquet', new Uint8Array([1, 2, 3]), FACT_COLUMNS).catch((error: unknown) => error);
  expect(isFault(outcome, 'ContractBroken') && outcome.message).toContain('facts/x.parquet');
});
