import { parseArgs } from 'node:util';

/** `--seed N`: cut the connections as that run did; without it, another run each time. @throws TypeError for other arguments. */
export const readSeed = (args: readonly string[]): number => {
  const { seed } = parseArgs({ args: [...args], options: { seed: { type: 'string' } } }).values;
  if (seed === undefined) return Math.floor(Math.random() * 2 ** 31);
  if (!/^\d{1,9}$/.test(seed)) throw new TypeError(`--seed is "${seed}": expected a whole number`);
  return Number(seed);
};
