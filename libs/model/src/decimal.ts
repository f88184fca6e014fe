import { Decimal as DecimalJs } from 'decimal.js';

/** Own constructor: another library in the process cannot change our precision or rounding. */
export const Decimal = DecimalJs.clone({ precision: 40, rounding: DecimalJs.ROUND_HALF_UP, toExpNeg: -40, toExpPos: 40 });
export type Decimal = DecimalJs;

/** Decimals travel and are stored as plain strings ("7.5", "-120.00"), never as numbers. */
export type DecimalString = string;
export type CurrencyCode = string;

const PLAIN = /^-?\d{1,18}(\.\d{1,12})?$/;
export const isDecimalString = (value: unknown): value is DecimalString => typeof value === 'string' && PLAIN.test(value);

/** @throws RangeError naming the value when it is not a plain decimal. */
export const decimal = (value: DecimalString | Decimal): Decimal => {
  if (typeof value === 'string' && !PLAIN.test(value)) throw new RangeError(`not a decimal: "${value}"`);
  return new Decimal(value);
};

/** Canonical text: no trailing zeros ("7.50" and "7.5" hash alike). */
export const toDecimalString = (value: Decimal): DecimalString => value.toFixed();

export const addDecimals = (values: Iterable<DecimalString>): DecimalString => {
  let sum = new Decimal(0);
  for (const value of values) sum = sum.plus(value);
  return toDecimalString(sum);
};

export const negate = (value: DecimalString): DecimalString => toDecimalString(decimal(value).negated());

export const sameDecimal = (a: DecimalString, b: DecimalString): boolean => decimal(a).equals(decimal(b));

/** Minor units by ISO 4217 where they are not 2. */
const MINOR_UNITS: Record<string, number> = { JPY: 0, KRW: 0, CLP: 0, VND: 0, BHD: 3, KWD: 3, OMR: 3, TND: 3 };

export const minorUnits = (currency: CurrencyCode): number => MINOR_UNITS[currency] ?? 2;

/** Rounds to the currency's minor unit, half away from zero, with all its digits ("120.00"). */
export const roundMoney = (value: Decimal, currency: CurrencyCode): DecimalString =>
  value.toFixed(minorUnits(currency), DecimalJs.ROUND_HALF_UP);

export interface Money {
  readonly amount: DecimalString;
  readonly currency: CurrencyCode;
}
