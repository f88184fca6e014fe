import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const DIST = new URL('../dist/', import.meta.url).pathname;

describe('a sandbox system as a process', () => {
  let folder: string;
  const children: ChildProcess[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tieout-sandbox-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  const start = async (entry: string, env: Record<string, string> = {}): Promise<{ child: ChildProcess; url: string }> => {
    const child = spawn(process.execPath, [join(DIST, entry)], {
      env: { ...process.env, SANDBOX_PORT: '0', SANDBOX_DATA: join(folder, 'state.jsonl'), ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
    return { child, url: (JSON.parse(line) as { url: string }).url };
  };
  const killed = async (child: ChildProcess): Promise<void> => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const call = async (
    url: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: 'Bearer erp-key', 'x-psa-key': 'psa-key', 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it('the ERP answers truthfully after kill -9, keys and closed periods included', async () => {
    const first = await start('erp.js');
    await call(first.url, 'PUT', '/companies/DE01', { currency: 'EUR' });
    await call(first.url, 'PUT', '/accounting-periods/DE01/2026-11', { from: '2026-11-01', to: '2026-11-30', state: 'open' });
    const line = {
      lineRef: 'L1',
      account: '1',
      offsetAccount: '2',
      employee: 'E1',
      project: 'P1',
      serviceDate: '2026-11-20',
      quantity: '7.5',
      value: '100.10',
    };
    const journal = {
      reference: 'R1',
      company: 'DE01',
      period: '2026-11',
      journalDate: '2026-11-20',
      currency: 'EUR',
      lines: [line],
    };
    const posted = await call(first.url, 'POST', '/journals', journal, { 'idempotency-key': 'K1' });
    expect(posted.status).toBe(201);
    await killed(first.child);

    const second = await start('erp.js');
    const again = await call(second.url, 'POST', '/journals', journal, { 'idempotency-key': 'K1' });
    expect(again).toEqual(posted);
    expect((await call(second.url, 'GET', '/journals?reference=R1')).body['items']).toHaveLength(1);
    const { body } = await call(second.url, 'GET', `/journals?ids=${String(posted.body['journalNo'])}`);
    expect(body['items']).toMatchObject([{ reference: 'R1', lines: [line] }]);
  });

  it('the ERP keeps tickets that wait, drafts and its settings of the environment over kill -9', async () => {
    const line = {
      account: '1',
      offsetAccount: '2',
      employee: 'E1',
      project: 'P1',
      serviceDate: '2026-11-20',
      quantity: '1',
      value: '2',
    };
    const journal = (reference: string) => ({
      reference,
      company: 'DE01',
      period: '2026-11',
      journalDate: '2026-11-20',
      currency: 'EUR',
      lines: [{ ...line, lineRef: reference }],
    });
    const waiting = { SANDBOX_PANEL: '{"answersLater": true, "bookAfterMs": 60000}' };
    const first = await start('erp.js', waiting);
    await call(first.url, 'PUT', '/companies/DE01', { currency: 'EUR' });
    await call(first.url, 'PUT', '/accounting-periods/DE01/2026-11', { from: '2026-11-01', to: '2026-11-30', state: 'open' });
    const { body } = await call(first.url, 'POST', '/journals', journal('R1'), { 'idempotency-key': 'K1' });
    expect(body).toMatchObject({ state: 'queued' });
    await killed(first.child);

    const second = await start('erp.js', { SANDBOX_PANEL: '{"protocol": "draft-then-post", "bookAfterMs": 20}' });
    await vi.waitFor(async () =>
      expect((await call(second.url, 'GET', `/tickets/${String(body['ticket'])}`)).body).toMatchObject({ state: 'booked' }),
    );
    const draft = await call(second.url, 'POST', '/journals?draft=true', journal('R2'));
    await killed(second.child);

    const third = await start('erp.js', { SANDBOX_PANEL: '{"protocol": "draft-then-post"}' });
    const posted = await call(third.url, 'POST', `/journals/${String(draft.body['journalNo'])}/post`, {});
    expect([posted.status, posted.body['reference']]).toEqual([200, 'R2']);
    expect((await call(third.url, 'GET', '/journal-lines')).body['items']).toMatchObject([{ lineRef: 'R1' }, { lineRef: 'R2' }]);
  });

  it('does not start with a setting that it does not know', async () => {
    const child = spawn(process.execPath, [join(DIST, 'erp.js')], {
      env: { ...process.env, SANDBOX_PANEL: '{"latency": 1}' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    children.push(child);
    const [line] = (await once(createInterface({ input: child.stderr! }), 'line')) as [string];
    expect(line).toContain('SANDBOX_PANEL: unknown setting latency');
  });

  it('the PSA keeps timesheets and its feed over kill -9', async () => {
    const first = await start('psa.js');
    const created = await call(first.url, 'POST', '/v2/timesheets', {
      employee: 'E1',
      project: 'P1',
      date: '2026-11-20',
      hours: '4',
    });
    await call(first.url, 'POST', `/v2/timesheets/${String(created.body['id'])}/approve`, { by: 'E2' });
    const before = await call(first.url, 'GET', '/v2/timesheets/changes?after=0');
    await killed(first.child);
    const second = await start('psa.js');
    expect(await call(second.url, 'GET', '/v2/timesheets/changes?after=0')).toEqual(before);
    expect(before.body).toMatchObject({
      last: 2,
      hasMore: false,
      entries: [{ status: 'approved', approvedBy: 'E2', revision: 2 }],
    });
  });

  it('stops on SIGTERM with 0', async () => {
    const { child } = await start('hr.js');
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
  });
});
