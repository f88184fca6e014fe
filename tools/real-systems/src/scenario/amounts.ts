import type { Person } from './scenario.js';

/** The price on a day: the last one that had begun. */
const priceOn = (person: Person, date: string): string => {
  const price = person.prices.filter((one) => one.from <= date).at(-1)?.price;
  if (price === undefined) throw new Error(`${person.code} has no price on ${date}`);
  return price;
};

const tenThousandths = (price: string): bigint => {
  const [whole = '0', fraction = ''] = price.split('.');
  return BigInt(whole + fraction.padEnd(4, '0'));
};

/** Hours times price in cents, half a cent rounded up, in whole numbers: calculated apart from Tieout's own way. */
export const costCents = (person: Person, date: string, hundredths: number): bigint => {
  const exact = BigInt(hundredths) * tenThousandths(priceOn(person, date));
  const perCent = 10_000n;
  return (exact + perCent / 2n) / perCent;
};

export const decimalOf = (hundredths: bigint | number): string => {
  const value = BigInt(hundredths);
  const digits = (value < 0n ? -value : value).toString().padStart(3, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** Hundredths of a plain decimal with at most two places. */
export const hundredthsOf = (text: string): bigint => {
  const match = /^(-?)(\d+)(?:\.(\d{1,2})0*)?$/.exec(text);
  if (!match) throw new Error(`expected a decimal with two places, found ${JSON.stringify(text)}`);
  const value = BigInt(match[2]! + (match[3] ?? '').padEnd(2, '0'));
  return match[1] === '-' ? -value : value;
};
