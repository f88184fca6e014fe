import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { HELP, readChaosConfig, type ChaosConfig } from './config.js';
import type { Fault } from './fault.js';
import { CALM, FAULTS } from './faults/index.js';
import { failureText, Results, resultsTable, type FaultResult } from './results.js';
import { runFault } from './run-fault.js';
import { CHAOS_FOLDER, Stages } from './stage.js';

const USAGE = 64;
const INTERRUPTED = 130;
const started = performance.now();
const say = (text: string): void => console.log(`[${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s] ${text}`);

const chosen = ({ only }: ChaosConfig): Fault[] =>
  FAULTS.filter(({ id }) => only.length === 0 || only.some((text) => id === text || id.startsWith(`${text}-`)));

const listText = (): string => {
  const width = Math.max(...FAULTS.map(({ id }) => id.length));
  return FAULTS.map(({ id, what, catalogue }) => `${id.padEnd(width)}  ${what}${catalogue ? ` (${catalogue})` : ''}`).join('\n');
};

const runAll = async (faults: readonly Fault[], results: Results, config: ChaosConfig): Promise<void> => {
  const waiting = faults.filter(({ id }) => config.again || results.read(id) === undefined);
  if (waiting.length === 0) return;
  const stages = new Stages(CHAOS_FOLDER, (text) => say(`  ${text}`));
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stages.stop().finally(() => process.exit(INTERRUPTED)));
  say(`${waiting.length} of ${faults.length} faults to run; preparing the demo firm`);
  await stages.prepare();
  for (const [index, fault] of waiting.entries()) {
    say(`${index + 1} of ${waiting.length}: ${fault.id}`);
    const result = await runFault(fault, stages, (text) => say(`  ${text}`));
    results.write(result);
    if (!result.ok) console.log(failureText(result));
    else if (!config.keep) rmSync(join(CHAOS_FOLDER, 'runs', fault.id), { recursive: true, force: true });
  }
};

const main = async (config: ChaosConfig): Promise<number> => {
  const faults = chosen(config);
  if (faults.length === 0) {
    console.error(`no fault is called so; there are:\n${listText()}`);
    return USAGE;
  }
  const results = new Results(CHAOS_FOLDER);
  await runAll(faults, results, config);
  const all = faults.map(({ id }) => results.read(id)).filter((result): result is FaultResult => result !== undefined);
  console.log(`\n${resultsTable(all, results.read(CALM.id))}`);
  for (const result of all.filter(({ ok }) => !ok)) console.log(failureText(result));
  const failed = all.filter(({ ok }) => !ok).length;
  console.log(`${all.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
};

let config: ChaosConfig | undefined;
try {
  config = readChaosConfig(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  process.exitCode = USAGE;
}
if (config?.help) console.log(HELP);
else if (config?.list) console.log(listText());
else if (config)
  process.exitCode = await main(config).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  });
process.exit();
