import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addDecimals, hashTotal } from '@tieout/model';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startSandboxPayroll, type PayLine, type SandboxPayroll } from '../src/index.js';

const line = (lineRef: string, hours: string, change: Partial<PayLine> = {}): PayLine => ({
  lineRef,
  employee: 'E1',
  payCode: 'NORMAL',
  hours,
  workDate: '2026-11-20',
  ...change,
});

describe('sandbox payroll bureau', () => {
  let payroll: SandboxPayroll;
  let folder: string;
  const start = async (): Promise<void> => {
    payroll = await startSandboxPayroll({ dataFile: join(folder, 'payroll.jsonl') });
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tieout-payroll-'));
    await start();
    payroll.state.putPeriod({ payGroup: 'DE-M', name: '2026-10', from: '2026-10-01', to: '2026-10-31', state: 'closed' });
    payroll.state.putPeriod({ payGroup: 'DE-M', name: '2026-11', from: '2026-11-01', to: '2026-11-30', state: 'open' });
  });
  afterEach(async () => {
    await payroll.stop();
    await rm(folder, { recursive: true });
  });

  const call = async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(`${payroll.url}${path}`, {
      method,
      headers: {
        'x-api-key': payroll.key,
        'x-panel-token': payroll.panelToken,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const batch = (reference: string, lines: readonly PayLine[], change: Record<string, unknown> = {}) => ({
    reference,
    company: 'DE01',
    payGroup: 'DE-M',
    payPeriod: '2026-11',
    bookingDate: '2026-11-30',
    currency: 'EUR',
    controlTotals: {
      count: lines.length,
      hours: addDecimals(lines.map(({ hours }) => hours)),
      hashTotal: hashTotal(lines.map(({ lineRef }) => lineRef)),
    },
    lines,
    ...change,
  });
  const totals = async () => (await call('GET', '/person-totals?payGroup=DE-M&payPeriod=2026-11')).body['items'];

  it('takes a batch for later and acknowledges it with its own count and totals, negative hours included', async () => {
    await call('POST', '/_panel', { processing: { delayMs: 150 } });
    const sent = batch('R1', [line('L1', '8'), line('L2', '-3.25'), line('L3', '1', { employee: 'E2', payCode: 'NIGHT' })]);
    expect(await call('POST', '/batches', sent)).toEqual({ status: 202, body: { ticket: '1', status: 'queued' } });
    expect((await call('GET', '/batches/1')).body['status']).toBe('queued');
    expect(await totals()).toEqual([]);
    await vi.waitFor(async () => expect((await call('GET', '/batches/1')).body['status']).toBe('acknowledged'));
    expect((await call('GET', '/batches/1')).body['acknowledgement']).toEqual(sent.controlTotals);
    expect(await totals()).toEqual([
      { employee: 'E1', payCode: 'NORMAL', hours: '4.75' },
      { employee: 'E2', payCode: 'NIGHT', hours: '1' },
    ]);
  });

  it.each([
    ['count', { count: 2 }],
    ['hours', { hours: '8.01' }],
    ['hash total', { hashTotal: '0000000000000000' }],
    ['hours that are no number', { hours: 'eight' }],
  ])('refuses a batch whose %s does not match its lines', async (_name, wrong) => {
    const sent = batch('R1', [line('L1', '8')]);
    const answer = await call('POST', '/batches', { ...sent, controlTotals: { ...sent.controlTotals, ...wrong } });
    expect([answer.status, answer.body['error']]).toMatchObject([
      422,
      { code: 'TOTALS_DIFFER', counted: { count: 1, hours: '8' } },
    ]);
    expect(payroll.state.batches.size).toBe(0);
  });

  it('refuses a closed pay period at once, and bad lines when it processes the batch', async () => {
    const closed = await call('POST', '/batches', batch('R1', [line('L1', '8')], { payPeriod: '2026-10' }));
    expect(closed.body['error']).toMatchObject({ code: 'PERIOD_CLOSED' });
    payroll.state.addCodes('payCodes', ['NORMAL']);
    await call('POST', '/batches', batch('R2', [line('L1', '8'), line('L2', '1', { payCode: 'NONSENSE' })]));
    expect((await call('GET', '/batches/1')).body).toMatchObject({
      status: 'refused',
      errors: [{ lineRef: 'L2', field: 'payCode', message: 'payCode NONSENSE does not exist' }],
    });
    expect(await totals()).toEqual([]);
  });

  it('cuts negative hours to zero when told to, and acknowledges what it then has', async () => {
    await call('POST', '/_panel', { processing: { cutNegatives: true } });
    await call('POST', '/batches', batch('R1', [line('L1', '8'), line('L2', '-3')]));
    expect((await call('GET', '/batches/1')).body['acknowledgement']).toMatchObject({ count: 2, hours: '8' });
    expect(await totals()).toEqual([{ employee: 'E1', payCode: 'NORMAL', hours: '8' }]);
  });

  it('finds by reference, which is not unique, and lists by booking date page by page', async () => {
    payroll.panel.arm({ kind: 'duplicate-accept' });
    await call('POST', '/batches', batch('R1', [line('L1', '8')]));
    await call('POST', '/batches', batch('R2', [line('L2', '1')], { bookingDate: '2026-11-15' }));
    const found = (await call('GET', '/batches?reference=R1')).body['items'] as { ticket: string }[];
    expect(found.map(({ ticket }) => ticket)).toEqual(['1', '2']);
    const first = (await call('GET', '/batches?from=2026-11-30&to=2026-11-30&limit=1')).body;
    expect(first).toMatchObject({ items: [{ ticket: '1', lines: [{ lineRef: 'L1' }] }], next: '1' });
    const last = (await call('GET', `/batches?from=2026-11-30&to=2026-11-30&limit=1&after=${String(first['next'])}`)).body;
    expect(last).toMatchObject({ items: [{ ticket: '2' }], next: null });
  });

  it.each([
    ['commit-then-drop', 1],
    ['created-nothing', 0],
  ] as const)('%s leaves %i batch(es), and a restart changes nothing', async (kind, count) => {
    payroll.panel.arm({ kind });
    await call('POST', '/batches', batch('R1', [line('L1', '8')])).catch(() => undefined);
    await payroll.stop();
    await start();
    expect((await call('GET', '/batches?reference=R1')).body['items']).toHaveLength(count);
  });
});
