import { Cleanup } from './cleanup.js';
import { HELP, readBenchConfig, type BenchConfig } from './config.js';
import { benchEntries } from './entries.js';
import { benchMessages } from './messages.js';
import { entriesTable, LEAST_RATIO, machineLine, messagesTable, writeResult } from './report.js';

const USAGE = 64;
const started = Date.now();
const say = (text: string): void => console.log(`${((Date.now() - started) / 1_000).toFixed(0).padStart(4)} s  ${text}`);

const readConfig = (): BenchConfig | undefined => {
  try {
    return readBenchConfig(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return undefined;
  }
};

const cleanup = new Cleanup();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void cleanup.run().finally(() => process.exit(130)));

/** Each part has the machine to itself. */
const alone = async <T>(part: Promise<T>): Promise<T> => {
  try {
    return await part;
  } finally {
    await cleanup.run();
  }
};

const run = async (config: BenchConfig): Promise<number> => {
  const date = new Date().toISOString();
  const messages = config.only === 'entries' ? undefined : await alone(benchMessages(config, cleanup, say));
  const entries = config.only === 'messages' ? undefined : await alone(benchEntries(config, cleanup, say));
  const file = writeResult({ date, machine: messages?.machine, messages: messages?.figures, entries });
  if (messages) console.log(`\n${machineLine(messages.machine)}\n\n${messagesTable(messages.figures)}`);
  if (entries) console.log(`\n${entriesTable(entries)}`);
  console.log(`\n${file}`);
  if (!messages || messages.figures.median.ratio >= LEAST_RATIO) return 0;
  console.error(`the ratio is ${messages.figures.median.ratio.toFixed(2)}: at least ${LEAST_RATIO} is expected`);
  return 1;
};

const config = readConfig();
if (config?.help) console.log(HELP);
else process.exitCode = config ? await run(config) : USAGE;
