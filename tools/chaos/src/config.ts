import { parseArgs } from 'node:util';

export const HELP = `npm run chaos                    every fault that has no result yet, then the table of all
npm run chaos -- --list          the faults
npm run chaos -- --only a,b      these faults (a name, or the beginning of several)
npm run chaos -- --again         forgets earlier results of the faults that it runs
npm run chaos -- --keep          keeps the folder of every run, also of those that went well`;

export interface ChaosConfig {
  readonly only: readonly string[];
  readonly again: boolean;
  readonly keep: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

/** @throws TypeError naming an unknown option. */
export const readChaosConfig = (args: readonly string[]): ChaosConfig => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      again: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  const { again, keep, list, help } = values;
  return { only: values.only.flatMap((text) => text.split(',')).filter((text) => text !== ''), again, keep, list, help };
};
