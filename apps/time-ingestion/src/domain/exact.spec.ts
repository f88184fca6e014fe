import { decimal, roundMoney, toDecimalString } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDecimals, exactProduct, plainDecimal, sumOf } from './exact.js';

const text = fc
  .tuple(fc.boolean(), fc.nat({ max: 10 ** 9 }), fc.option(fc.stringMatching(/^\d{1,9}$/)))
  .map(([isNegative, whole, fraction]) => `${isNegative ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}`);
const currency = fc.constantFrom('EUR', 'JPY', 'BHD');
const PLACES: Record<string, number> = { EUR: 2, JPY: 0, BHD: 3 };

describe('arithmetic in whole numbers', () => {
  it('gives what arbitrary precision gives, or nothing', () =>
    fc.assert(
      fc.property(text, text, currency, (a, b, of) => {
        const product = exactProduct(a, b, PLACES[of]!);
        if (product !== undefined) expect(product).toBe(roundMoney(decimal(a).times(decimal(b)), of));
        expect(Math.sign(compareDecimals(a, b)) + 0).toBe(decimal(a).comparedTo(decimal(b)) + 0);
        expect(decimal(sumOf(a, b)).equals(decimal(a).plus(decimal(b)))).toBe(true);
        expect(plainDecimal(a)).toBe(toDecimalString(decimal(a)));
      }),
      { numRuns: 5_000 },
    ));
  it.each([
    ['7.5', '85.00', 2, '637.50'],
    ['0.01', '0.5', 2, '0.01'],
    ['-0.01', '0.5', 2, '-0.01'],
    ['-0.01', '0.4', 2, '-0.00'],
    ['0.333333333333', '99999.99', 2, undefined],
    ['8', '85', 3, '680.000'],
    ['2.5', '1', 0, '3'],
  ])('%s times %s with %i places', (a, b, places, expected) => expect(exactProduct(a, b, places)).toBe(expected));
  it.each(['', '.5', '5.', '1e3', 'eight', '--1', '1.2.3'])('knows "%s" for no decimal', (bad) => {
    expect(exactProduct(bad, '1', 2)).toBeUndefined();
    expect(() => compareDecimals(bad, '1')).toThrow(RangeError);
    expect(() => plainDecimal(bad)).toThrow(RangeError);
  });
  it('goes the long way for what is too long', () => {
    expect(compareDecimals('999999999999999999', '999999999999999998')).toBeGreaterThan(0);
    expect(sumOf('999999999999999999', '0.000000000001')).toBe('999999999999999999.000000000001');
  });
});
