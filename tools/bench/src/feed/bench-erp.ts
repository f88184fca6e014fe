import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../config.js';

/** What the ERP's panel can be told here; the rest stays as it is. */
export interface ErpSettings {
  readonly latencyMs: number;
  readonly latencyPerLineMs: number;
  readonly ratePerSecond: number;
  readonly concurrency: number;
}
export const UNLIMITED: ErpSettings = { latencyMs: 0, latencyPerLineMs: 0, ratePerSecond: 0, concurrency: 0 };

/** What the ERP itself saw since its start. */
export interface ErpCounts {
  readonly requests: number;
  /** Refused because of a limit. */
  readonly limited: number;
  readonly running: number;
  readonly mostAtOnce: number;
}

export interface BookedLine {
  readonly journalNo: string;
  readonly lineRef: string;
}

/** The sandbox ERP in a process of its own. Its panel is outside its limits. */
export interface BenchErp {
  readonly url: string;
  readonly key: string;
  readonly pid: number | undefined;
  set(settings: Partial<ErpSettings>): Promise<void>;
  counts(): Promise<ErpCounts>;
  /** Answers 503 to everything until `recover`. */
  fail(): Promise<void>;
  recover(): Promise<void>;
  put(path: string, body: unknown): Promise<void>;
  /** Everything in its books. Limits and latency should be off. */
  lines(): Promise<BookedLine[]>;
  stop(): Promise<void>;
}

const KEY = 'erp-key';
const PANEL_TOKEN = 'bench';
const PAGE = 1_000;

export const startErp = async (): Promise<BenchErp> => {
  const child = spawn(process.execPath, [join(ROOT, 'tools/sandbox/dist/erp.js')], {
    env: { SANDBOX_KEY: KEY, SANDBOX_PANEL_TOKEN: PANEL_TOKEN },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const first = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(([code]) => Promise.reject(new Error(`the sandbox ERP ended with ${String(code)}`))),
  ]);
  const { url } = JSON.parse(String(first[0])) as { url: string };
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${KEY}`, 'x-panel-token': PANEL_TOKEN, ...(body !== undefined && JSON_BODY) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const panel = async (body: unknown): Promise<void> => void (await call('POST', '/_panel', body));
  return {
    url,
    key: KEY,
    pid: child.pid,
    set: (settings) => panel({ settings }),
    counts: () => call<ErpCounts>('GET', '/_panel'),
    fail: () => panel({ faults: [{ kind: 'unavailable', times: 0 }] }),
    recover: () => panel({ clear: true }),
    put: async (path, body) => void (await call('PUT', path, body)),
    lines: async () => {
      const all: BookedLine[] = [];
      for (let after: string | null = '0:0'; after !== null;) {
        const page: { items: BookedLine[]; next: string | null } = await call(
          'GET',
          `/journal-lines?limit=${PAGE}&after=${after}`,
        );
        all.push(...page.items);
        after = page.next;
      }
      return all;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};

const JSON_BODY = { 'content-type': 'application/json' };
