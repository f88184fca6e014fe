import type { ErpLine, NewJournal, SandboxErp } from '../src/index.js';

export const line = (lineRef: string, more: Partial<ErpLine> = {}): ErpLine => ({
  lineRef,
  account: '1',
  offsetAccount: '2',
  employee: 'E1',
  project: 'P1',
  serviceDate: '2026-11-20',
  quantity: '7.5',
  value: '100.10',
  ...more,
});

export const journal = (
  reference: string,
  lines: readonly ErpLine[] = [line('L1')],
  more: Partial<NewJournal> = {},
): NewJournal => ({
  reference,
  company: 'DE01',
  period: '2026-11',
  journalDate: '2026-11-20',
  currency: 'EUR',
  lines,
  ...more,
});

/** Company and an open November. */
export const furnish = ({ state }: SandboxErp): void => {
  state.putCompany('DE01', 'EUR');
  state.putPeriod({ company: 'DE01', name: '2026-11', from: '2026-11-01', to: '2026-11-30', state: 'open' });
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}
export type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

/** @throws TypeError when the connection is cut. */
export const callerOf =
  (erp: SandboxErp): Call =>
  async (method, path, body, headers = {}) => {
    const response = await fetch(`${erp.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${erp.key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) };
  };

export const itemsOf = ({ body }: Answer): Record<string, unknown>[] => body['items'] as Record<string, unknown>[];
