import { startNats, startPostgres } from '@tieout/local-servers';
import { NatsLink } from '@tieout/messaging';
import { Database } from '@tieout/persistence';
import { benchAuditCost } from './audit/audit-cost.js';
import { benchVerify } from './audit/verify.js';
import { Cleanup } from './cleanup.js';
import { HELP, readBenchConfig, type BenchConfig } from './config.js';
import { benchEntries } from './entries.js';
import { ALLOWANCES, benchAllowance, type AllowanceFigures } from './feed/allowance.js';
import { benchOpening } from './feed/opening.js';
import { benchThroughput, OPENING, THROUGHPUT, type ThroughputFigures } from './feed/throughput.js';
import { benchEvaluate } from './evaluate.js';
import { describeMachine, type Machine } from './machine.js';
import { benchLookUp } from './look-up.js';
import { benchMessages } from './messages.js';
import { benchPlan } from './plan.js';
import {
  aimsTable,
  auditTable,
  cpuTable,
  entriesTable,
  LEAST_RATIO,
  lookUpTable,
  machineLine,
  memoryTable,
  messagesTable,
  policyTable,
  writeResult,
} from './report.js';
import { benchWebhook } from './webhook.js';

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

const describe = async (): Promise<Machine> => {
  const postgres = cleanup.add(await startPostgres());
  const nats = cleanup.add(await startNats());
  const database = new Database({ url: postgres.url });
  cleanup.defer(() => database.close());
  const link = new NatsLink({ servers: nats.url, name: 'bench' });
  await link.connect();
  cleanup.defer(() => link.close());
  return describeMachine(database, link.nc.info?.version ?? 'unknown');
};

const run = async (config: BenchConfig): Promise<number> => {
  const { parts, quick } = config;
  const date = new Date().toISOString();
  const machine = await alone(describe());
  const messages = parts.has('messages') ? await alone(benchMessages(config, cleanup, say)) : undefined;
  const entries = parts.has('entries') ? await alone(benchEntries(config, cleanup, say)) : undefined;
  const throughput: ThroughputFigures[] = [];
  for (const scenario of THROUGHPUT.filter(({ part }) => parts.has(part)))
    throughput.push(await alone(benchThroughput(scenario, config, cleanup, say)));
  if (parts.has('w')) throughput.push(await alone(benchOpening(OPENING, config, cleanup, say)));
  const allowance: AllowanceFigures[] = [];
  for (const scenario of ALLOWANCES.filter(({ part }) => parts.has(part)))
    allowance.push(await alone(benchAllowance(scenario, config, cleanup, say)));
  const webhook = parts.has('f') ? await alone(benchWebhook(config, cleanup, say)) : undefined;
  const audit = parts.has('audit') ? await alone(benchAuditCost(config, cleanup, say)) : undefined;
  const verify = parts.has('verify') ? await alone(benchVerify(config, say)) : undefined;
  const evaluate = parts.has('evaluate') ? await alone(benchEvaluate(config, say)) : undefined;
  const plan = parts.has('plan') ? await alone(benchPlan(config, cleanup, say)) : undefined;
  const lookUp = parts.has('look-up') ? await alone(benchLookUp(config, cleanup, say)) : undefined;
  const result = {
    date,
    quick,
    machine,
    ...(messages && { messages }),
    ...(entries && { entries }),
    throughput,
    allowance,
    ...(webhook && { webhook }),
    ...(audit && { audit }),
    ...(verify && { verify }),
    ...(evaluate && { evaluate }),
    ...(plan && { plan }),
    ...(lookUp && { lookUp }),
  };
  const file = writeResult(result);
  console.log(`\n${machineLine(machine)}`);
  if (messages) console.log(`\n${messagesTable(messages)}`);
  if (entries) console.log(`\n${entriesTable(entries)}`);
  if (throughput.length + allowance.length > 0 || webhook) console.log(`\n${aimsTable(result)}\n\n${memoryTable(result)}`);
  if (throughput.length > 0) console.log(`\n${cpuTable(throughput)}`);
  if (audit || verify) console.log(`\n${auditTable(result)}`);
  if (evaluate || plan) console.log(`\n${policyTable(result)}`);
  if (lookUp) console.log(`\n${lookUpTable(lookUp)}`);
  console.log(`\n${file}`);
  if (!messages || messages.median.ratio >= LEAST_RATIO) return 0;
  console.error(`the ratio is ${messages.median.ratio.toFixed(2)}: at least ${LEAST_RATIO} is expected`);
  return 1;
};

const config = readConfig();
if (config?.help) console.log(HELP);
else process.exitCode = config ? await run(config) : USAGE;
