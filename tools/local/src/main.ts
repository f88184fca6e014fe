import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HELP, readRunnerConfig, ROOT, type RunnerConfig } from './config.js';
import { startDemoSystems, type DemoSystems } from './demo.js';
import { runOnce } from './once.js';
import { progressLine } from './progress.js';
import { heldTable, openReasons, tieOutTable } from './summary.js';
import { DEFAULT_PORTS, startTieout, type Tieout } from './tieout.js';

const started = performance.now();
const say = (text: string): void => console.log(`[${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s] ${text}`);

/** Ctrl-C and kill both mean: stop everything that was started, in order. */
const untilSignal = (): Promise<void> => new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));

const addresses = (tieout: Tieout, demo: DemoSystems): string =>
  [
    ...Object.entries(tieout.urls).map(([name, url]) => `  ${name.padEnd(22)} ${url}   (API: ${url}/openapi.json)`),
    `  ${'OpenID provider'.padEnd(22)} ${tieout.issuer}`,
    `  ${'sandbox PSA, HR, ERP'.padEnd(22)} ${demo.urls.psa}  ${demo.urls.hr}  ${demo.urls.erp}`,
    `  ${'sandbox payroll, CRM'.padEnd(22)} ${demo.urls.payroll}  ${demo.urls.crm}`,
    `  ${'timesheet files'.padEnd(22)} ${demo.env['CSV_FOLDER']}`,
    `  ${'NATS'.padEnd(22)} ${tieout.natsUrl}`,
    `  ${'logs'.padEnd(22)} ${join(tieout.dataDir, 'logs')}`,
  ].join('\n');

const keepRunning = async (tieout: Tieout, demo: DemoSystems, stopped: Promise<void>): Promise<void> => {
  let running = true;
  void stopped.then(() => (running = false));
  let last = '';
  while (running && (await tieout.progress().catch(() => undefined))?.idle !== true) {
    const line = await tieout.progress().then(progressLine, () => '');
    if (line !== last && line !== '') say((last = line));
    await Promise.race([delay(1000), stopped]);
  }
  if (running) {
    const run = await tieout.reconcile();
    console.log(
      `\n${tieOutTable(run)}\n\n${heldTable(await openReasons(tieout))}\n\nties out: ${run.tiesOut ? 'yes' : 'not yet'}\n`,
    );
    console.log(`${addresses(tieout, demo)}\n\nRunning. Ctrl-C stops everything; the data stays for the next start.`);
  }
  await stopped;
};

const main = async (config: RunnerConfig): Promise<number> => {
  if (config.reset) rmSync(config.dataDir, { recursive: true, force: true });
  const ports = config.once ? 'free' : 'default';
  const stopped = untilSignal();
  const interrupted = stopped.then(() => 'interrupted' as const);
  const stops: (() => Promise<void>)[] = [];
  try {
    if (config.once) return await Promise.race([runOnce({ config, say, stops }), interrupted.then(() => 130)]);
    const demo = await startDemoSystems({
      dataDir: config.dataDir,
      ports,
      webhookUrl: `http://127.0.0.1:${DEFAULT_PORTS['time-ingestion']}/webhooks/psa`,
      say,
    });
    stops.unshift(demo.stop);
    const tieout = await startTieout({
      dataDir: config.dataDir,
      policyDir: join(ROOT, 'deploy/governance/demo'),
      env: demo.env,
      ports,
      say,
    });
    stops.unshift(tieout.stop);
    await keepRunning(tieout, demo, stopped);
    return 0;
  } finally {
    say('stopping');
    for (const stop of stops) await stop();
    say('stopped');
  }
};

let config: RunnerConfig | undefined;
try {
  config = readRunnerConfig(process.argv.slice(2));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  process.exitCode = 64;
}
if (config?.help) console.log(HELP);
else if (config)
  process.exitCode = await main(config).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  });
process.exit();
