import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startSandboxErp, startSandboxPsa, type FaultRule, type SandboxErp, type SandboxPsa } from '../src/index.js';

describe('fault panel of the ERP', () => {
  let erp: SandboxErp;
  beforeEach(async () => {
    erp = await startSandboxErp({ readKey: 'reader' });
    erp.state.putCompany('DE01', 'EUR');
    erp.state.putPeriod({ company: 'DE01', name: '2026-11', from: '2026-11-01', to: '2026-11-30', state: 'open' });
  });
  afterEach(() => erp.stop());

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
  const post = (reference: string, headers: Record<string, string> = {}): Promise<number | 'cut'> =>
    fetch(`${erp.url}/journals`, {
      method: 'POST',
      headers: { authorization: `Bearer ${erp.key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({
        reference,
        company: 'DE01',
        period: '2026-11',
        journalDate: '2026-11-20',
        currency: 'EUR',
        lines: [line],
      }),
    }).then(
      (response) => response.status,
      () => 'cut' as const,
    );
  const panel = (body: unknown, token = erp.panelToken) =>
    fetch(`${erp.url}/_panel`, {
      method: 'POST',
      headers: { 'x-panel-token': token, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it.each([
    ['commit-then-drop', 'cut', 1],
    ['drop-connection', 'cut', 0],
    ['commit-then-500', 500, 1],
    ['commit-then-401', 401, 1],
    ['commit-then-slow', 201, 1],
    ['throttled', 429, 0],
    ['all-failed', 200, 0],
    ['server-error', 500, 0],
    ['unavailable', 503, 0],
    ['unauthorised', 401, 0],
    ['ok-with-error-body', 200, 0],
    ['created-nothing', 201, 0],
    ['duplicate-accept', 201, 2],
  ] as const)('%s: answers %s and books %i, once', async (kind, answer, booked) => {
    const rule: FaultRule = { kind };
    expect((await panel({ faults: [rule] })).status).toBe(200);
    expect(await post('R1')).toBe(answer);
    expect(erp.state.byReference('R1')).toHaveLength(booked);
    expect(await post('R2')).toBe(201);
    expect(erp.panel.fired[kind]).toBe(1);
  });

  it('replays a key, refuses it for other content, and ignores it when switched off', async () => {
    const key = { 'idempotency-key': 'K' };
    expect([await post('R1', key), await post('R1', key), await post('R2', key)]).toEqual([201, 201, 409]);
    expect(erp.state.journals.size).toBe(1);
    await panel({ settings: { idempotencyKeys: false } });
    expect(await post('R1', key)).toBe(201);
    expect(erp.state.byReference('R1')).toHaveLength(2);
  });

  it('books once when one key comes twice at the same moment', async () => {
    await panel({ settings: { latencyPerLineMs: 20 } });
    expect(await Promise.all([post('R1', { 'idempotency-key': 'K' }), post('R1', { 'idempotency-key': 'K' })])).toEqual([
      201, 201,
    ]);
    expect(erp.state.journals.size).toBe(1);
  });

  it('limits requests at once, and shows bookings only after the read lag', async () => {
    await panel({ settings: { concurrency: 1, latencyMs: 300 } });
    const answers = await Promise.all([post('R1'), post('R2'), post('R3')]);
    expect([...answers].sort()).toEqual([201, 429, 429]);
    await panel({ settings: { concurrency: 0, latencyMs: 0, readLagMs: 800 } });
    const found = async () =>
      (
        (await (await fetch(`${erp.url}/journals?reference=R9`, { headers: { authorization: 'Bearer reader' } })).json()) as {
          items: unknown[];
        }
      ).items.length;
    await post('R9');
    expect(await found()).toBe(0);
    await vi.waitFor(async () => expect(await found()).toBe(1), { timeout: 2_000 });
  });

  it('guards the panel, refuses unknown switches, and lets a read key only read', async () => {
    expect((await panel({ clear: true }, 'wrong')).status).toBe(403);
    expect((await panel({ faults: [{ kind: 'nonsense' }] })).status).toBe(400);
    expect(await post('R1', { authorization: 'Bearer reader' })).toBe(401);
  });
});

describe('webhooks of the PSA', () => {
  let psa: SandboxPsa;
  let receiver: Server;
  let got: { ids: string[]; delivery: string; valid: boolean }[];
  let refuseFirst = 0;
  beforeEach(async () => {
    got = [];
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        refuseFirst -= 1;
        response.writeHead(refuseFirst >= 0 ? 503 : 204).end();
        const body = Buffer.concat(chunks);
        const expected = `sha256=${createHmac('sha256', 's')
          .update(`${String(request.headers['x-psa-timestamp'])}.`)
          .update(body)
          .digest('hex')}`;
        const { timesheetIds } = JSON.parse(body.toString()) as { timesheetIds: string[] };
        got.push({
          ids: timesheetIds,
          delivery: String(request.headers['x-psa-delivery']),
          valid: request.headers['x-psa-signature'] === expected,
        });
      });
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    psa = await startSandboxPsa({
      webhookUrl: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
      webhookSecret: 's',
    });
  });
  afterEach(async () => {
    await psa.stop();
    receiver.close();
  });
  const create = async (id: string): Promise<void> => {
    const response = await fetch(`${psa.url}/v2/timesheets`, {
      method: 'POST',
      headers: { 'x-psa-key': psa.key, 'content-type': 'application/json' },
      body: JSON.stringify({ id, hours: '1' }),
    });
    expect(response.status).toBe(201);
  };

  it('are signed, and repeated with the same delivery id until accepted', async () => {
    refuseFirst = 1;
    await create('A');
    await vi.waitFor(() => expect(got).toHaveLength(2), { timeout: 3_000 });
    expect(got.map((one) => [one.ids, one.valid])).toEqual([
      [['A'], true],
      [['A'], true],
    ]);
    expect(got[0]!.delivery).toBe(got[1]!.delivery);
  });

  it('are dropped, doubled and put out of order as the panel says', async () => {
    psa.panel.arm({ kind: 'webhook-drop' });
    await create('A');
    psa.panel.arm({ kind: 'webhook-reorder' });
    await create('B');
    psa.panel.arm({ kind: 'webhook-duplicate' });
    await create('C');
    await vi.waitFor(() => expect(got).toHaveLength(3), { timeout: 3_000 });
    expect(got.flatMap((one) => one.ids).sort()).toEqual(['B', 'C', 'C']);
  });
});
