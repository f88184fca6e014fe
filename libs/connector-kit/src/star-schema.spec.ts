import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAnalyticsTarget, type DimensionRow } from './analytics-target.js';
import type { PostingDocument, PostingLine, PostingTarget } from './posting-target.js';
import {
  bookedLineOf,
  DIMENSION_TABLES,
  dimensionRows,
  FACT_COLUMNS,
  factRows,
  segmentsOf,
  type WarehouseRow,
} from './star-schema.js';

const line: PostingLine = {
  postingKey: 'k1',
  entryId: 'e1',
  releaseNo: 2,
  leg: 'fact',
  kind: 'reversal',
  reverses: 'k0',
  workerCode: 'E1',
  projectCode: 'P/1',
  taskCode: 'T/1',
  workDate: '2026-11-03',
  hours: '-7.5',
  amount: '-375',
  currency: 'USD',
  account: '',
  balancingAccount: '',
  billable: false,
};
const documentOf = (lines: readonly PostingLine[]): PostingDocument => ({
  documentKey: 'd1',
  contentHash: 'h',
  legalEntityId: 'US01',
  postingPeriod: '2026-11',
  postingDate: '2026-11-03',
  currency: 'USD',
  lines,
  totals: { count: 0, hours: '0', amounts: {}, hashTotal: '' },
});
const rowsOf = (lines: readonly PostingLine[]): readonly WarehouseRow[] => {
  const rows = factRows(documentOf(lines));
  if ('kind' in rows) throw new Error(rows.message);
  return rows;
};

describe('facts', () => {
  it('have a cell for every column, and none without one', () => {
    const [row] = rowsOf([line]);
    expect(Object.keys(row!)).toEqual(FACT_COLUMNS.map(({ name }) => name));
    expect(FACT_COLUMNS.filter(({ name, required }) => required && row![name] === null)).toEqual([]);
    expect(row).toMatchObject({ load_key: 'd1', task_key: 'P/1/T/1', billable: false, bill_amount: null, cost_centre_key: null });
  });

  it('are read back as the lines that they were, whatever the codes contain', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string({ minLength: 1 }), { nil: undefined }), (projectCode, taskCode) => {
        const sent = { ...line, projectCode, taskCode };
        const { currency: _, account: __, balancingAccount: ___, ...kept } = sent;
        expect(bookedLineOf(rowsOf([sent])[0]!)).toEqual({ ...kept, costCentre: undefined, payCode: undefined });
      }),
    );
  });

  it('of summed lines there are none: each is named', () => {
    expect(factRows(documentOf([line, { ...line, postingKey: 'sum', members: [] }]))).toMatchObject({
      kind: 'rejected',
      cause: 'invalid-line',
      lines: [{ postingKey: 'sum' }],
    });
  });
});

describe('dimensions', () => {
  const worker = (attributes: Record<string, string>): DimensionRow => ({
    kind: 'worker',
    id: 'w1',
    code: 'E1',
    revision: 3,
    segments: [{ validFrom: '0001-01-01', validTo: '9999-12-31', attributes }],
  });

  it('a timeline becomes half-open segments without gaps', () => {
    const at = (validFrom: string) => ({ validFrom, attributes: {} });
    expect(segmentsOf([at('0001-01-01'), at('2026-07-01')]).map(({ validFrom, validTo }) => [validFrom, validTo])).toEqual([
      ['0001-01-01', '2026-07-01'],
      ['2026-07-01', '9999-12-31'],
    ]);
  });

  it('have exactly the columns of their table, and nothing that names a person', () => {
    const [row] = dimensionRows(worker({ userName: 'ann@example.org', name: 'Ann', costCentre: 'CC1' }));
    expect(Object.keys(row!)).toEqual(DIMENSION_TABLES.worker.columns.map(({ name }) => name));
    expect(JSON.stringify(row)).not.toMatch(/ann/i);
    expect(row).toMatchObject({ worker_key: 'E1', object_id: 'w1', revision: 3, cost_centre_key: 'CC1' });
  });

  it('what is not what the column holds is unknown, and the rest stays', () => {
    const [row] = dimensionRows(worker({ hoursPerDay: '7,5', activeFrom: 'soon', activeTo: '2026-12-31', region: '' }));
    expect(row).toMatchObject({ hours_per_day: null, active_from: null, active_to: '2026-12-31', region: null });
  });
});

it('a target without dimensions is no warehouse', () => {
  const target: PostingTarget = { verifyAccess: () => Promise.resolve(), readBack: () => Promise.resolve([]) };
  expect(isAnalyticsTarget(target)).toBe(false);
  expect(isAnalyticsTarget({ ...target, upsertDimensions: () => Promise.resolve() } as PostingTarget)).toBe(true);
});
