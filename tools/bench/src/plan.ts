import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { COMMANDS, QUESTIONS, type PolicyPlanAnswerV1, type PolicyPlanReportV1 } from '@tieout/contracts';
import type { Cleanup } from './cleanup.js';
import { ROOT, type BenchConfig } from './config.js';
import { DAYS, masterData, subjects } from './evaluate/firm-data.js';
import { bundleTexts } from './evaluate/time-ingestion.js';
import { percentile } from './figures.js';
import { putEntries, putMaster } from './plan/entry-rows.js';
import { startPlanBed, type PlanBed } from './plan/plan-bed.js';
import { cpuMs } from './usage.js';

export interface PlanFigures {
  readonly entries: number;
  readonly masterObjects: number;
  /** From the command until the report is there. */
  readonly seconds: number;
  readonly changed: number;
  /** Processor time of time-ingestion, s; null where the system does not tell. */
  readonly cpuSeconds: number | null;
  /** What /health/live took meanwhile, ms: whether the service still lives for others. */
  readonly healthMs: { readonly p50: number; readonly p99: number; readonly most: number };
  readonly aimSeconds: number;
}

const ENTRIES = 100_000;
const AIM_SECONDS = 120;
const LIMIT_MS = 600_000;
const HEALTH_EVERY_MS = 25;

/** A plan over entries in PostgreSQL, by the running service; master data with 100,000 tasks. */
export const benchPlan = async (config: BenchConfig, cleanup: Cleanup, say: (text: string) => void): Promise<PlanFigures> => {
  const nowMs = Date.now();
  const objects = masterData(nowMs);
  const count = config.quick ? ENTRIES / 4 : ENTRIES;
  const bed = await startPlanBed(
    async (database) => {
      await putMaster(database, objects);
      await putEntries(database, subjects(count, nowMs));
      await database.query('analyze');
    },
    config.profile,
    cleanup,
  );
  const health = watchHealth(bed.url);
  const cpuBefore = cpuMs(bed.process.pid);
  const began = performance.now();
  const report = await plan(bed).finally(() => health.stop());
  const seconds = (performance.now() - began) / 1_000;
  const cpuAfter = cpuMs(bed.process.pid);
  if (report.entries !== count) throw new Error(`the plan looked at ${report.entries} entries instead of ${count}`);
  say(`plan: ${count} entries in ${seconds.toFixed(1)} s`);
  return {
    entries: count,
    masterObjects: objects.length,
    seconds,
    changed: count - report.legalEntities.reduce((sum, { unchanged }) => sum + unchanged, 0),
    cpuSeconds: cpuBefore === undefined || cpuAfter === undefined ? null : (cpuAfter - cpuBefore) / 1_000,
    healthMs: health.figures(),
    aimSeconds: AIM_SECONDS,
  };
};

/** Shorter entries and another account for overhead: some four in ten entries change in some way. */
const candidate = () => {
  const texts = bundleTexts(join(ROOT, 'deploy/governance/demo'));
  const change = (file: string, from: RegExp, to: string): void => {
    const text = texts[file]!.replace(from, to);
    if (text === texts[file])
      throw new Error(`the demo bundle's ${file} is not what the bench expects: nothing matches ${String(from)}`);
    texts[file] = text;
  };
  change('validation.yaml', /max: 24/, 'max: 4');
  change('accounts.yaml', /- account: 6100 # Indirect/, '- account: 6150 # Indirect');
  return Object.entries(texts).map(([name, text]) => ({ name, text }));
};

const plan = async ({ questions }: PlanBed): Promise<PolicyPlanReportV1> => {
  const planId = randomUUID();
  await questions.command(COMMANDS.planPolicy, { planId, files: candidate(), days: DAYS, actor: 'service:bench' });
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const answer = await questions.ask<PolicyPlanAnswerV1>(QUESTIONS.policyPlan, { planId }, 30_000);
    if (answer.report) return answer.report;
    if (answer.state !== 'running' || Date.now() > deadline)
      throw new Error(`the plan is ${answer.state} at ${answer.done} of ${answer.total}: ${answer.problem ?? ''}`);
    await delay(50);
  }
};

const watchHealth = (url: string) => {
  const times: number[] = [];
  let stopped = false;
  const watch = async (): Promise<void> => {
    while (!stopped) {
      const began = performance.now();
      const answer = await fetch(`${url}/health/live`);
      await answer.arrayBuffer();
      times.push(performance.now() - began);
      await delay(HEALTH_EVERY_MS);
    }
  };
  const done = watch();
  return {
    stop: async () => {
      stopped = true;
      await done;
    },
    figures: () => ({ p50: percentile(times, 0.5), p99: percentile(times, 0.99), most: Math.max(...times) }),
  };
};
