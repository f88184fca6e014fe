import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@tieout/clock';
import type { PostingDocument, PostingProtocol, PostingTarget, PostOutcome } from '@tieout/connector-kit';
import { controlTotals, isFault, type Fault } from '@tieout/model';
// eslint-disable-next-line @nx/enforce-module-boundaries -- the sandbox is the vendor here
import { startSandboxErp, type FaultRule, type PanelSettings, type SandboxErp } from '@tieout/sandbox';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sandboxErp } from '../src/index.js';

const TIMEOUT_MS = 1_000;
const SETTLE_MS = 200;

const documentOf = (lines: readonly { hours: string; amount: string }[], workerCode = 'E1'): PostingDocument => {
  const full = lines.map(({ hours, amount }) => ({
    postingKey: randomUUID(),
    entryId: randomUUID(),
    releaseNo: 1,
    leg: 'labour-cost' as const,
    kind: hours.startsWith('-') ? ('reversal' as const) : ('post' as const),
    workerCode,
    projectCode: 'P1',
    workDate: '2026-11-20',
    hours,
    amount,
    currency: 'EUR',
    account: '1',
    balancingAccount: '2',
  }));
  return {
    documentKey: randomUUID(),
    contentHash: 'h',
    legalEntityId: 'DE01',
    postingPeriod: '2026-11',
    postingDate: '2026-11-20',
    currency: 'EUR',
    lines: full,
    totals: controlTotals(full.map((line) => ({ key: line.postingKey, ...line }))),
  };
};

describe('the ERP connector against the fault panel', () => {
  let erp: SandboxErp;
  beforeEach(async () => {
    erp = await startSandboxErp();
    erp.state.putCompany('DE01', 'EUR');
    erp.state.putPeriod({ company: 'DE01', name: '2026-11', from: '2026-11-01', to: '2026-11-30', state: 'open' });
  });
  afterEach(() => erp.stop());

  const open = (settings: Record<string, string> = {}): PostingTarget => {
    const values = { url: erp.url, key: erp.key, requestTimeoutMs: String(TIMEOUT_MS), ...settings };
    return sandboxErp.postingTarget!(sandboxErp.parseConfig({ values, secrets: new Set(['key']) }), {
      connection: 'erp',
      clock: systemClock,
    });
  };
  const offer = (protocol: PostingProtocol, more: Partial<PanelSettings> = {}): PostingTarget => {
    Object.assign(erp.panel.settings, { protocol, ...more });
    return open({ protocol });
  };
  const faultOf = (promise: Promise<unknown>): Promise<Fault> =>
    promise.then(
      (value) => expect.fail(`answered ${JSON.stringify(value)}`),
      (error: unknown) => (isFault(error) ? error : Promise.reject(error as Error)),
    );

  const send = async (target: PostingTarget, document: PostingDocument): Promise<PostOutcome> => {
    if (target.post) return target.post(document);
    const draft = await target.createDraft!(document);
    return draft.kind === 'rejected' ? draft : target.postDraft!(draft.draftId, document);
  };

  /** What the engine does, without its states: look when unknown, send again when absent or not executed, read back at last. */
  const deliver = async (target: PostingTarget, document: PostingDocument): Promise<string> => {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const outcome = await send(target, document).catch((error: unknown) => {
        if (isFault(error)) return error;
        throw error;
      });
      if (outcome instanceof Error && outcome.kind === 'OutcomeUnknown') await delay(SETTLE_MS);
      const found = await target.findByReference!(document.documentKey);
      const posted = found.filter((one) => one.state === 'posted');
      expect(posted.length).toBeLessThanOrEqual(1);
      if (posted.length === 1) {
        const [booked] = await target.readBack([posted[0]!.externalId]);
        expect(booked!.lines.map((line) => [line.postingKey, line.hours, line.amount])).toEqual(
          document.lines.map((line) => [line.postingKey, line.hours, line.amount]),
        );
        return posted[0]!.externalId;
      }
    }
    return expect.fail('not delivered in five attempts');
  };

  const FAULTS: readonly FaultRule[] = [
    { kind: 'commit-then-drop' },
    { kind: 'commit-then-500' },
    { kind: 'commit-then-401' },
    { kind: 'commit-then-slow', ms: TIMEOUT_MS * 1.5 },
    { kind: 'drop-connection' },
    { kind: 'server-error' },
    { kind: 'ok-with-error-body' },
    { kind: 'all-failed' },
    { kind: 'unavailable', on: 'writes' },
    { kind: 'unauthorised', on: 'writes' },
    { kind: 'throttled', on: 'writes' },
    { kind: 'created-nothing' },
    { kind: 'ignore-filters', times: 0 },
  ];
  const PROTOCOLS = ['idempotency-key', 'upsert', 'draft-then-post', 'look-up'] as const;
  it.each(PROTOCOLS.flatMap((protocol) => FAULTS.map((fault) => [protocol, fault.kind, fault] as const)))(
    '%s, %s: stands there once at the end, and as it was sent',
    async (protocol, _kind, fault) => {
      const target = offer(protocol);
      for (let n = 0; n < 3; n += 1) await deliver(target, documentOf([{ hours: '1', amount: '2' }]));
      erp.panel.arm(fault);
      const document = documentOf([
        { hours: '7.5', amount: '100.10' },
        { hours: '-2', amount: '-20.5' },
      ]);
      await deliver(target, document);
      expect(erp.state.byReference(document.documentKey)).toHaveLength(1);
    },
  );

  it.each([
    [429, 'seconds'],
    [400, 'seconds'],
    [401, 'date'],
    [503, 'date'],
  ] as const)('F38: throttling told as %i is RateLimited, on writes and reads, with its Retry-After', async (status, form) => {
    const target = offer('look-up', { throttleStatus: status, retryAfter: form });
    erp.panel.arm({ kind: 'throttled', times: 2 });
    const write = () => target.post!(documentOf([{ hours: '1', amount: '2' }]));
    for (const request of [write, () => target.findByReference!('x')]) {
      const fault = await faultOf(request());
      expect(fault.kind).toBe('RateLimited');
      expect(fault.retryAfterMs).toBeGreaterThan(0);
      expect(fault.retryAfterMs).toBeLessThanOrEqual(2_000);
    }
    expect(erp.state.journals.size).toBe(0);
  });

  it('F03: a 401 on a write is no promise, a wrong key is: and reads say which it was', async () => {
    const target = offer('idempotency-key');
    erp.panel.arm({ kind: 'commit-then-401' });
    const document = documentOf([{ hours: '1', amount: '2' }]);
    expect((await faultOf(target.post!(document))).kind).toBe('OutcomeUnknown');
    expect(await target.findByReference!(document.documentKey)).toHaveLength(1);
    const wrong = open({ key: 'wrong' });
    expect((await faultOf(wrong.post!(document))).kind).toBe('CredentialsRejected');
    expect((await faultOf(wrong.findByReference!(document.documentKey))).kind).toBe('CredentialsRejected');
  });

  it('F04: a key that is taken and means nothing books twice, and the look-up shows both', async () => {
    const target = offer('idempotency-key', { idempotencyKeys: false });
    const document = documentOf([{ hours: '1', amount: '2' }]);
    await target.post!(document);
    await target.post!(document);
    expect(await target.findByReference!(document.documentKey)).toHaveLength(2);
  });

  it('F05: a replay that is told as an error is posted, under the number of the first', async () => {
    const target = offer('idempotency-key');
    const document = documentOf([{ hours: '1', amount: '2' }]);
    const first = await target.post!(document);
    erp.panel.arm({ kind: 'replay-as-error' });
    expect(await target.post!(document)).toEqual(first);
  });

  it('F06, F09: a bad line refuses all; named, or for the engine to find by halves', async () => {
    const target = offer('idempotency-key', { refusedCodes: ['E9'] });
    const document = documentOf([{ hours: '1', amount: '2' }], 'E9');
    const named = [{ postingKey: document.lines[0]!.postingKey, message: 'employee E9 is blocked for booking' }];
    expect(await target.post!(document)).toMatchObject({ kind: 'rejected', cause: 'invalid-line', lines: named });
    erp.panel.settings.namesBadLines = false;
    expect(await target.post!(document)).toMatchObject({ kind: 'rejected', cause: 'invalid-line', lines: [] });
  });

  it('F08: of a mixed answer the refused lines are told, and the others stand', async () => {
    const target = offer('look-up', { partialAcceptance: true });
    const document = documentOf([
      { hours: '1', amount: '2' },
      { hours: '3', amount: '4' },
    ]);
    const bad = document.lines[1]!.postingKey;
    erp.panel.settings.refusedCodes = [bad];
    const outcome = await target.post!(document);
    expect(outcome).toMatchObject({ kind: 'posted', refused: [{ postingKey: bad }] });
    const [booked] = await target.readBack([(outcome as { externalId: string }).externalId]);
    expect(booked!.lines.map((line) => line.postingKey)).toEqual([document.lines[0]!.postingKey]);
    erp.panel.settings.refusedCodes = document.lines.map((line) => line.postingKey);
    const none = await target.post!({ ...document, documentKey: randomUUID() });
    expect(none.kind === 'rejected' && none.lines).toHaveLength(2);
  });

  it('F11: a page that comes back to itself is ContractBroken, never an absence', async () => {
    const target = offer('look-up');
    const one = documentOf([{ hours: '1', amount: '2' }]);
    for (let n = 0; n < 201; n += 1) await target.post!({ ...one, documentKey: randomUUID() });
    erp.panel.arm({ kind: 'ignore-filters', times: 0 });
    expect(await target.findByReference!(randomUUID())).toEqual([]);
    erp.panel.arm({ kind: 'ignore-paging', times: 0 });
    expect((await faultOf(target.findByReference!(randomUUID()))).kind).toBe('ContractBroken');
  });

  it('F12: a ticket is not posted; what became of it is told, a refusal too', async () => {
    Object.assign(erp.panel.settings, { answersLater: true, bookAfterMs: 1_000 });
    const target = open({ answersLater: 'true' });
    const document = documentOf([{ hours: '1', amount: '2' }]);
    const taken = await target.post!(document);
    if (taken.kind !== 'accepted') throw new Error(taken.kind);
    expect(await target.outcomeOf!(taken.ticket, document)).toEqual(taken);
    expect((await target.findByReference!(document.documentKey)).map((one) => one.state)).toEqual(['draft']);
    erp.panel.arm({ kind: 'ignore-filters' });
    expect((await target.findByReference!(document.documentKey)).map((one) => one.state)).toEqual(['draft']);
    const patience = { timeout: 5_000 };
    await vi.waitFor(
      async () => expect(await target.outcomeOf!(taken.ticket, document)).toMatchObject({ kind: 'posted' }),
      patience,
    );
    erp.panel.settings.bookAfterMs = 20;
    expect(await target.post!(document)).toMatchObject({ kind: 'posted' });

    erp.panel.arm({ kind: 'refuse-later' });
    const never = await target.post!({ ...document, documentKey: randomUUID() });
    if (never.kind !== 'accepted') throw new Error(never.kind);
    await vi.waitFor(
      async () => expect(await target.outcomeOf!(never.ticket, document)).toMatchObject({ kind: 'rejected' }),
      patience,
    );
    expect((await faultOf(target.outcomeOf!('T999999', document))).kind).toBe('OutcomeUnknown');
  });

  it('F37: a negative amount that was cut shows in the read-back', async () => {
    const target = offer('look-up');
    erp.panel.arm({ kind: 'cut-negatives' });
    const outcome = await target.post!(documentOf([{ hours: '-1', amount: '-2' }]));
    const [booked] = await target.readBack([(outcome as { externalId: string }).externalId]);
    expect(booked!.lines).toMatchObject([{ hours: '0', amount: '0' }]);
  });

  it('what predecessors booked is in the ledger, by its own reference or by its place', async () => {
    const line = {
      account: '1',
      offsetAccount: '2',
      employee: 'E1',
      project: 'P1',
      serviceDate: '2026-11-20',
      quantity: '1',
      value: '2',
    };
    const journal = { reference: 'SCRIPT', company: 'DE01', period: '2026-11', journalDate: '2026-11-20', currency: 'EUR' };
    const { journalNo } = erp.state.book({
      ...journal,
      lines: [
        { ...line, lineRef: 'OLD-1' },
        { ...line, lineRef: '' },
      ],
    });
    const { documents } = await open().readLedger!({ from: '2026-11-01', to: '2026-11-30' }, undefined);
    expect(documents).toMatchObject([
      { reference: 'SCRIPT', lines: [{ postingKey: 'OLD-1', workerCode: 'E1' }, { postingKey: `${journalNo}#1` }] },
    ]);
    expect(documents[0]!.lines[0]!.entryId).toBeUndefined();
  });
});
