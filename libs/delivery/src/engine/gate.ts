import { addDecimals, decimal, toDecimalString, type CurrencyCode, type DecimalString } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { LineContent } from '../domain/ledger.js';

/** How much a command touches: what would be booked, reversed or taken in, whatever its sign. */
export interface CommandSize {
  readonly lines: number;
  readonly hours: DecimalString;
  readonly amounts: Readonly<Record<CurrencyCode, DecimalString>>;
}

/** Asked once, before anything is written, in the transaction of the change where there is one. @throws what refuses the command */
export type Gate = (tx: Tx, size: CommandSize) => Promise<void>;

/** For whoever has asked already. */
export const ungated: Gate = async () => undefined;

const magnitude = (value: DecimalString): DecimalString => toDecimalString(decimal(value).abs());

export const sizeOf = (lines: readonly Pick<LineContent, 'hours' | 'amount' | 'currency'>[]): CommandSize => ({
  lines: lines.length,
  hours: addDecimals(lines.map(({ hours }) => magnitude(hours))),
  amounts: Object.fromEntries(
    [...Map.groupBy(lines, ({ currency }) => currency)].map(([currency, some]) => [
      currency,
      addDecimals(some.map(({ amount }) => magnitude(amount))),
    ]),
  ),
});
