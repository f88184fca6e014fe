import { addDecimals, sameDecimal } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  freezeDocuments,
  halvesOf,
  postingDateOf,
  postingKeysOf,
  sealed,
  type FreezableLine,
  type PlacedLine,
} from './freeze.js';

const at = (code: string): PlacedLine['at'] => ({
  kind: 'placed',
  period: { code, startDate: `${code}-01`, endDate: `${code}-28` },
  accounts: { account: '5000', balancingAccount: '2100' },
});
const placed = (l: FreezableLine, code = '2026-11', over: Partial<PlacedLine> = {}): PlacedLine => ({
  line: l,
  at: at(code),
  rank: 1,
  lane: 'normal',
  ...over,
});

describe('postingDateOf', () => {
  it('is the latest work date, clipped into the period', () => {
    const november = { startDate: '2026-11-01', endDate: '2026-11-30' };
    expect(postingDateOf(['2026-11-03', '2026-11-05', '2026-11-04'], november)).toBe('2026-11-05');
    expect(postingDateOf(['2026-09-05'], november)).toBe('2026-11-01');
    expect(postingDateOf(['2026-12-24'], november)).toBe('2026-11-30');
  });
});

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const line = (n: number, entry = n, over: Partial<FreezableLine['content']> = {}): FreezableLine => ({
  postingKey: uuid(n),
  entryId: uuid(10_000 + entry),
  releaseNo: 1,
  leg: 'labour-cost',
  kind: 'post',
  content: {
    legalEntityId: 'US01',
    workerCode: 'E1',
    workerType: 'employee',
    projectCode: 'P1',
    workDate: '2026-11-02',
    hours: '8',
    amount: '400',
    currency: 'USD',
    billable: true,
    ...over,
  },
});
const keys = () => {
  let n = 0;
  return () => uuid(900_000 + n++);
};
const options = (maxLines: number, onlyFull = false) => ({
  destination: 'erp',
  maxLines,
  onlyFull: () => onlyFull,
  newKey: keys(),
  summaryOf: () => undefined,
});

describe('freezeDocuments', () => {
  const manyLines = fc.array(
    fc.record({
      entry: fc.nat(30),
      legalEntityId: fc.constantFrom('US01', 'DE01'),
      currency: fc.constantFrom('USD', 'EUR'),
      code: fc.constantFrom('2026-10', '2026-11'),
      hours: fc.constantFrom('8', '-8', '0.25'),
    }),
    { maxLength: 80 },
  );
  const build = (
    items: readonly { entry: number; legalEntityId: string; currency: string; code: string; hours: string }[],
  ): PlacedLine[] => items.map(({ entry, code, ...content }, n) => placed(line(n, entry, content), code));

  it('loses and repeats no line, mixes nothing, and its control totals are true', () => {
    fc.assert(
      fc.property(manyLines, fc.integer({ min: 1, max: 12 }), (items, max) => {
        const all = build(items);
        const documents = freezeDocuments(all, options(max));
        expect(documents.flatMap((d) => d.lines.map((l) => l.postingKey)).sort()).toEqual(
          all.map((p) => p.line.postingKey).sort(),
        );
        const whereOf = new Map(
          all.map((p) => [p.line.postingKey, [p.line.content.legalEntityId, p.line.content.currency, p.at.period.code]]),
        );
        for (const document of documents) {
          expect(document.lines.length).toBeLessThanOrEqual(max);
          for (const l of document.lines)
            expect(whereOf.get(l.postingKey)).toEqual([document.legalEntityId, document.currency, document.postingPeriod]);
          expect(document.totals.count).toBe(document.lines.length);
          expect(sameDecimal(document.totals.hours, addDecimals(document.lines.map((l) => l.hours)))).toBe(true);
        }
        expect(new Set(documents.map((d) => d.documentKey)).size).toBe(documents.length);
      }),
    );
  });

  it('keeps reversal and new line of an entry in one document', () => {
    const lines = [line(1, 1), line(2, 2), line(3, 2), line(4, 3)].map((l) => placed(l));
    expect(freezeDocuments(lines, options(2)).map((d) => d.lines.map((l) => l.postingKey))).toEqual([
      [uuid(1)],
      [uuid(2), uuid(3)],
      [uuid(4)],
    ]);
  });

  it('leaves a document that is not full for later when there is a queue', () => {
    const lines = Array.from({ length: 7 }, (_, n) => placed(line(n)));
    expect(freezeDocuments(lines, options(3, true)).map((d) => d.lines.length)).toEqual([3, 3]);
    expect(freezeDocuments(lines.slice(0, 2), options(3, true))).toEqual([]);
  });

  it('the hash sees content, and neither key nor order', () => {
    const [document] = freezeDocuments(
      [1, 2, 3].map((n) => placed(line(n))),
      options(10),
    );
    expect(sealed({ ...document!, documentKey: uuid(5), lines: [...document!.lines].reverse() }).contentHash).toBe(
      document!.contentHash,
    );
    const changed = document!.lines.map((l, n) => (n === 0 ? { ...l, hours: '7' } : l));
    expect(sealed({ ...document!, lines: changed }).contentHash).not.toBe(document!.contentHash);
  });
});

describe('halvesOf', () => {
  it('halves never lose a line and come down to single ones', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(6), { minLength: 2, maxLength: 40 }), (entries) => {
        const members = entries.map((entry, n) => line(n, entry));
        const split = halvesOf(members);
        expect(split.every((half) => half.length > 0)).toBe(true);
        expect(split.flatMap((half) => half.map((l) => l.postingKey)).sort()).toEqual(members.map((l) => l.postingKey).sort());
        const torn = split[0].some((l) => split[1].some((other) => other.entryId === l.entryId));
        expect(torn).toBe(new Set(entries).size === 1);
      }),
    );
  });
});

describe('a summarised document', () => {
  const lines = [
    line(1, 1, { projectCode: 'P1', hours: '8', amount: '400' }),
    line(2, 2, { projectCode: 'P1', hours: '4', amount: '200', workerCode: 'E2' }),
    line(3, 3, { projectCode: 'P2' }),
  ];
  const [document] = freezeDocuments(
    lines.map((l) => placed(l)),
    { ...options(10), summaryOf: () => ['project'] as const },
  );

  it('sums what is alike, and every posting is found from its line', () => {
    expect(document!.lines.map((l) => [l.projectCode, l.workerCode, l.hours, l.amount]).sort()).toEqual([
      ['P1', 'various', '12', '600'],
      ['P2', 'various', '8', '400'],
    ]);
    expect(document!.lines.flatMap(postingKeysOf).sort()).toEqual(lines.map((l) => l.postingKey));
  });
  it('has the control totals of its postings, and keys that a retry finds again', () => {
    expect(document!.totals).toMatchObject({ count: 3, hours: '20', amounts: { USD: '1000' } });
    const again = sealed({ ...document!, lines: document!.members.map((m) => ({ ...m, ...m.content })).reverse() }, ['project']);
    expect(again.lines.map((l) => l.postingKey).sort()).toEqual(document!.lines.map((l) => l.postingKey).sort());
  });
  it('an urgent lane gets documents of its own, though another has a queue', () => {
    const documents = freezeDocuments([placed(lines[0]!), placed(lines[1]!, '2026-11', { lane: 'close', rank: 0 })], {
      ...options(10),
      onlyFull: (lane) => lane === 'normal',
    });
    expect(documents.map((d) => [d.lane, d.rank, d.members.length])).toEqual([['close', 0, 1]]);
  });
});
