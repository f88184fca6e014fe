import type { PostingDocument } from '@tieout/connector-kit';
import { hashTotal } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { payrollClient } from './payroll-connector.js';
import { toBatch } from './payroll-mapping.js';
import { PayrollPostingTarget } from './payroll-target.js';

const line = {
  postingKey: 'k1',
  entryId: 'e1',
  releaseNo: 3,
  leg: 'pay:NORMAL',
  kind: 'adjustment',
  workerCode: 'E1',
  projectCode: 'P1',
  workDate: '2026-11-20',
  hours: '-7.5',
  amount: '0',
  currency: 'EUR',
  account: '-',
  balancingAccount: '-',
  payCode: 'NORMAL',
} as const;
const document: PostingDocument = {
  documentKey: 'd1',
  contentHash: 'h',
  legalEntityId: 'DE01',
  postingPeriod: 'DE-M/2026-11',
  postingDate: '2026-11-30',
  currency: 'EUR',
  lines: [line, { ...line, postingKey: 'k2', hours: '10' }],
  totals: { count: 3, hours: '2.5', amounts: { EUR: '0' }, hashTotal: 'of the postings, not of the lines' },
};
const answered = (status: number, body: unknown): PayrollPostingTarget => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const config = { url: 'http://bureau.example', key: 'k', pageSize: 10, requestTimeoutMs: 100 };
  return new PayrollPostingTarget(
    payrollClient(config, () => Promise.resolve(new Response(text, { status }))),
    10,
  );
};

describe('handing a batch to the sandbox payroll bureau', () => {
  it('states totals of the lines as sent, and signs the hours', () => {
    expect(toBatch(document)).toMatchObject({
      payGroup: 'DE-M',
      payPeriod: '2026-11',
      controlTotals: { count: 2, hours: '2.5', hashTotal: hashTotal(['k1', 'k2']) },
      lines: [{ hours: '-7.5', payCode: 'NORMAL' }, { hours: '10' }],
    });
  });

  it('202 with a ticket is taken, not booked', async () => {
    expect(await answered(202, { ticket: '7', status: 'queued' }).post(document)).toEqual({ kind: 'accepted', ticket: '7' });
  });

  it.each([
    ['200 with an error body', 200, { error: { code: 'INTERNAL' } }],
    ['202 without a ticket', 202, {}],
    ['202 that is no JSON', 202, '<html>'],
    ['500', 500, {}],
  ])('%s proves nothing: OutcomeUnknown', async (_name, status, body) => {
    await expect(answered(status, body).post(document)).rejects.toMatchObject({ kind: 'OutcomeUnknown' });
  });

  it.each([
    ['PERIOD_CLOSED', 'period-closed'],
    ['TOTALS_DIFFER', 'other'],
  ])('%s is a rejection of the whole batch', async (code, cause) => {
    expect(await answered(422, { error: { code, message: 'm' } }).post(document)).toEqual({
      kind: 'rejected',
      cause,
      message: `${code}: m`,
      lines: [],
    });
  });

  it.each([
    [{ status: 'queued' }, { kind: 'accepted', ticket: '7' }],
    [{ status: 'acknowledged' }, { kind: 'posted', externalId: '7' }],
    [
      {
        status: 'refused',
        errors: [
          { lineRef: 'k2', message: 'a' },
          { lineRef: 'k2', message: 'b' },
          { lineRef: 'not ours', message: 'c' },
        ],
      },
      {
        kind: 'rejected',
        cause: 'invalid-line',
        message: 'the bureau refused batch 7',
        lines: [{ postingKey: 'k2', message: 'a; b' }],
      },
    ],
  ])('asked later: %j', async (batch, outcome) => {
    expect(await answered(200, { ticket: '7', ...batch }).outcomeOf('7', document)).toEqual(outcome);
  });

  it('a ticket that the bureau does not know is for the look-up, and an unknown status for a person', async () => {
    await expect(answered(404, {}).outcomeOf('7', document)).rejects.toMatchObject({ kind: 'OutcomeUnknown' });
    await expect(answered(200, { status: 'paused' }).outcomeOf('7', document)).rejects.toMatchObject({ kind: 'ContractBroken' });
  });
});
