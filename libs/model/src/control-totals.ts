import { nameUuid } from './name-uuid.js';
import { addDecimals, type CurrencyCode, type DecimalString } from './decimal.js';

/** What two sides compare before they compare lines. */
export interface ControlTotals {
  readonly count: number;
  readonly hours: DecimalString;
  readonly amounts: Readonly<Record<CurrencyCode, DecimalString>>;
  /** Order-independent hash over the keys: 16 hex digits. */
  readonly hashTotal: string;
}

export interface TotalledLine {
  readonly key: string;
  readonly hours: DecimalString;
  readonly amount: DecimalString;
  readonly currency: CurrencyCode;
}

export const controlTotals = (lines: readonly TotalledLine[]): ControlTotals => {
  const byCurrency = new Map<CurrencyCode, DecimalString[]>();
  for (const line of lines) byCurrency.set(line.currency, [...(byCurrency.get(line.currency) ?? []), line.amount]);
  return {
    count: lines.length,
    hours: addDecimals(lines.map((line) => line.hours)),
    amounts: Object.fromEntries(
      [...byCurrency].sort(([a], [b]) => (a < b ? -1 : 1)).map(([currency, amounts]) => [currency, addDecimals(amounts)]),
    ),
    hashTotal: hashTotal(lines.map((line) => line.key)),
  };
};

/** XOR would let two equal keys cancel out; a sum modulo 2^64 sees every repetition. */
export const hashTotal = (keys: readonly string[]): string => {
  let sum = 0n;
  for (const key of keys) sum = (sum + BigInt(`0x${keyHash(key)}`)) & 0xffffffffffffffffn;
  return sum.toString(16).padStart(16, '0');
};

const HASH_TOTAL = '9a1d6a0c-7c35-5a5c-9a7f-0f8f1f4b6a77';
const keyHash = (key: string): string => nameUuid(key, HASH_TOTAL).replaceAll('-', '').slice(0, 16);
