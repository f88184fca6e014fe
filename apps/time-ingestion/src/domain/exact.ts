import { decimal, type DecimalString } from '@tieout/model';

/**
 * Decimal arithmetic in whole numbers below 2^53, where a computer's number is exact: every entry has its hours compared and multiplied,
 * and the arbitrary precision that few of them need costs more than all rules together. What does not fit goes the long way.
 */
interface Scaled {
  /** The number times ten to the power of `scale`. */
  readonly units: number;
  readonly scale: number;
}

const MOST_DIGITS = 15;
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, n) => 10 ** n);

/** @returns undefined for what is not plain, or has too many digits */
const scaled = (text: string): Scaled | undefined => {
  const { length } = text;
  const isNegative = text.charCodeAt(0) === MINUS;
  let units = 0;
  let digits = 0;
  let point = -1;
  for (let at = isNegative ? 1 : 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) {
      units = units * 10 + (code - ZERO);
      digits++;
    } else if (code === POINT && point < 0 && digits > 0) point = at;
    else return undefined;
  }
  if (digits === 0 || digits > MOST_DIGITS || point === length - 1) return undefined;
  return { units: isNegative ? -units : units, scale: point < 0 ? 0 : length - point - 1 };
};
const [MINUS, POINT, ZERO, NINE] = [45, 46, 48, 57];

const raised = ({ units, scale }: Scaled, to: number): number => units * POWERS[to - scale]!;

/** Below, at or above zero, as `a` is to `b`. @throws RangeError when one is no decimal */
export const compareDecimals = (a: DecimalString, b: DecimalString): number => {
  const left = scaled(a);
  const right = scaled(b);
  if (left !== undefined && right !== undefined) {
    const scale = Math.max(left.scale, right.scale);
    const [x, y] = [raised(left, scale), raised(right, scale)];
    if (Number.isSafeInteger(x) && Number.isSafeInteger(y)) return x - y;
  }
  return decimal(a).comparedTo(decimal(b));
};

/** @throws RangeError when one is no decimal */
export const sumOf = (a: DecimalString, b: DecimalString): DecimalString => {
  const left = scaled(a);
  const right = scaled(b);
  if (left !== undefined && right !== undefined) {
    const scale = Math.max(left.scale, right.scale);
    const sum = raised(left, scale) + raised(right, scale);
    if (Number.isSafeInteger(sum)) return signed(sum, scale);
  }
  return decimal(a).plus(decimal(b)).toFixed();
};

/** a times b with so many places, rounded half away from zero; undefined where that needs more digits than a number has. */
export const exactProduct = (a: DecimalString, b: DecimalString, places: number): DecimalString | undefined => {
  const left = scaled(a);
  const right = scaled(b);
  if (left === undefined || right === undefined) return undefined;
  const units = Math.abs(left.units * right.units);
  const scale = left.scale + right.scale;
  if (!Number.isSafeInteger(units) || Math.abs(scale - places) > MOST_DIGITS) return undefined;
  const rounded = scale <= places ? units * POWERS[places - scale]! : roundedQuotient(units, POWERS[scale - places]!);
  if (!Number.isSafeInteger(rounded)) return undefined;
  // As decimal.js has it: what was below zero before it was rounded keeps its sign, "-0.00".
  const isNegative = units !== 0 && left.units < 0 !== right.units < 0;
  return (isNegative ? '-' : '') + fixed(rounded, places);
};

/** The remainder of whole numbers is exact, and so is what it leaves. */
const roundedQuotient = (units: number, by: number): number => {
  const rest = units % by;
  const whole = (units - rest) / by;
  return rest * 2 >= by ? whole + 1 : whole;
};

const fixed = (units: number, places: number): DecimalString => {
  const digits = String(units);
  if (places === 0) return digits;
  const padded = digits.padStart(places + 1, '0');
  return `${padded.slice(0, -places)}.${padded.slice(-places)}`;
};

const signed = (units: number, scale: number): DecimalString =>
  (units < 0 ? '-' : '') + withoutZeros(fixed(Math.abs(units), scale));

/** Without trailing zeros: "7.50" is "7.5", as `toDecimalString` has it. @throws RangeError when it is no decimal */
export const plainDecimal = (text: DecimalString): DecimalString => {
  const found = scaled(text);
  return found === undefined ? decimal(text).toFixed() : signed(found.units, found.scale);
};

const withoutZeros = (text: string): DecimalString => {
  if (!text.includes('.')) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === ZERO) end--;
  return text.slice(0, text.charCodeAt(end - 1) === POINT ? end - 1 : end);
};
