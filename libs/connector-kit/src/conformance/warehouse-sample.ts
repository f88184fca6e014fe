import { randomUUID } from 'node:crypto';
import { contentHash, controlTotals, negate } from '@tieout/model';
import type { DimensionRow } from '../analytics-target.js';
import type { PostingDocument, PostingLine } from '../posting-target.js';

/** What the tests of warehouses load. */

export const fact = (changes: Partial<PostingLine> = {}): PostingLine => ({
  postingKey: randomUUID(),
  entryId: randomUUID(),
  releaseNo: 1,
  leg: 'fact',
  kind: 'post',
  workerCode: 'E1001',
  projectCode: 'P-100',
  taskCode: 'T1',
  workDate: '2026-11-20',
  hours: '7.5',
  amount: '637.5',
  currency: 'EUR',
  account: '',
  balancingAccount: '',
  billable: true,
  billAmount: '900.01',
  billCurrency: 'EUR',
  ...changes,
});

export const reversalOf = (line: PostingLine): PostingLine => ({
  ...line,
  postingKey: randomUUID(),
  kind: 'reversal',
  reverses: line.postingKey,
  hours: negate(line.hours),
  amount: negate(line.amount),
  ...(line.billAmount !== undefined && { billAmount: negate(line.billAmount) }),
});

export const load = (lines: readonly PostingLine[], changes: Partial<PostingDocument> = {}): PostingDocument => ({
  documentKey: randomUUID(),
  contentHash: contentHash(lines),
  legalEntityId: 'DE01',
  postingPeriod: '2026-11',
  postingDate: '2026-11-20',
  currency: 'EUR',
  lines,
  totals: controlTotals(lines.map((l) => ({ key: l.postingKey, hours: l.hours, amount: l.amount, currency: l.currency }))),
  ...changes,
});

export const dimension = (
  kind: DimensionRow['kind'],
  code: string,
  attributes: Readonly<Record<string, string>>,
  changes: Partial<DimensionRow> = {},
): DimensionRow => ({
  kind,
  id: `${kind} ${code}`,
  code,
  revision: 1,
  segments: [{ validFrom: '0001-01-01', validTo: '9999-12-31', attributes }],
  ...changes,
});
