import { entryIdOf, postingKeyOf } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerLine, LineContent, Target } from './ledger.js';
import { plan } from './plan.js';

const entryId = entryIdOf('psa', 'T-1');
const content: LineContent = {
  legalEntityId: 'US01',
  workerCode: 'E1',
  workerType: 'employee',
  projectCode: 'P1',
  workDate: '2026-11-02',
  hours: '8',
  amount: '400',
  currency: 'USD',
  billable: true,
};
const target = (releaseNo: number, wanted: LineContent | null): Target => ({
  entryId,
  destination: 'erp',
  releaseNo,
  wanted: wanted === null ? [] : [{ leg: 'labour-cost', content: wanted }],
});
const booked = (postingKey: string): LedgerLine => ({
  postingKey,
  releaseNo: 1,
  leg: 'labour-cost',
  kind: 'post',
  content,
  state: 'confirmed',
  committed: false,
  postingPeriod: '2026-11',
});
/** The line and what stands beside it. */
const standing = (twins: number): LedgerLine[] => [
  booked(postingKeyOf('erp', entryId, 1, 'labour-cost', 'post')),
  ...Array.from({ length: twins }, (_, n) => booked(`twin-${n}`)),
];

describe('a line that stands several times', () => {
  it('and is corrected at the same time is reversed as often, under keys of their own', () => {
    const decision = plan(target(2, { ...content, hours: '6', amount: '300' }), standing(1));
    expect(decision).toMatchObject({
      emit: [
        { kind: 'reversal', releaseNo: 2 },
        { kind: 'reversal', releaseNo: 3, reverses: 'twin-0' },
        { kind: 'post', releaseNo: 2 },
      ],
    });
  });

  it('never gives two lines one key, whatever becomes of the entry', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.constantFrom(null, content, { ...content, hours: '6' }), (twins, wanted) => {
        const lines = standing(twins);
        const decision = plan(target(2, wanted), lines);
        const keys = decision.kind === 'lines' ? [...lines, ...decision.emit].map(({ postingKey }) => postingKey) : [];
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys.length).toBeGreaterThan(0);
      }),
    ));
});
