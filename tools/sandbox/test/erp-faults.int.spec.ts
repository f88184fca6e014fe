import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startSandboxErp, type PanelSettings, type SandboxErp } from '../src/index.js';
import { callerOf, furnish, itemsOf, journal, line, type Call } from './erp-caller.js';

const PATIENCE = { timeout: 5_000 };

describe('faults of the ERP', () => {
  let erp: SandboxErp;
  let call: Call;
  beforeEach(async () => {
    erp = await startSandboxErp();
    furnish(erp);
    call = callerOf(erp);
  });
  afterEach(() => erp.stop());
  const set = (settings: Partial<PanelSettings>): void => void Object.assign(erp.panel.settings, settings);
  const key = { 'idempotency-key': 'K' };

  it('F02: answers long after the commit', async () => {
    erp.panel.arm({ kind: 'commit-then-slow', ms: 1_500 });
    const answer = call('POST', '/journals', journal('R1'));
    await vi.waitFor(() => expect(erp.state.byReference('R1')).toHaveLength(1), PATIENCE);
    expect(await Promise.race([answer, Promise.resolve('none yet')])).toBe('none yet');
    expect((await answer).status).toBe(201);
  });

  it('F03: 401 after the commit, with another code than for a wrong key', async () => {
    erp.panel.arm({ kind: 'commit-then-401' });
    const answer = await call('POST', '/journals', journal('R1'));
    expect([answer.status, answer.body['error']]).toMatchObject([401, { code: 'SESSION_EXPIRED' }]);
    expect(erp.state.byReference('R1')).toHaveLength(1);
    const wrong = await call('POST', '/journals', journal('R2'), { authorization: 'Bearer wrong' });
    expect(wrong.body['error']).toMatchObject({ code: 'UNAUTHORISED' });
  });

  it('F05: a replay is an error that says where the journal is', async () => {
    const first = await call('POST', '/journals', journal('R1'), key);
    erp.panel.arm({ kind: 'replay-as-error' });
    const replay = await call('POST', '/journals', journal('R1'), key);
    expect([replay.status, replay.headers.get('location')]).toEqual([400, `/journals/${String(first.body['journalNo'])}`]);
    expect(erp.state.byReference('R1')).toHaveLength(1);
  });

  it('F06, F09: one bad line refuses all, unnamed when the panel says so', async () => {
    set({ refusedCodes: ['E9'] });
    const bad = journal('R1', [line('L1'), line('L2', { employee: 'E9' })]);
    const named = await call('POST', '/journals', bad);
    expect([named.status, named.body['error']]).toMatchObject([422, { lines: [{ lineRef: 'L2', field: 'employee' }] }]);
    set({ namesBadLines: false });
    expect((await call('POST', '/journals', bad)).body['error']).not.toHaveProperty('lines');
    expect(erp.state.journals.size).toBe(0);
  });

  it('F08: 207 with the refused lines, and 200 when all are', async () => {
    set({ refusedCodes: ['E9'], partialAcceptance: true });
    const bad = line('L2', { employee: 'E9' });
    const mixed = await call('POST', '/journals', journal('R1', [line('L1'), bad]), key);
    expect([mixed.status, mixed.body]).toMatchObject([207, { lineCount: 1, results: [{ lineRef: 'L2', status: 'refused' }] }]);
    const replay = await call('POST', '/journals', journal('R1', [line('L1'), bad]), key);
    expect([replay.status, replay.body]).toEqual([207, mixed.body]);
    const none = await call('POST', '/journals', journal('R2', [bad]));
    expect([none.status, none.body['status'], 'journalNo' in none.body]).toEqual([200, 'failed', false]);
    erp.panel.arm({ kind: 'all-failed' });
    const locked = await call('POST', '/journals', journal('R3'));
    expect([locked.status, locked.body]).toMatchObject([200, { results: [{ lineRef: 'L1', code: 'LOCKED' }] }]);
    expect([...erp.state.journals.values()].map((one) => one.reference)).toEqual(['R1']);
  });

  it('F11: filters and paging of look-ups are ignored', async () => {
    for (let n = 1; n <= 250; n += 1) erp.state.book(journal(`R${n}`, [line(`L${n}`)]));
    erp.panel.arm({ kind: 'ignore-filters', times: 0 });
    const first = await call('GET', '/journals?reference=R7');
    expect([itemsOf(first).length, itemsOf(first)[0]!['reference'], first.body['next']]).toEqual([200, 'R250', '200']);
    const rest = await call('GET', '/journals?reference=R7&after=200');
    expect([itemsOf(rest).some((item) => item['reference'] === 'R7'), rest.body['next']]).toEqual([true, null]);
    erp.panel.arm({ kind: 'ignore-paging', times: 0 });
    expect((await call('GET', '/journals?reference=R7&after=200')).body['next']).toBe('200');
    expect(itemsOf(await call('GET', '/journal-lines?from=1990-01-01&to=1990-01-02'))).toHaveLength(250);
  });

  it('F12: a yes is a ticket; booked, or refused, later', async () => {
    set({ answersLater: true, bookAfterMs: 800 });
    const taken = await call('POST', '/journals', journal('R1'), key);
    expect(taken.status).toBe(202);
    const ticket = String(taken.body['ticket']);
    expect(itemsOf(await call('GET', '/journals?reference=R1'))).toEqual([{ ticket, reference: 'R1', state: 'queued' }]);
    expect((await call('POST', '/journals', journal('R1'), key)).body['ticket']).toBe(ticket);
    const outcome = async (name: string): Promise<unknown> => (await call('GET', `/tickets/${name}`)).body;
    await vi.waitFor(async () => expect(await outcome(ticket)).toMatchObject({ state: 'booked' }), PATIENCE);
    expect((await call('POST', '/journals', journal('R1'), key)).status).toBe(201);
    expect(erp.state.byReference('R1')).toHaveLength(1);

    set({ bookAfterMs: 400 });
    const late = String((await call('POST', '/journals', journal('R2'))).body['ticket']);
    erp.state.putPeriod({ ...erp.state.periods.get('DE01/2026-11')!, state: 'closed' });
    await vi.waitFor(
      async () => expect(await outcome(late)).toMatchObject({ state: 'refused', problem: { code: 'PERIOD_CLOSED' } }),
      PATIENCE,
    );
    erp.panel.arm({ kind: 'refuse-later' });
    const never = String((await call('POST', '/journals', journal('R3'))).body['ticket']);
    await vi.waitFor(async () => expect(await outcome(never)).toMatchObject({ state: 'refused' }), PATIENCE);
    expect(erp.state.journals.size).toBe(1);
  });

  it('F36: one of forty lines can be reversed and the others stand', async () => {
    const forty = Array.from({ length: 40 }, (_, n) => line(`L${n}`));
    await call('POST', '/journals', journal('R1', forty));
    const reversal = line('V7', { reverses: 'L7', quantity: '-7.5', value: '-100.10' });
    expect((await call('POST', '/journals', journal('R2', [reversal]))).status).toBe(201);
    const lines = itemsOf(await call('GET', '/journal-lines'));
    expect(lines.filter((one) => one['reference'] === 'R1')).toHaveLength(40);
    expect(itemsOf(await call('GET', '/journal-lines?lineRef=V7'))).toMatchObject([{ reverses: 'L7', value: '-100.10' }]);
  });

  it('F37: negative amounts end at zero, and the answer does not say so', async () => {
    erp.panel.arm({ kind: 'cut-negatives' });
    const sent = journal('R1', [line('L1'), line('L2', { quantity: '-7.5', value: '-100.10' })]);
    const answer = await call('POST', '/journals', sent, key);
    expect([answer.status, 'results' in answer.body]).toEqual([201, false]);
    const [booked] = itemsOf(await call('GET', `/journals?ids=${String(answer.body['journalNo'])}`));
    expect(booked!['lines']).toMatchObject([{ value: '100.10' }, { quantity: '0', value: '0' }]);
    expect((await call('POST', '/journals', sent, key)).body['journalNo']).toBe(answer.body['journalNo']);
  });

  it.each([
    [429, 'TOO_MANY_REQUESTS'],
    [400, 'REQUEST_LIMIT_EXCEEDED'],
    [401, 'INVALID_LOGIN'],
    [503, 'OVERLOADED'],
  ] as const)('F38: throttling told as %i, with Retry-After in both forms or none', async (throttleStatus, code) => {
    const told: unknown[] = [];
    for (const retryAfter of ['seconds', 'date', 'none'] as const) {
      set({ throttleStatus, retryAfter });
      erp.panel.arm({ kind: 'throttled' });
      const answer = await call('POST', '/journals', journal('R1'));
      expect([answer.status, answer.body['error']]).toMatchObject([throttleStatus, { code }]);
      told.push(answer.headers.get('retry-after'));
    }
    expect(told[0]).toBe('1');
    expect(Date.parse(String(told[1]))).toBeGreaterThan(Date.now());
    expect(told[2]).toBeNull();
    expect(erp.state.journals.size).toBe(0);
  });

  it('F39: somebody else holds slots of the pool', async () => {
    set({ concurrency: 3, foreignLoad: 2, latencyMs: 300 });
    const post = (n: number) => call('POST', '/journals', journal(`R${n}`));
    expect((await Promise.all([post(1), post(2)])).map((answer) => answer.status).sort()).toEqual([201, 429]);
    set({ foreignLoad: 3 });
    expect((await post(3)).status).toBe(429);
    set({ foreignLoad: 0 });
    expect((await Promise.all([post(4), post(5), post(6)])).map((answer) => answer.status)).toEqual([201, 201, 201]);
  });

  it('accounts for its limits, second by second, and not for the panel', async () => {
    // One request, and the next in ten seconds.
    set({ ratePerSecond: 0.1 });
    const statuses = await Promise.all(Array.from({ length: 8 }, (_, n) => call('POST', '/journals', journal(`R${n}`))));
    expect(statuses.filter((answer) => answer.status === 429)).toHaveLength(7);
    const seen = await call('GET', '/_panel', undefined, { 'x-panel-token': erp.panelToken });
    const { requests, limited, running, perSecond } = seen.body as {
      requests: number;
      limited: number;
      running: number;
      perSecond: { requests: number; limited: number }[];
    };
    expect({ requests, limited, running }).toEqual({ requests: 8, limited: 7, running: 0 });
    const sum = (name: 'requests' | 'limited') => perSecond.reduce((total, second) => total + second[name], 0);
    expect([sum('requests'), sum('limited')]).toEqual([8, 7]);
  });

  it('a slot is free as soon as the answer is there: one caller at a time is never refused', async () => {
    set({ concurrency: 1 });
    for (let n = 0; n < 50; n += 1) expect((await call('POST', '/journals', journal(`R${n}`))).status).toBe(201);
    expect(erp.panel.limits.mostAtOnce).toBe(1);
  });
});
