import { setTimeout as delay } from 'node:timers/promises';
import type { StackProgress } from './progress.js';
import type { ServiceName } from './services.js';

const CALL_MS = 15_000;
const RUN_MS = 120_000;

export interface TotalsView {
  readonly count: number;
  readonly hours: string;
  readonly amounts: Readonly<Record<string, string>>;
}

export interface ReconciliationResult {
  readonly runId: string;
  readonly completedAt: string;
  readonly tiesOut: boolean;
  readonly failure: string | null;
  readonly lines: readonly {
    readonly legalEntityId: string;
    readonly destination: string;
    readonly approved: TotalsView;
    readonly posted: TotalsView;
    readonly inFlight: TotalsView;
    readonly held: TotalsView;
    readonly differences: number;
  }[];
}

/** A service's no, in its own words. */
export class Refused extends Error {
  constructor(
    what: string,
    readonly status: number,
    text: string,
  ) {
    super(`${what}: ${status} ${text}`);
    this.body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
  }
  readonly body: Readonly<Record<string, unknown>>;

  get code(): unknown {
    return this.body['code'];
  }
}

/** GET or POST with a token. @throws Refused with the problem's text unless 2xx. */
export type Call = <T>(service: ServiceName, method: 'GET' | 'POST', path: string, body?: unknown) => Promise<T>;

export const caller =
  (urls: Readonly<Record<string, string>>, token: () => Promise<string>): Call =>
  async <T>(service: ServiceName, method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${urls[service]}${path}`, {
      method,
      headers: { authorization: `Bearer ${await token()}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new Refused(`${method} ${service}${path}`, response.status, text);
    return JSON.parse(text) as T;
  };

/** @throws Error naming the first that is not ready in time, and what it lacks. */
export const untilReady = async (replicas: readonly { name: string; url: string }[], timeoutMs: number): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  for (const { name, url } of replicas) {
    for (;;) {
      const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
      if (answer?.ok) break;
      if (Date.now() > deadline)
        throw new Error(
          `${name} at ${url} is not ready after ${timeoutMs / 1000} s: ${answer ? await answer.text() : 'no answer'}`,
        );
      await delay(200);
    }
  }
};

export const waitUntilIdle = async (progress: () => Promise<StackProgress>, timeoutMs: number): Promise<void> => {
  const deadline = Date.now() + timeoutMs;
  let last: StackProgress | undefined;
  for (let quiet = 0; quiet < 2;) {
    if (Date.now() > deadline) throw new Error(`not idle after ${timeoutMs / 1000} s: ${JSON.stringify(last)}`);
    last = await progress().catch(() => undefined);
    quiet = last?.idle === true ? quiet + 1 : 0;
    await delay(500);
  }
};

export const reconcile = async (call: Call): Promise<ReconciliationResult> => {
  const latest = async () => (await call<{ items: ReconciliationResult[] }>('reconciliation', 'GET', '/runs')).items[0];
  const deadline = Date.now() + RUN_MS;
  const before = (await latest())?.runId;
  // A run that was under way when we asked has read too early: wait for one that began afterwards.
  while (!(await call<{ accepted: boolean }>('reconciliation', 'POST', '/runs', {})).accepted) {
    if (Date.now() > deadline) throw new Error('another reconciliation run does not end');
    await delay(300);
  }
  for (;;) {
    const run = await latest();
    if (run !== undefined && run.runId !== before) return run;
    if (Date.now() > deadline) throw new Error(`no reconciliation result within ${RUN_MS / 1000} s`);
    await delay(300);
  }
};
