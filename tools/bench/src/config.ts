import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The checkout: tools/bench/dist/config.js lies three folders below it. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

export const PARTS = [
  'messages',
  'entries',
  'a',
  'b',
  'w',
  'c',
  'd',
  'e',
  'f',
  'audit',
  'verify',
  'evaluate',
  'plan',
  'look-up',
] as const;
export type Part = (typeof PARTS)[number];

export interface BenchConfig {
  readonly rounds: number;
  /** Events per round. */
  readonly events: number;
  /** Entries per ERP latency. */
  readonly entries: number;
  readonly latenciesMs: readonly number[];
  readonly parts: ReadonlySet<Part>;
  /** Smaller rounds and shorter windows: for a look, not for a figure to keep. */
  readonly quick: boolean;
  /** Write a CPU profile of erp-posting per scenario. */
  readonly profile: boolean;
  readonly help: boolean;
}

export const HELP = `npm run bench                     everything, some 30 minutes; prints tables, writes .tieout/bench/<date>.json
npm run bench -- --only a,b       some parts: ${PARTS.join(', ')}
npm run bench -- --quick          smaller rounds, windows of 40 s
npm run bench -- --profile        CPU profiles of erp-posting in .tieout/bench/profiles
npm run bench -- --rounds 5 --events 20000 --entries 5000 --latencies 0,20`;

/** @throws TypeError naming an unknown option, or a value that is wrong. */
export const readBenchConfig = (args: readonly string[]): BenchConfig => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      events: { type: 'string', default: '20000' },
      entries: { type: 'string', default: '5000' },
      latencies: { type: 'string', default: '0,20' },
      only: { type: 'string', default: PARTS.join(',') },
      quick: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  const whole = (name: string, text: string): number => {
    if (!/^\d{1,7}$/.test(text)) throw new TypeError(`--${name} is "${text}": expected whole numbers`);
    return Number(text);
  };
  const known = new Set<string>(PARTS);
  const parts = values.only.split(',');
  if (!parts.every((part): part is Part => known.has(part)))
    throw new TypeError(`--only is "${values.only}": expected some of ${PARTS.join(', ')}`);
  return {
    rounds: whole('rounds', values.rounds ?? (values.quick ? '3' : '5')),
    events: whole('events', values.events),
    entries: whole('entries', values.entries),
    latenciesMs: values.latencies.split(',').map((text) => whole('latencies', text)),
    parts: new Set(parts),
    quick: values.quick,
    profile: values.profile,
    help: values.help,
  };
};

/** What a forked process needs to know; it comes as its first argument. */
export interface ProcessSettings {
  readonly natsUrl: string;
  readonly databaseUrl: string;
}

export const readProcessSettings = (): ProcessSettings => JSON.parse(process.argv[2] ?? '{}') as ProcessSettings;
