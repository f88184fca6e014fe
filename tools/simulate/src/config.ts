import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The checkout: tools/simulate/dist/config.js lies three folders below it. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

export interface SimulateConfig {
  readonly seeds: number;
  readonly from: number;
  /** Takes the place of `seeds`: as many as fit. */
  readonly minutes: number | undefined;
  readonly workers: number;
  readonly planted: boolean;
  readonly seed: number | undefined;
  readonly story: boolean;
  /** Of --seed: with this planted bug. */
  readonly bug: string | undefined;
  readonly help: boolean;
}

export const HELP = `npm run simulate                             2,000 seeds
npm run simulate -- --seeds 20000 --from 1   those seeds; fails when one of them breaks an invariant
npm run simulate -- --minutes 60             as many seeds as fit
npm run simulate -- --planted                finds each planted bug, or fails
npm run simulate -- --seed 7 --story         what happens in one seed; with --bug NAME, with that bug
  --workers N                                default: one for each core`;

/** @throws TypeError naming an unknown option, or a value that is wrong. */
export const readSimulateConfig = (args: readonly string[]): SimulateConfig => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      from: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      workers: { type: 'string', default: String(availableParallelism()) },
      planted: { type: 'boolean', default: false },
      seed: { type: 'string' },
      story: { type: 'boolean', default: false },
      bug: { type: 'string' },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  const whole = (name: string, text: string): number => {
    if (!/^\d{1,9}$/.test(text)) throw new TypeError(`--${name} is "${text}": expected a whole number`);
    return Number(text);
  };
  const optional = (name: string, text: string | undefined): number | undefined =>
    text === undefined ? undefined : whole(name, text);
  const workers = whole('workers', values.workers);
  if (workers < 1) throw new TypeError('--workers is 0: expected at least 1');
  const { planted, story, bug, help } = values;
  return {
    seeds: optional('seeds', values.seeds) ?? (planted ? 1_000 : 2_000),
    from: whole('from', values.from),
    minutes: optional('minutes', values.minutes),
    workers,
    planted,
    seed: optional('seed', values.seed),
    story,
    bug,
    help,
  };
};
