import type { FaultRule, PanelSettings } from '@tieout/sandbox';

const TIMEOUT_MS = 30_000;

type Headers = Readonly<Record<string, string>>;

/** One sandbox system over its own HTTP. @throws Error with its answer unless 2xx. */
export const callSystem = async <T>(url: string, headers: Headers, method: string, path: string, body?: unknown): Promise<T> => {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
};

export interface PanelView {
  readonly settings: PanelSettings;
  readonly fired: Readonly<Record<string, number>>;
  readonly mostAtOnce: number;
}

/** The switches of one sandbox system. */
export class PanelClient {
  readonly #headers: Headers;
  constructor(
    private readonly url: string,
    token: string,
  ) {
    this.#headers = { 'x-panel-token': token };
  }
  arm(...faults: FaultRule[]): Promise<PanelView> {
    return this.#post({ faults });
  }
  set(settings: Partial<PanelSettings>): Promise<PanelView> {
    return this.#post({ settings });
  }
  clear(): Promise<PanelView> {
    return this.#post({ clear: true });
  }
  /** Changes or removes a booked line past all rules, as somebody in the ERP may. */
  tamper(journalNo: string, lineRef: string, change: { quantity: string; value: string } | null): Promise<PanelView> {
    return this.#post({ tamper: { journalNo, lineRef, change } });
  }
  read(): Promise<PanelView> {
    return callSystem(this.url, this.#headers, 'GET', '/_panel');
  }
  #post(body: unknown): Promise<PanelView> {
    return callSystem(this.url, this.#headers, 'POST', '/_panel', body);
  }
}
