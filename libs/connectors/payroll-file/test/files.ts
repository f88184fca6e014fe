import { randomUUID } from 'node:crypto';
import type { PostingDocument, PostingLine } from '@tieout/connector-kit';
import { contentHash, controlTotals } from '@tieout/model';

const lineOf = (hours: string, n: number): PostingLine => ({
  postingKey: randomUUID(),
  entryId: randomUUID(),
  releaseNo: 1,
  leg: 'pay:NORMAL',
  kind: hours.startsWith('-') ? 'adjustment' : 'post',
  workerCode: `E${n}`,
  projectCode: 'P-100',
  workDate: '2026-11-20',
  hours,
  amount: '0',
  currency: 'EUR',
  account: '-',
  balancingAccount: '-',
  payCode: 'NORMAL',
  payGroup: 'DE-M',
});

export const documentOf = (hours: readonly string[], postingDate = '2026-11-30'): PostingDocument => {
  const lines = hours.map(lineOf);
  return {
    documentKey: randomUUID(),
    contentHash: contentHash(lines),
    legalEntityId: 'DE01',
    postingPeriod: 'DE-M/2026-11',
    postingDate,
    currency: 'EUR',
    lines,
    totals: controlTotals(lines.map((l) => ({ key: l.postingKey, hours: l.hours, amount: l.amount, currency: l.currency }))),
  };
};
