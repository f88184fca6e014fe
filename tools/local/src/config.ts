import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The checkout: tools/local/dist/config.js lies three folders below it. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

export interface RunnerConfig {
  /** Run the job to its end, print the table, exit 0 only if it ties out. */
  readonly once: boolean;
  /** Forget what an earlier run kept. */
  readonly reset: boolean;
  readonly dataDir: string;
  /** After the first tie-out: kill -9 each service while new time comes in, delete the stream TIME, and tie out again. */
  readonly faults: boolean;
  readonly help: boolean;
}

export const HELP = `npm start                    everything on this machine, with the demo firm; Ctrl-C stops it
npm start -- --once          the job to its end: prints the table, exits 0 only if it ties out
npm start -- --reset         begins anew: forgets databases, streams and the demo firm
npm start -- --once --faults kills every service once with kill -9, deletes a stream, and must still tie out
npm start -- --data-dir DIR  keeps everything in DIR instead of .tieout/demo`;

/** @throws TypeError naming an unknown option. */
export const readRunnerConfig = (args: readonly string[]): RunnerConfig => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      reset: { type: 'boolean', default: false },
      faults: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
      'data-dir': { type: 'string', default: join(ROOT, '.tieout', 'demo') },
    },
  });
  return {
    once: values.once,
    reset: values.reset,
    faults: values.faults,
    help: values.help,
    dataDir: resolve(values['data-dir']),
  };
};

/** What child processes inherit: where programs are found, and nothing of this shell's own settings. */
export const inherited = (): Record<string, string> => {
  const kept: Record<string, string> = {};
  for (const name of [
    'PATH',
    'HOME',
    'LANG',
    'TZ',
    'SystemRoot',
    'TEMP',
    'TMPDIR',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'LOG_LEVEL',
  ]) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
};
