import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The checkout: tools/bench/dist/config.js lies three folders below it. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

export interface BenchConfig {
  readonly rounds: number;
  /** Events per round. */
  readonly events: number;
  /** Entries per ERP latency. */
  readonly entries: number;
  readonly latenciesMs: readonly number[];
  readonly only: 'all' | 'messages' | 'entries';
  readonly help: boolean;
}

export const HELP = `npm run bench                     messages and entries; prints a table, writes .tieout/bench/<date>.json
npm run bench -- --only messages  only publishing, and outbox to committed rows
npm run bench -- --only entries   only source to ERP, through all services
npm run bench -- --rounds 5 --events 20000 --entries 5000 --latencies 0,20`;

/** @throws TypeError naming an unknown option, or a value that is wrong. */
export const readBenchConfig = (args: readonly string[]): BenchConfig => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      events: { type: 'string', default: '20000' },
      entries: { type: 'string', default: '5000' },
      latencies: { type: 'string', default: '0,20' },
      only: { type: 'string', default: 'all' },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  const whole = (name: string, text: string): number => {
    if (!/^\d{1,7}$/.test(text)) throw new TypeError(`--${name} is "${text}": expected whole numbers`);
    return Number(text);
  };
  const { only } = values;
  if (only !== 'all' && only !== 'messages' && only !== 'entries')
    throw new TypeError(`--only is "${only}": expected all, messages or entries`);
  return {
    rounds: whole('rounds', values.rounds),
    events: whole('events', values.events),
    entries: whole('entries', values.entries),
    latenciesMs: values.latencies.split(',').map((text) => whole('latencies', text)),
    only,
    help: values.help,
  };
};

/** What a forked process needs to know; it comes as its first argument. */
export interface ProcessSettings {
  readonly natsUrl: string;
  readonly databaseUrl: string;
}

export const readProcessSettings = (): ProcessSettings => JSON.parse(process.argv[2] ?? '{}') as ProcessSettings;
