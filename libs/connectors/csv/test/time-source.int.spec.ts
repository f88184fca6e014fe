import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPages, type Cursor, type TimePage } from '@tieout/connector-kit';
import { systemClock } from '@tieout/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { csv } from '../src/index.js';
import { drop } from './dropped-files.js';

const row = (entryNo: string, hours = '7.5', more: { revision?: number; status?: string; date?: string } = {}): string =>
  [entryNo, more.revision ?? 1, more.status ?? 'approved', 'E1001', 'P-100', more.date ?? '2026-11-20', hours].join(',');

describe('csv files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tieout-csv-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const config = (pageSize = 500) => csv.parseConfig({ values: { folder, pageSize: String(pageSize) }, secrets: new Set() });
  const read = async (start: Cursor | null = null, pageSize?: number) => {
    const source = csv.timeSource!(config(pageSize), { connection: 'files', clock: systemClock });
    const pages: TimePage[] = [];
    for await (const page of readPages((cursor) => source.fetchPage(cursor), start)) pages.push(page);
    return {
      ids: pages.flatMap((page) => page.records.map((record) => record.sourceId)),
      records: pages.flatMap((page) => page.records),
      malformed: pages.flatMap((page) => page.malformed),
      readWell: pages.flatMap((page) => page.readWell ?? []),
      pages: pages.length,
      end: pages.at(-1)!.next,
    };
  };
  const evidence = () =>
    csv.controlReader!(config(), { connection: 'files', clock: systemClock }).readSource!({
      from: '2026-11-01',
      to: '2026-11-30',
    });

  it('takes a file only when its control file is there', async () => {
    await writeFile(join(folder, 'half.csv'), 'entryNo\nA');
    await drop(folder, 'whole', [row('A-1')]);
    expect((await read()).ids).toEqual(['A-1']);
  });

  it.each([
    ['sha256', { sha256: '0'.repeat(64) }],
    ['the number of rows', { rows: 3 }],
    ['the sum of the hours', { hours: '15.5' }],
  ])('refuses a whole file when %s differs, and goes on with the others', async (what, control) => {
    await drop(folder, 'a', [row('A-1'), row('A-2')], control);
    await drop(folder, 'b', [row('B-1')]);
    const { ids, malformed } = await read();
    expect(ids).toEqual(['B-1']);
    expect(malformed).toMatchObject([{ recordKey: 'a.csv', where: 'a.csv', payload: { expected: Object.values(control)[0] } }]);
    expect(malformed[0]!.why).toContain(what);
    expect((await evidence()).map((one) => one.sourceId)).toEqual(['B-1']);
  });

  it('reads a refused file again once its control file is right', async () => {
    await drop(folder, 'a', [row('A-1')], { rows: 9 });
    const { end } = await read();
    await drop(folder, 'a', [row('A-1')]);
    const again = await read(end);
    expect(again.ids).toEqual(['A-1']);
    expect(again.readWell).toEqual(['a.csv', 'a.csv:2']);
  });

  it('refuses rows one by one, with file, row, column and expectation', async () => {
    await drop(folder, 'a', [
      row('A-1'),
      row('A-2', '7h30'),
      row('A-3', '1', { date: '31.11.2026' }),
      ',1,approved,E1,P,2026-11-20,1',
      'A-5,1,approved',
      row('A-6'),
    ]);
    const { ids, malformed, readWell } = await read();
    expect(ids).toEqual(['A-1', 'A-6']);
    expect(malformed.map(({ recordKey, where }) => [recordKey, where])).toEqual([
      ['A-2', 'a.csv, row 3, column hours'],
      ['A-3', 'a.csv, row 4, column date'],
      ['a.csv:5', 'a.csv, row 5, column entryNo'],
      ['A-5', 'a.csv, row 6, column (all)'],
    ]);
    expect(malformed[0]!.why).toContain('expected a decimal');
    expect(readWell).toEqual(['a.csv', 'a.csv:2', 'a.csv:7']);
  });

  it('pages through a long file and sees a late file with an earlier name', async () => {
    await drop(
      folder,
      'm',
      Array.from({ length: 1_201 }, (_, i) => row(`M-${i}`, '0.5')),
    );
    const first = await read();
    expect([first.pages, new Set(first.ids).size]).toEqual([3, 1_201]);
    await drop(folder, 'a', [row('A-1')]);
    expect((await read(first.end)).ids).toEqual(['A-1']);
  });

  it('goes on in the middle of a file, and begins it anew when it was replaced meanwhile', async () => {
    await drop(
      folder,
      'm',
      ['1', '2', '3'].map((n) => row(n)),
    );
    const source = csv.timeSource!(config(2), { connection: 'files', clock: systemClock });
    const page = await source.fetchPage(null);
    expect((await read(page.next, 2)).ids).toEqual(['3']);
    await drop(
      folder,
      'm',
      ['1', '2', '3', '4'].map((n) => row(n)),
    );
    expect((await read(page.next, 2)).ids).toEqual(['1', '2', '3', '4']);
  });

  it('takes corrections and withdrawals from later files', async () => {
    await drop(folder, 'a', [row('A-1'), row('A-2')]);
    await drop(folder, 'b', [row('A-1', '8', { revision: 2 }), row('A-2', '0', { revision: 2, status: 'withdrawn' })]);
    const { records } = await read();
    expect(
      records.map((record) => [record.sourceId, record.sourceRevision, record.fields['hours'], record.deleted ?? false]),
    ).toEqual([
      ['A-1', 1, '7.5', false],
      ['A-2', 1, '7.5', false],
      ['A-1', 2, '8', false],
      ['A-2', 2, '0', true],
    ]);
    expect((await evidence()).map(({ sourceId, hours }) => [sourceId, hours])).toEqual([['A-1', '8']]);
  });

  it('refuses a file without a needed column, or in another encoding', async () => {
    const { createHash } = await import('node:crypto');
    for (const [name, bytes] of [
      ['latin', Buffer.from([0xff, 0xfe, 0x41])],
      ['columns', Buffer.from('entryNo,hours\nA,1\n')],
    ] as const) {
      await writeFile(join(folder, `${name}.csv`), bytes);
      await writeFile(
        join(folder, `${name}.control.json`),
        JSON.stringify({ sha256: createHash('sha256').update(bytes).digest('hex'), rows: 1, hours: '1' }),
      );
    }
    expect((await read()).malformed.map(({ recordKey, why }) => [recordKey, why])).toEqual([
      ['columns.csv', 'row 1: column revision, status, worker, project, date missing'],
      ['latin.csv', 'the file is not UTF-8'],
    ]);
  });
});
