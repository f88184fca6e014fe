import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startTieout } from '@tieout/local';
import type { SandboxErp, SandboxPsa } from '@tieout/sandbox';
import type { Cleanup } from './cleanup.js';
import type { BenchConfig } from './config.js';
import { benchBundle } from './feed/bundle.js';
import { perSecond } from './figures.js';
import { startFirm, type Firm } from './firm.js';

export interface EntryFigures {
  /** What the ERP waits before each answer. */
  readonly erpLatencyMs: number;
  readonly entries: number;
  /** From Tieout's first read of them until the ERP has booked the last. */
  readonly seconds: number;
  readonly perSecond: number;
  readonly journals: number;
}

const WARM_UP = 2_000;
const READY_MS = 60_000;
const LIMIT_MS = 120_000;

/** Source to ERP through all five services, each its own process, on the demo bundle. */
export const benchEntries = async (
  config: BenchConfig,
  cleanup: Cleanup,
  say: (text: string) => void,
): Promise<EntryFigures[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'tieout-bench-'));
  cleanup.defer(() => Promise.resolve(rmSync(folder, { recursive: true, force: true })));
  const csvFolder = join(folder, 'timesheets');
  mkdirSync(csvFolder);
  const firm = cleanup.add(await startFirm(csvFolder));
  const tieout = cleanup.add(
    await startTieout({
      dataDir: join(folder, 'tieout'),
      policyDir: benchBundle(join(folder, 'bundle')),
      env: { ...firm.env, LOG_LEVEL: 'warn' },
      ports: 'free',
    }),
  );
  // Master data first: time that names what nobody knows yet would wait for its grace.
  await tieout.waitUntilIdle(READY_MS);
  // Not counted: five new processes warm up.
  await measure(firm, { entries: WARM_UP, erpLatencyMs: 0 });
  const figures: EntryFigures[] = [];
  for (const erpLatencyMs of config.latenciesMs) {
    await tieout.waitUntilIdle(READY_MS);
    const figure = await measure(firm, { entries: config.entries, erpLatencyMs });
    figures.push(figure);
    say(
      `entries, ERP at ${erpLatencyMs} ms: ${figure.entries} in ${figure.seconds.toFixed(1)} s, ${perSecond(figure.perSecond)}`,
    );
  }
  return figures;
};

const measure = async ({ psa, erp, take }: Firm, what: { entries: number; erpLatencyMs: number }): Promise<EntryFigures> => {
  const sheets = take(what.entries);
  erp.panel.settings.latencyMs = what.erpLatencyMs;
  const booked = watchBooks(erp);
  const read = firstRead(psa);
  psa.timesheets.import(sheets);
  const began = await read;
  const deadline = performance.now() + LIMIT_MS;
  while (booked().lines < what.entries) {
    if (performance.now() > deadline)
      throw new Error(`${booked().lines} of ${what.entries} entries in the ERP after ${LIMIT_MS / 1_000} s`);
    await delay(5);
  }
  const seconds = (performance.now() - began) / 1_000;
  const { lines, references, journals } = booked();
  if (lines !== what.entries || references !== what.entries)
    throw new Error(`expected ${what.entries} lines in the ERP, found ${lines}, of which ${references} differ`);
  return { ...what, seconds, perSecond: what.entries / seconds, journals };
};

/** When the PSA is next asked for changes, and has some. */
const firstRead = ({ timesheets }: SandboxPsa): Promise<number> => {
  const changes = timesheets.changes.bind(timesheets);
  return new Promise((resolve) => {
    timesheets.changes = (after, limit) => {
      const page = changes(after, limit);
      if (page.entries.some(({ seq }) => seq > after)) {
        timesheets.changes = changes;
        resolve(performance.now());
      }
      return page;
    };
  });
};

/** What the ERP's own books hold beyond what they hold now. */
const watchBooks = ({ state }: SandboxErp): (() => { lines: number; references: number; journals: number }) => {
  const before = state.journals.size;
  return () => {
    const journals = [...state.journals.values()].slice(before);
    const lines = journals.flatMap((journal) => journal.lines);
    return { lines: lines.length, references: new Set(lines.map(({ lineRef }) => lineRef)).size, journals: journals.length };
  };
};
