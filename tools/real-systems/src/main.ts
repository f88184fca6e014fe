import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Checklist } from './checks/checklist.js';
import { OtlpReceiver } from './checks/otlp-receiver.js';
import { TRACE_SPANS } from './checks/trace-check.js';
import { checkConformance } from './conformance.js';
import { checkCuts } from './cuts/cut-report.js';
import { CutPlan } from './cuts/cut-plan.js';
import { CuttingProxy } from './cuts/cutting-proxy.js';
import { readTrytonRequest } from './cuts/tryton-requests.js';
import { readSeed } from './config.js';
import { runPhases, WATCHED_SPANS } from './phases.js';
import { makeScenario } from './scenario/scenario.js';
import { startSystems, type RealSystems } from './systems/start-systems.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const assets = fileURLToPath(new URL('../assets', import.meta.url));
const started = Date.now();
const say = (text: string): void => console.log(`     ${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s  ${text}`);

const list = new Checklist();
const receiver = new OtlpReceiver(new Set([...TRACE_SPANS, ...WATCHED_SPANS]));
let systems: RealSystems | undefined;
let proxy: CuttingProxy | undefined;
const seed = readSeed(process.argv.slice(2));

const stopAll = async (): Promise<void> => {
  await proxy?.stop();
  await systems?.stop();
  await receiver.stop();
};
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    void stopAll().finally(() => process.exit(130));
  });

try {
  const today = new Date().toISOString().slice(0, 10);
  const scenario = makeScenario(today);
  const otlpEndpoint = await receiver.start();
  systems = await startSystems({ folder: join(root, '.tieout/real'), assets, say });
  proxy = new CuttingProxy(systems.tryton.url, new CutPlan(seed), readTrytonRequest);
  const trytonUrl = await proxy.start();
  say(`connections to Tryton are cut, seed ${seed}`);
  const dataDir = join(root, '.tieout/real/tieout');
  rmSync(dataDir, { recursive: true, force: true });
  await runPhases({
    list,
    say,
    scenario,
    today,
    systems,
    proxy,
    trytonUrl,
    receiver,
    otlpEndpoint,
    dataDir,
    policyDir: join(root, 'deploy/governance/real-systems'),
  });
  checkCuts(list, proxy, seed);
  // Last: it leaves documents and entries of its own behind.
  await checkConformance(list, systems, scenario, { root, folder: join(root, '.tieout/real') });
  say('connectors checked');
} catch (error) {
  list.check(
    'the run came to its end',
    false,
    error instanceof Error ? `${error.message}${error.cause instanceof Error ? `: ${error.cause.message}` : ''}` : String(error),
  );
} finally {
  await stopAll();
}
say('done');
console.log(list.summary());
process.exit(list.failed === 0 ? 0 : 1);
