import type { PostingDocument, PostingTarget } from '@tieout/connector-kit';
import { describe, expect, it } from 'vitest';
import { erpClient } from '../client/sandbox-client.js';
import { parseErpConfig } from './erp-config.js';
import { erpTarget } from './erp-target.js';

const line = {
  postingKey: 'k1',
  entryId: 'e1',
  releaseNo: 1,
  leg: 'labour-cost',
  kind: 'post',
  workerCode: 'E1',
  projectCode: 'P1',
  workDate: '2026-11-20',
  hours: '7.5',
  amount: '10',
  currency: 'EUR',
  account: '1',
  balancingAccount: '2',
} as const;
const document: PostingDocument = {
  documentKey: 'd1',
  contentHash: 'h',
  legalEntityId: 'DE01',
  postingPeriod: '2026-11',
  postingDate: '2026-11-20',
  currency: 'EUR',
  lines: [line, { ...line, postingKey: 'k2' }],
  totals: { count: 2, hours: '15', amounts: { EUR: '20' }, hashTotal: '0' },
};
const target = (fetchImpl: typeof fetch, settings: Record<string, string> = {}): PostingTarget => {
  const values = { url: 'http://erp.example', key: 'k', pageSize: '10', requestTimeoutMs: '100', ...settings };
  const config = parseErpConfig({ values, secrets: new Set(['key']) });
  return erpTarget(erpClient(config, fetchImpl), config);
};
const answered = (status: number, body: unknown, headers: Record<string, string> = {}) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const { post } = target(() => Promise.resolve(new Response(text, { status, headers })));
  return { post: post! };
};

describe('posting to the sandbox ERP', () => {
  it.each([
    ['200 with an error body', 200, { error: { code: 'INTERNAL' } }],
    ['201 without a number', 201, {}],
    ['201 that is no JSON', 201, '<html>'],
    ['500', 500, {}],
  ])('%s proves nothing: OutcomeUnknown', async (_name, status, body) => {
    await expect(answered(status, body).post(document)).rejects.toMatchObject({ kind: 'OutcomeUnknown' });
  });

  it('a key that was used for other content is no rejection, or the document would be sent anew', async () => {
    await expect(answered(409, { error: { code: 'IDEMPOTENCY_KEY_REUSED' } }).post(document)).rejects.toMatchObject({
      kind: 'ContractBroken',
    });
  });

  it('names rejected lines once each, and none that the document does not have', async () => {
    const lines = [
      { lineRef: 'k2', message: 'account 9 does not exist' },
      { lineRef: 'k2', message: 'employee E9 does not exist' },
      { lineRef: 'foreign', message: 'x' },
    ];
    expect(await answered(422, { error: { code: 'LINES_INVALID', message: '3 line error(s)', lines } }).post(document)).toEqual({
      kind: 'rejected',
      cause: 'invalid-line',
      message: 'LINES_INVALID: 3 line error(s)',
      lines: [{ postingKey: 'k2', message: 'account 9 does not exist; employee E9 does not exist' }],
    });
  });

  it('reads a period that is closed as such, and any other no as other', async () => {
    expect(await answered(422, { error: { code: 'PERIOD_CLOSED', message: 'm' } }).post(document)).toMatchObject({
      cause: 'period-closed',
    });
    expect(await answered(422, { error: { code: 'CURRENCY', message: 'm' } }).post(document)).toMatchObject({ cause: 'other' });
  });

  it.each([
    [
      'a replay that is told as an error',
      400,
      { error: { code: 'IDEMPOTENCY_ERROR' } },
      '/journals/17',
      { kind: 'posted', externalId: '17' },
    ],
    ['a replay of a ticket', 400, { error: { code: 'IDEMPOTENCY_ERROR' } }, '/tickets/T3', { kind: 'accepted', ticket: 'T3' }],
    ['202', 202, { ticket: 'T4' }, undefined, { kind: 'accepted', ticket: 'T4' }],
  ] as const)('%s leads to what was done', async (_name, status, body, location, outcome) => {
    expect(await answered(status, body, location === undefined ? {} : { location }).post(document)).toEqual(outcome);
  });

  it('a replay that does not say where is OutcomeUnknown', async () => {
    await expect(answered(400, { error: { code: 'IDEMPOTENCY_ERROR' } }).post(document)).rejects.toMatchObject({
      kind: 'OutcomeUnknown',
    });
  });

  const result = (lineRef: string, code: string) => ({ lineRef, code, status: 'refused', message: `${lineRef} is bad` });

  it('207 is posted without the lines that it names', async () => {
    expect(await answered(207, { journalNo: '9', results: [result('k2', 'LINE_INVALID')] }).post(document)).toEqual({
      kind: 'posted',
      externalId: '9',
      refused: [{ postingKey: 'k2', message: 'k2 is bad' }],
    });
  });

  it('200 with every line refused is a rejection of each; with every line locked, nothing was done', async () => {
    const all = (code: string) => ({ status: 'failed', results: [result('k1', code), result('k2', code)] });
    expect(await answered(200, all('LINE_INVALID')).post(document)).toMatchObject({
      kind: 'rejected',
      cause: 'invalid-line',
      lines: [{ postingKey: 'k1' }, { postingKey: 'k2' }],
    });
    await expect(answered(200, all('LOCKED')).post(document)).rejects.toMatchObject({ kind: 'Unavailable' });
    await expect(answered(200, { results: [result('k1', 'LOCKED')] }).post(document)).rejects.toMatchObject({
      kind: 'OutcomeUnknown',
    });
  });

  it.each([
    [429, 'TOO_MANY_REQUESTS', 'RateLimited'],
    [400, 'REQUEST_LIMIT_EXCEEDED', 'RateLimited'],
    [401, 'INVALID_LOGIN', 'RateLimited'],
    [503, 'OVERLOADED', 'RateLimited'],
    [503, 'UNAVAILABLE', 'OutcomeUnknown'],
    [401, 'UNAUTHORISED', 'CredentialsRejected'],
    [401, 'SESSION_EXPIRED', 'OutcomeUnknown'],
    [403, 'FORBIDDEN', 'OutcomeUnknown'],
    [404, 'NOT_OFFERED', 'ContractBroken'],
  ] as const)('%i %s on a write is %s', async (status, code, kind) => {
    await expect(answered(status, { error: { code } }).post(document)).rejects.toMatchObject({ kind });
  });

  it('a page that is not the ERP speaking is no rejection', async () => {
    await expect(answered(404, '<html>').post(document)).rejects.toMatchObject({ kind: 'ContractBroken' });
    await expect(answered(401, '<html>').post(document)).rejects.toMatchObject({ kind: 'OutcomeUnknown' });
  });

  it('sends one request for one document', async () => {
    const seen: string[] = [];
    const counted: typeof fetch = (input, init) => {
      seen.push(`${init?.method} ${String(input)}`);
      return Promise.resolve(Response.json({ journalNo: '1' }, { status: 201 }));
    };
    await target(counted, { protocol: 'upsert' }).post!(document);
    await target(counted, { protocol: 'look-up' }).post!(document);
    expect(seen).toEqual(['PUT http://erp.example/journals/by-reference/d1', 'POST http://erp.example/journals']);
  });

  it('reads back more ids than one request takes', async () => {
    const asked: number[] = [];
    const fetchImpl: typeof fetch = (input) => {
      const ids = new URL(input as string).searchParams.get('ids')!.split(',');
      asked.push(ids.length);
      return Promise.resolve(
        Response.json({
          items: ids.map((journalNo) => ({ journalNo, period: '2026-11', journalDate: '2026-11-20', lines: [] })),
          next: null,
        }),
      );
    };
    const booked = await target(fetchImpl).readBack(Array.from({ length: 220 }, (_, n) => String(n)));
    expect([asked, booked.length]).toEqual([[100, 100, 20], 220]);
  });
});
