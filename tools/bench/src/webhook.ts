import { createHmac, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@tieout/local-servers';
import { startTieout } from '@tieout/local';
import type { ImportedTimesheet, SandboxErp } from '@tieout/sandbox';
import type { Cleanup } from './cleanup.js';
import type { BenchConfig } from './config.js';
import { benchBundle } from './feed/bundle.js';
import { percentile, perSecond } from './figures.js';
import { startFirm, type Firm } from './firm.js';
import { peakMemoryMb } from './usage.js';

export interface WebhookFigures {
  /** Webhooks per second that all services together carry to the ERP, from a burst. */
  readonly capacity: number;
  /** Half of that, one entry per webhook, evenly. */
  readonly perSecond: number;
  readonly webhooks: number;
  /** From sending the webhook until the ERP gets the request with that hour, ms. Source and ERP answer at once. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  /** With nothing else to do: what is not queueing. */
  readonly idleP50Ms: number;
  readonly aim: { readonly p99Ms: number };
  readonly memoryMb: Readonly<Record<string, number | null>>;
}

const AIM = { p99Ms: 50 } as const;
const READY_MS = 60_000;
const LIMIT_MS = 120_000;
const BURST = 1_000;
const IDLE = { webhooks: 40, perSecond: 4 } as const;
const SECONDS = { full: 20, quick: 8 } as const;
/** So rarely that every hour comes by its webhook. */
const POLL_SECONDS = 3_600;

/** Webhook in to ERP request out, through all services. */
export const benchWebhook = async (
  config: BenchConfig,
  cleanup: Cleanup,
  say: (text: string) => void,
): Promise<WebhookFigures> => {
  const folder = mkdtempSync(join(tmpdir(), 'tieout-bench-'));
  cleanup.defer(() => Promise.resolve(rmSync(folder, { recursive: true, force: true })));
  const csvFolder = join(folder, 'timesheets');
  mkdirSync(csvFolder);
  const firm = cleanup.add(await startFirm(csvFolder));
  const port = await freePort();
  const tieout = cleanup.add(
    await startTieout({
      dataDir: join(folder, 'tieout'),
      policyDir: benchBundle(join(folder, 'bundle'), { psa: { pollEverySeconds: POLL_SECONDS } }),
      env: { ...firm.env, LOG_LEVEL: 'warn' },
      ports: 'free',
      chosenPorts: { 'time-ingestion': port },
    }),
  );
  await tieout.waitUntilIdle(READY_MS);
  const source = new WebhookSource(firm, `http://127.0.0.1:${port}/webhooks/psa`);
  // Not counted: new processes warm up.
  await source.deliver(BURST / 2, Infinity);
  const burst = await source.deliver(BURST, Infinity);
  const capacity = (BURST * 1_000) / burst.lastMs;
  const rate = Math.max(1, Math.floor(capacity / 2));
  const count = rate * (config.quick ? SECONDS.quick : SECONDS.full);
  await tieout.waitUntilIdle(READY_MS);
  const idle = await source.deliver(IDLE.webhooks, IDLE.perSecond);
  const { latenciesMs } = await source.deliver(count, rate);
  const figures = {
    capacity,
    perSecond: rate,
    webhooks: count,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    mostMs: percentile(latenciesMs, 1),
    idleP50Ms: percentile(idle.latenciesMs, 0.5),
    aim: AIM,
    memoryMb: Object.fromEntries(
      Object.keys(tieout.urls).map((name) => [name, peakMemoryMb(tieout.pidOf(name as never)) ?? null]),
    ),
  };
  say(
    `f: ${count} webhooks at ${perSecond(rate)}: p50 ${figures.p50Ms.toFixed(0)} ms, p99 ${figures.p99Ms.toFixed(0)} ms; idle p50 ${figures.idleP50Ms.toFixed(0)} ms`,
  );
  return figures;
};

interface Delivered {
  readonly latenciesMs: readonly number[];
  /** From the first webhook until the last hour was at the ERP. */
  readonly lastMs: number;
}

/** Puts hours into the PSA and tells of each by a webhook of its own; sees when the ERP gets them. Hours tell the entries apart. */
class WebhookSource {
  readonly #arrivedAt = new Map<string, number>();
  #number = 0;

  constructor(
    private readonly firm: Firm,
    private readonly url: string,
  ) {
    watchArrivals(firm.erp, (quantity) => this.#arrivedAt.set(keyOf(quantity), performance.now()));
  }

  async deliver(count: number, perSecond: number): Promise<Delivered> {
    const sheets = this.firm.take(count).map((sheet) => ({ ...sheet, hours: hoursOf(++this.#number) }));
    this.#arrivedAt.clear();
    const began = performance.now();
    const sentAt = await Promise.all(
      sheets.map(async (sheet, n) => {
        await delay(Math.max(0, began + (n * 1_000) / perSecond - performance.now()));
        return this.#tell(sheet);
      }),
    );
    const deadline = performance.now() + LIMIT_MS;
    while (this.#arrivedAt.size < count) {
      if (performance.now() > deadline) throw new Error(`${this.#arrivedAt.size} of ${count} hours reached the ERP`);
      await delay(20);
    }
    const arrived = sheets.map(({ hours }) => this.#arrivedAt.get(keyOf(hours))!);
    return { latenciesMs: arrived.map((at, n) => at - sentAt[n]!), lastMs: Math.max(...arrived) - began };
  }

  /** @returns when the webhook left */
  async #tell(sheet: ImportedTimesheet): Promise<number> {
    this.firm.psa.timesheets.import([sheet]);
    const body = JSON.stringify({ event: 'timesheets.changed', timesheetIds: [sheet.id] });
    const timestamp = String(Date.now());
    const signature = createHmac('sha256', this.firm.env['PSA_WEBHOOK_SECRET']!).update(`${timestamp}.${body}`).digest('hex');
    const sentAt = performance.now();
    const response = await fetch(this.url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-psa-delivery': randomUUID(),
        'x-psa-timestamp': timestamp,
        'x-psa-signature': `sha256=${signature}`,
      },
    });
    if (!response.ok) throw new Error(`the webhook was answered ${response.status}: ${await response.text()}`);
    return sentAt;
  }
}

/** Each number its own hours, few enough to break no daily limit. */
const hoursOf = (n: number): string => (0.01 + n / 100_000).toFixed(5);
const keyOf = (hours: string): string => Number(hours).toFixed(5);

/** Called for each line when the ERP books it, which with no latency it does as the request comes in. */
const watchArrivals = ({ state }: SandboxErp, arrived: (quantity: string) => void): void => {
  const book = state.book.bind(state);
  state.book = (journal, options) => {
    for (const { quantity } of journal.lines) arrived(quantity);
    return book(journal, options);
  };
};
