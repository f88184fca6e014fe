import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guarded, unguarded } from './cells.js';
import { composeFile, readFileBack, type FileLine, type PayRunFile } from './pay-run-file.js';

const LINE: FileLine = {
  postingKey: 'k1',
  worker: 'E1',
  payCode: 'NORMAL',
  hours: '-7.5',
  workDate: '2026-11-20',
  project: 'P1',
  task: '',
  costCentre: '',
  amount: '0',
  kind: 'adjustment',
  leg: 'pay:NORMAL',
  entryId: 'e1',
  releaseNo: '2',
  reverses: '',
};
const FILE: PayRunFile = {
  documentKey: 'd1',
  legalEntity: 'DE01',
  payGroup: 'DE-M',
  payPeriod: '2026-11',
  postingDate: '2026-11-30',
  currency: 'EUR',
  totals: { count: 1, hours: '-7.5', hashTotal: '00000000000000ff' },
  lines: [LINE],
};

describe('pay-run file', () => {
  it('is header, lines and trailer, with the totals on both ends', () => {
    expect(composeFile(FILE)).toBe(
      'H,TIEOUT-PAY-RUN-1,d1,DE01,DE-M,2026-11,2026-11-30,EUR,1,-7.5,00000000000000ff\r\n' +
        'D,1,k1,E1,NORMAL,-7.5,2026-11-20,P1,,,0,adjustment,pay:NORMAL,e1,2,\r\n' +
        'T,1,-7.5,00000000000000ff\r\n',
    );
  });

  it('reads back what it wrote, whatever the texts', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ worker: text, payCode: text, project: text, task: text }), { maxLength: 5 }),
        (changes) => {
          const lines = changes.map((change) => ({ ...LINE, ...change }));
          const file = { ...FILE, totals: { ...FILE.totals, count: lines.length }, lines };
          expect(readFileBack('f.csv', composeFile(file))).toEqual(file);
        },
      ),
    );
  });

  it.each(['=1+1', '+49', '-x', '@SUM(A1)', '\tx', "'=x", '＝x'])('%j cannot be evaluated by a spreadsheet', (text) => {
    const row = composeFile({ ...FILE, lines: [{ ...LINE, worker: text }] }).split('\r\n')[1]!;
    expect(row).toContain(`'${text}`);
    expect(unguarded(guarded(text))).toBe(text);
  });

  it.each([
    ['a header of another format', (text: string) => text.replace('RUN-1', 'RUN-9'), 'row 1'],
    ['a line that is gone', (text: string) => text.replace(/D,.*\r\n/, ''), 'row 2: expected 0 as count'],
    ['no trailer', (text: string) => text.replace(/T,.*\r\n/, ''), 'row 2: expected the trailer'],
    ['hours that are no number', (text: string) => text.replace('D,1,k1,E1,NORMAL,-7.5', 'D,1,k1,E1,NORMAL,7h'), 'row 2'],
  ])('%s is ContractBroken and says where', (_name, change, where) => {
    expect(() => readFileBack('f.csv', change(composeFile(FILE)))).toThrow(where);
  });
});
