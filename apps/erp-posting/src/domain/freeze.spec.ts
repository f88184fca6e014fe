import { addDecimals, sameDecimal, type MasterObject } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freezeDocuments, sealed, splitDocument, type FreezableLine, type PlacedLine } from './freeze.js';
import type { Origin } from './ledger.js';
import { accountingPeriods, postingDateOf, resolvePeriod, type AccountingPeriod } from './periods.js';

const period = (code: string, state: AccountingPeriod['state'], revision = 1): AccountingPeriod => ({
  code,
  startDate: `${code}-01`,
  endDate: `${code}-28`,
  state,
  revision,
});
const hold = { lateOriginals: 'hold', lateCorrections: 'hold', closingTakes: [] } as const;
const next = {
  lateOriginals: 'first-open-period',
  lateCorrections: 'first-open-period',
  closingTakes: ['correction', 'late-approval'],
} as const;
const ask = (workDate: string, origin: Origin = 'original', more: object = {}) => ({ workDate, origin, ...more });
const codeOf = (answer: ReturnType<typeof resolvePeriod>): string =>
  answer.kind === 'period' ? answer.period.code : answer.reason;

describe('resolvePeriod', () => {
  const periods = [
    period('2026-09', 'closed'),
    period('2026-10', 'closing'),
    period('2026-11', 'open'),
    period('2026-12', 'open'),
  ];

  it('books into the period of the work date while it is open', () => {
    expect(codeOf(resolvePeriod(ask('2026-11-05'), periods, hold))).toBe('2026-11');
  });
  it('a closing period takes what policy says it takes', () => {
    expect(codeOf(resolvePeriod(ask('2026-10-05'), periods, hold))).toBe('PERIOD_CLOSED');
    expect(codeOf(resolvePeriod(ask('2026-10-05'), periods, { ...hold, closingTakes: ['late-approval'] }))).toBe('2026-10');
    expect(codeOf(resolvePeriod(ask('2026-10-05', 'correction'), periods, { ...hold, closingTakes: ['late-approval'] }))).toBe(
      'PERIOD_CLOSED',
    );
  });
  it('a closed period: hold, or the next that takes it', () => {
    expect(codeOf(resolvePeriod(ask('2026-09-05'), periods, hold))).toBe('PERIOD_CLOSED');
    expect(codeOf(resolvePeriod(ask('2026-09-05'), periods, next))).toBe('2026-10');
    expect(codeOf(resolvePeriod(ask('2026-09-05'), [periods[0]!], next))).toBe('NO_OPEN_PERIOD');
  });
  it('a work date without a period blocks', () => {
    expect(codeOf(resolvePeriod(ask('2031-01-05'), periods, next))).toBe('NO_OPEN_PERIOD');
  });
  it('a reversal goes where its line stands, while that period is open', () => {
    expect(codeOf(resolvePeriod(ask('2026-11-05', 'correction', { anchorPeriod: '2026-12' }), periods, next))).toBe('2026-12');
    expect(codeOf(resolvePeriod(ask('2026-11-05', 'correction', { anchorPeriod: '2026-09' }), periods, next))).toBe('2026-11');
  });
  it('believes a destination that refused the period until master data has news of it', () => {
    const refused = { refused: { '2026-11': 1 } };
    expect(codeOf(resolvePeriod(ask('2026-11-05', 'original', refused), periods, hold))).toBe('PERIOD_CLOSED');
    expect(codeOf(resolvePeriod(ask('2026-11-05', 'original', refused), periods, next))).toBe('2026-12');
    expect(codeOf(resolvePeriod(ask('2026-11-05', 'original', refused), [period('2026-11', 'open', 2)], hold))).toBe('2026-11');
  });
});

describe('accountingPeriods', () => {
  const object = (code: string, attributes: Record<string, string>, ambiguous = false): MasterObject => ({
    kind: 'accounting-period',
    id: code,
    code,
    revision: 3,
    legalEntityId: 'US01',
    timeline: [{ validFrom: '0001-01-01', attributes: { code, legalEntity: 'US01', ...attributes } }],
    crossReferences: [],
    attributeSources: {},
    ambiguous,
  });
  const dates = { startDate: '2026-11-01', endDate: '2026-11-30' };

  it('speaks the destination’s words and leaves out what is nobody’s period', () => {
    const objects = [
      object('US01/2026-11', { ...dates, state: 'open' }),
      object('US01/2026-12', { ...dates, state: 'open' }, true),
      object('US01/2027-01', dates),
      object('DE01/2026-11', { ...dates, state: 'open', legalEntity: 'DE01' }),
    ];
    expect(accountingPeriods('US01', objects, '2026-11-20')).toEqual([{ code: '2026-11', ...dates, state: 'open', revision: 3 }]);
  });
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
  account: '5000',
  balancingAccount: '2100',
});
const keys = () => {
  let n = 0;
  return () => uuid(900_000 + n++);
};
const options = (maxLines: number, onlyFull = false) => ({ destination: 'erp', maxLines, onlyFull, newKey: keys() });

describe('freezeDocuments', () => {
  const placedLines = fc.array(
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
  ): PlacedLine[] =>
    items.map(({ entry, code, ...content }, n) => ({ line: line(n, entry, content), period: period(code, 'open') }));

  it('loses and repeats no line, mixes nothing, and its control totals are true', () => {
    fc.assert(
      fc.property(placedLines, fc.integer({ min: 1, max: 12 }), (items, max) => {
        const placed = build(items);
        const documents = freezeDocuments(placed, options(max));
        expect(documents.flatMap((d) => d.lines.map((l) => l.postingKey)).sort()).toEqual(
          placed.map((p) => p.line.postingKey).sort(),
        );
        const whereOf = new Map(
          placed.map((p) => [p.line.postingKey, [p.line.content.legalEntityId, p.line.content.currency, p.period.code]]),
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
    const lines = [line(1, 1), line(2, 2), line(3, 2), line(4, 3)].map((l) => ({ line: l, period: period('2026-11', 'open') }));
    expect(freezeDocuments(lines, options(2)).map((d) => d.lines.map((l) => l.postingKey))).toEqual([
      [uuid(1)],
      [uuid(2), uuid(3)],
      [uuid(4)],
    ]);
  });

  it('leaves a document that is not full for later when there is a queue', () => {
    const lines = Array.from({ length: 7 }, (_, n) => ({ line: line(n), period: period('2026-11', 'open') }));
    expect(freezeDocuments(lines, options(3, true)).map((d) => d.lines.length)).toEqual([3, 3]);
    expect(freezeDocuments(lines.slice(0, 2), options(3, true))).toEqual([]);
  });

  it('the hash sees content, and neither key nor order', () => {
    const [document] = freezeDocuments(
      [1, 2, 3].map((n) => ({ line: line(n), period: period('2026-11', 'open') })),
      options(10),
    );
    expect(sealed({ ...document!, documentKey: uuid(5), lines: [...document!.lines].reverse() }).contentHash).toBe(
      document!.contentHash,
    );
    const changed = document!.lines.map((l, n) => (n === 0 ? { ...l, hours: '7' } : l));
    expect(sealed({ ...document!, lines: changed }).contentHash).not.toBe(document!.contentHash);
  });
});

describe('splitDocument', () => {
  it('halves never lose a line and come down to single ones', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(6), { minLength: 2, maxLength: 40 }), (entries) => {
        const newKey = keys();
        const [whole] = freezeDocuments(
          entries.map((entry, n) => ({ line: line(n, entry), period: period('2026-11', 'open') })),
          options(100),
        );
        const split = splitDocument(whole!, newKey);
        expect(split.every((half) => half.lines.length > 0)).toBe(true);
        expect(split.flatMap((half) => half.lines.map((l) => l.postingKey)).sort()).toEqual(
          whole!.lines.map((l) => l.postingKey).sort(),
        );
        const torn = split[0].lines.some((l) => split[1].lines.some((other) => other.entryId === l.entryId));
        expect(torn).toBe(new Set(entries).size === 1);
      }),
    );
  });
});
