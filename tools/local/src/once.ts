import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { demoFirm, loadedDemoFirm, verifyDemoFirm } from '@tieout/sandbox';
import { freePort } from '@tieout/local-servers';
import { ROOT, type RunnerConfig } from './config.js';
import { startDemoSystems, type DemoSystems } from './demo.js';
import { ERP_LATENCY_MS, injectFaults } from './faults.js';
import { checkGovernance, type GovernanceCheck } from './governance-checks.js';
import { signPayRuns, type SignedRun } from './pay-run.js';
import { progressLine } from './progress.js';
import { heldTable, openReasons, tieOutTable, type OpenReason } from './summary.js';
import type { ReconciliationResult } from './operate.js';
import { startTieout, type Tieout } from './tieout.js';

const DONE_MS = 300_000;
export interface OnceOptions {
  readonly config: RunnerConfig;
  readonly say: (text: string) => void;
  /** Where what was started is left to be stopped, the latest first. */
  readonly stops: (() => Promise<void>)[];
}

/** The job to its end: 0 only if reconciliation ties out and the ERP's own books hold exactly what the demo firm expects. */
export const runOnce = async ({ config, say, stops }: OnceOptions): Promise<number> => {
  // The PSA must know where its webhooks go before the service is there; what it sends too early, the next poll finds.
  const webhookPort = await freePort();
  const webhookUrl = `http://127.0.0.1:${webhookPort}/webhooks/psa`;
  const demo = await startDemoSystems({
    dataDir: config.dataDir,
    ports: 'free',
    webhookUrl,
    erpLatencyMs: config.faults ? ERP_LATENCY_MS : 0,
    say,
  });
  stops.unshift(demo.stop);
  const tieout = await startTieout({
    dataDir: config.dataDir,
    policyDir: join(ROOT, 'deploy/governance/demo'),
    env: demo.env,
    ports: 'free',
    chosenPorts: { 'time-ingestion': webhookPort },
    say,
  });
  stops.unshift(tieout.stop);
  if (config.faults) await injectFaults(tieout, say);
  await untilTiesOut(tieout, say);
  const governance = await checkGovernance(tieout, say);
  const run = await untilTiesOut(tieout, say);
  const payRuns = await signPayRuns(tieout, say);
  const reasons = await openReasons(tieout);
  console.log(`\n${tieOutTable(run)}\n\n${heldTable(reasons)}\n`);
  for (const { text } of payRuns) console.log(text);
  const failed = await report(tieout, demo, run, { payRuns, governance });
  return failed === 0 ? 0 : 1;
};

const untilTiesOut = async (tieout: Tieout, say: (text: string) => void): Promise<ReconciliationResult> => {
  const deadline = Date.now() + DONE_MS;
  let last = '';
  for (;;) {
    const progress = await tieout.progress().catch(() => undefined);
    const line = progress === undefined ? '' : progressLine(progress);
    if (line !== '' && line !== last) say((last = line));
    if (progress?.idle === true) {
      // The service may be on its way up again after a fault.
      const run = await tieout.reconcile().catch((error: unknown) => say(`reconciliation cannot be asked: ${String(error)}`));
      if (run && (run.tiesOut || Date.now() > deadline)) return run;
      if (run) say(`does not tie out yet: ${whyNot(run)}`);
    }
    if (Date.now() > deadline) return tieout.reconcile();
    await delay(1000);
  }
};

const itemsByReason = (reasons: readonly OpenReason[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { reason, items } of reasons) sums[reason] = (sums[reason] ?? 0) + items;
  return sums;
};

const whyNot = (run: ReconciliationResult): string =>
  run.failure ??
  run.lines.map((l) => `${l.legalEntityId}: ${l.inFlight.count} in flight, ${l.differences} differences`).join('; ');

/** Prints one line per check and the totals. @returns how many failed. */
const report = async (
  tieout: Tieout,
  demo: DemoSystems,
  run: ReconciliationResult,
  { payRuns, governance }: { payRuns: readonly SignedRun[]; governance: readonly GovernanceCheck[] },
): Promise<number> => {
  const paid = payRuns.filter(({ acknowledged }) => acknowledged).length;
  const checks = [
    ...governance,
    { name: 'pay runs that payroll acknowledged', expected: payRuns.length, found: paid, ok: paid === payRuns.length },
    { name: 'reconciliation ties out', expected: 'yes', found: run.tiesOut ? 'yes' : 'no', ok: run.tiesOut },
    ...(await verifyDemoFirm({
      firm: (await loadedDemoFirm(demo.env['CSV_FOLDER']!)) ?? demoFirm({ today: demo.today }),
      erpUrl: demo.urls.erp,
      erpKey: demo.secrets.readKey,
      psa: { url: demo.urls.psa, key: demo.secrets.readKey },
      openCasesByReason: itemsByReason(await openReasons(tieout)),
    })),
  ];
  for (const { name, expected, found, ok } of checks)
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name}: expected ${expected}, found ${found}`);
  const failed = checks.filter(({ ok }) => !ok).length;
  console.log(`${checks.length - failed} passed, ${failed} failed`);
  return failed;
};
