import type { LineContent, WantedLine } from '@tieout/delivery';
import { describe, expect, it } from 'vitest';
import { carriedOver } from './carry-over.js';

const content = (hours: string, projectCode = 'P1'): LineContent => ({
  legalEntityId: 'US01',
  workerCode: 'E1',
  workerType: 'employee',
  projectCode,
  workDate: '2026-11-02',
  hours,
  amount: String(Number(hours) * 50),
  currency: 'USD',
  billable: true,
});
const line = (hours: string, projectCode?: string): WantedLine => ({ leg: 'labour-cost', content: content(hours, projectCode) });
const old = [{ destination: 'old-erp', lines: [line('8')] }];

describe('carriedOver', () => {
  it('books the difference: the old content back, the new one', () => {
    expect(carriedOver([line('6', 'P2')], old)).toEqual([
      line('6', 'P2'),
      { leg: 'carried-over:labour-cost', content: { ...content('-8'), amount: '-400' } },
    ]);
  });
  it('books nothing for an hour that did not change, and takes back one that is no more', () => {
    expect(carriedOver([line('8')], old)).toEqual([]);
    expect(carriedOver([], old)).toMatchObject([{ leg: 'carried-over:labour-cost', content: { hours: '-8' } }]);
  });
});
