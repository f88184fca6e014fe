import { decimal, Fault, isDecimalString, toDecimalString, type DecimalString } from '@tieout/model';

/** Tryton's JSON-RPC carries decimals and dates as objects with a class name. */
export interface TrytonDecimal {
  readonly __class__: 'Decimal';
  readonly decimal: string;
}
export interface TrytonDate {
  readonly __class__: 'date';
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export const toDecimal = (value: DecimalString): TrytonDecimal => ({ __class__: 'Decimal', decimal: value });

export const toDate = (value: string): TrytonDate => {
  const [year = 0, month = 0, day = 0] = value.split('-').map(Number);
  return { __class__: 'date', year, month, day };
};

/** @throws Fault ContractBroken naming the field. */
export const fromDecimal = (value: unknown, field: string): DecimalString => {
  const text = (value as Partial<TrytonDecimal> | null)?.decimal;
  if (!isDecimalString(text)) throw new Fault('ContractBroken', `${field}: expected a Decimal`);
  return toDecimalString(decimal(text));
};

const two = (n: number): string => String(n).padStart(2, '0');

/** @returns undefined for null (no date). Datetimes give their date. @throws Fault ContractBroken naming the field. */
export const fromDate = (value: unknown, field: string): string | undefined => {
  if (value === null || value === undefined) return undefined;
  const { year, month, day } = value as Partial<TrytonDate>;
  if (typeof year !== 'number' || typeof month !== 'number' || typeof day !== 'number')
    throw new Fault('ContractBroken', `${field}: expected a date`);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
};
