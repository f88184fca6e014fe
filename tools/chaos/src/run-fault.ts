import { setTimeout as delay } from 'node:timers/promises';
import type { DemoFirm } from '@tieout/sandbox';
import { failedCheck, none, type Check } from './compare.js';
import type { Fault, World } from './fault.js';
import { measure, type Measures, type Moments } from './measure.js';
import type { FaultResult } from './results.js';
import type { Stages } from './stage.js';
import { verify, type Verdict } from './verify.js';

/** Load before the strike, so that the fault strikes in the middle of work. */
const BEFORE_MS = 5_000;
const STRUCK_WITHIN_MS = 20_000;
/** Load after the healing: it must be taken at once, not only when people go home. */
const AFTER_MS = 4_000;
/** Nothing may take longer to come right again. */
const SETTLE_MS = 150_000;
const LOOK_MS = 50;

/** Until documents are under way at the ERP: a fault in an idle moment shows nothing. */
const untilBusy = async ({ recorder }: World): Promise<void> => {
  const deadline = Date.now() + STRUCK_WITHIN_MS;
  while (!recorder.writes.some(({ endedAt }) => endedAt === undefined)) {
    if (Date.now() > deadline) throw new Error('nothing is being posted: the load does not arrive');
    await delay(LOOK_MS);
  }
};

const runTimeline = async (fault: Fault, world: World): Promise<Moments> => {
  const { load, say } = world;
  await fault.prepare?.(world);
  load.start();
  await delay(BEFORE_MS);
  await untilBusy(world);
  say(`strikes: ${fault.what}`);
  const struckAt = Date.now();
  await fault.strike(world);
  await delay(fault.lastsMs);
  await fault.heal?.(world);
  const healedAt = Date.now();
  say('over');
  await delay(AFTER_MS);
  await load.stop();
  const loadEndedAt = Date.now();
  await fault.afterwards?.(world);
  return { struckAt, healedAt, loadEndedAt };
};

const verifyAll = async (world: World, firm: DemoFirm, also: Fault['also']): Promise<Verdict> => {
  const verdict = await verify(world, firm);
  return { ...verdict, checks: [...verdict.checks, ...((await also?.(world)) ?? [])] };
};

/** Again and again until all is well or the time is up. @returns the last verdict. */
const settle = async ({ also }: Fault, world: World, firm: DemoFirm): Promise<Verdict> => {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    await world.tieout.waitUntilIdle(Math.max(1, deadline - Date.now())).catch((error: unknown) => world.say(String(error)));
    const found = await verifyAll(world, firm, also).catch((error: unknown) => unchecked('the checks can be made', error));
    if (found.checks.every(({ ok }) => ok) || Date.now() > deadline) return found;
    await delay(1_000);
  }
};

const happened = async (fault: Fault, world: World): Promise<Check[]> => {
  if (!fault.fires) return [];
  const { fired } = await world[fault.fires.system].read();
  return [
    none(
      'kinds of the fault that never happened',
      fault.fires.kinds.filter((kind) => !fired[kind]),
    ),
  ];
};

const unchecked = (name: string, error: unknown): Verdict => ({ checks: [failedCheck(name, error)], lost: 0, duplicated: 0 });

/** One fault on a fresh stage, from the first entry to the last check. */
export const runFault = async (fault: Fault, stages: Stages, say: (text: string) => void): Promise<FaultResult> => {
  const startedAt = Date.now();
  let measures: Measures | undefined;
  let verdict: Verdict;
  let counts = { entries: 0, corrections: 0, reversed: 0 };
  try {
    const { world, stop } = await stages.open(fault);
    try {
      const moments = await runTimeline(fault, world);
      const settled = await settle(fault, world, world.load.expectedFirm());
      verdict = { ...settled, checks: [...settled.checks, ...(await happened(fault, world))] };
      measures = measure(world.recorder.writes, moments);
      counts = { entries: world.load.entries, corrections: world.load.corrections, reversed: world.counted.reversed };
    } finally {
      await stop();
    }
  } catch (error) {
    verdict = unchecked('the run itself', error);
  }
  const { id, what, timed = true } = fault;
  const ok = verdict.checks.every((check) => check.ok);
  say(ok ? 'all checks ok' : 'NOT ok');
  return { id, what, timed, ok, ...counts, measures, ...verdict, tookSeconds: Math.round((Date.now() - startedAt) / 1000) };
};
