import type { PostingDocument } from '@tieout/connector-kit';
import { describe, expect, it } from 'vitest';
import { erpClient } from './client/sandbox-client.js';
import { ErpPostingTarget } from './posting-target.js';

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
const answered = (status: number, body: unknown): ErpPostingTarget => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const config = { url: 'http://erp.example', key: 'k', pageSize: 10, requestTimeoutMs: 100 };
  return new ErpPostingTarget(erpClient(config, () => Promise.resolve(new Response(text, { status }))));
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

  it('reads back more ids than one request takes', async () => {
    const asked: number[] = [];
    const config = { url: 'http://erp.example', key: 'k', pageSize: 10, requestTimeoutMs: 100 };
    const fetchImpl: typeof fetch = (input) => {
      const ids = new URL(input as string).searchParams.get('ids')!.split(',');
      asked.push(ids.length);
      return Promise.resolve(Response.json({ items: ids.map((journalNo) => ({ journalNo, period: '2026-11', lines: [] })) }));
    };
    const booked = await new ErpPostingTarget(erpClient(config, fetchImpl)).readBack(
      Array.from({ length: 120 }, (_, n) => String(n)),
    );
    expect([asked, booked.length]).toEqual([[50, 50, 20], 120]);
  });
});
