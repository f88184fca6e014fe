import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnalyticsTarget } from '@tieout/connector-kit';
import { isFault } from '@tieout/model';
import { dimension, fact, load, reversalOf } from '@tieout/connector-kit/conformance';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { warehouseParquet } from '../src/index.js';
import { askDuckDb } from './duckdb.js';

let folder: string;
let target: AnalyticsTarget;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tieout-parquet-'));
  target = warehouseParquet.postingTarget!(warehouseParquet.parseConfig({ values: { folder }, secrets: new Set() }), {
    connection: 'lake',
    clock: { now: () => '2026-11-23T00:00:00.000Z', epochMs: () => 0 },
  }) as AnalyticsTarget;
});
afterEach(() => rm(folder, { recursive: true }));

const ask = (sql: string): Promise<Record<string, unknown>[]> => askDuckDb(folder, sql);
const faultOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (isFault(error) ? error.kind : String(error)),
  );
const files = async (): Promise<string[]> => (await readdir(folder, { recursive: true })).sort();

describe('loads', () => {
  it('DuckDB reads every column, decimals exact and dates as dates', async () => {
    const line = fact({
      workDate: '2024-02-29',
      hours: '0.1',
      amount: '-123456789012345678.000000000001',
      costCentre: 'CC-7',
      payCode: 'STD',
      reverses: 'before',
      kind: 'reversal',
    });
    const document = load([line, fact({ billable: undefined, taskCode: undefined, billAmount: undefined })]);
    await target.post!(document);
    expect(await ask(`select * from fact_time where posting_key = '${line.postingKey}'`)).toEqual([
      {
        posting_key: line.postingKey,
        entry_id: line.entryId,
        release_no: '1',
        leg: 'fact',
        kind: 'reversal',
        reverses: 'before',
        load_key: document.documentKey,
        legal_entity_key: 'DE01',
        posting_period: '2026-11',
        posting_date: '2026-11-20',
        work_date: '2024-02-29',
        worker_key: 'E1001',
        project_key: 'P-100',
        task_key: 'P-100/T1',
        cost_centre_key: 'CC-7',
        pay_code: 'STD',
        hours: '0.100000000000',
        cost_amount: '-123456789012345678.000000000001',
        cost_currency: 'EUR',
        billable: true,
        bill_amount: '900.010000000000',
        bill_currency: 'EUR',
      },
    ]);
    expect(await ask('select typeof(cost_amount) t, count(billable) b from fact_time group by 1')).toEqual([
      { t: 'DECIMAL(38,12)', b: '1' },
    ]);
  });

  it('reads back from the file what was sent, exactly', async () => {
    const line = fact({
      amount: '-123456789012345678.000000000001',
      hours: '0.1',
      costCentre: 'C',
      kind: 'reversal',
      reverses: 'k',
    });
    const outcome = await target.post!(load([line]));
    const [booked] = await target.readBack([outcome.kind === 'posted' ? outcome.externalId : '', '../../etc/passwd', 'x/y']);
    const { postingKey, entryId, releaseNo, leg, kind, reverses, workerCode, projectCode, taskCode, costCentre } = line;
    const { workDate, hours, amount, payCode, billable, billAmount, billCurrency } = line;
    expect(booked?.lines).toEqual([
      {
        postingKey,
        entryId,
        releaseNo,
        leg,
        kind,
        reverses,
        workerCode,
        projectCode,
        taskCode,
        costCentre,
        workDate,
        hours,
        amount,
        payCode,
        billable,
        billAmount,
        billCurrency,
      },
    ]);
    expect(booked).toMatchObject({ legalEntityId: 'DE01', postingDate: '2026-11-20', currency: 'EUR', postingPeriod: '2026-11' });
  });

  it('a correction is a reversal and a new row: sums are right, and only the new row is current', async () => {
    const first = fact();
    const second = fact({ entryId: first.entryId, releaseNo: 2, hours: '6.25', amount: '531.25' });
    await target.post!(load([first]));
    await target.post!(load([reversalOf(first), second]));
    expect(await ask('select sum(hours) h, sum(cost_amount) c from fact_time')).toEqual([
      { h: '6.250000000000', c: '531.250000000000' },
    ]);
    expect(await ask('select posting_key from fact_time_current')).toEqual([{ posting_key: second.postingKey }]);
  });

  it('the same load again changes nothing, and an emptied folder is filled again', async () => {
    const document = load([fact(), fact()]);
    await target.post!(document);
    const before = await files();
    const bytes = await readFile(join(folder, `facts/period=2026-11/${document.documentKey}.parquet`));
    await target.post!(document);
    expect(await files()).toEqual(before);
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
    await target.post!(document);
    expect(await files()).toEqual(before);
    expect(await readFile(join(folder, `facts/period=2026-11/${document.documentKey}.parquet`))).toEqual(bytes);
  });

  it('a key that was used for another content or period is refused', async () => {
    const document = load([fact()]);
    await target.post!(document);
    expect(await faultOf(target.post!(load([fact()], { documentKey: document.documentKey })))).toBe('ContractBroken');
    expect(await faultOf(target.post!({ ...document, postingPeriod: '2026-12' }))).toBe('ContractBroken');
    expect(await target.findByReference!(document.documentKey)).toHaveLength(1);
  });

  it('a posting in two files counts once', async () => {
    const line = fact();
    await target.post!(load([line]));
    await target.post!(load([line]));
    expect(await ask('select count(*) n from fact_time')).toEqual([{ n: '1' }]);
  });

  it('pages the whole ledger of a window', async () => {
    const dates = Array.from({ length: 70 }, (_, n) => `2026-11-${String((n % 28) + 1).padStart(2, '0')}`);
    for (const postingDate of dates) await target.post!(load([fact()], { postingDate }));
    const seen = new Set<string>();
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await target.readLedger!({ from: '2026-11-02', to: '2026-11-27' }, cursor);
      for (const { externalId } of page.documents) seen.add(externalId);
      cursor = page.next;
      pages += 1;
    } while (cursor !== undefined);
    expect([seen.size, pages]).toEqual([dates.filter((date) => date > '2026-11-01' && date < '2026-11-28').length, 2]);
  });

  it('summarised lines are rejected by name', async () => {
    const line = fact({ members: [] });
    expect(await target.post!(load([line]))).toMatchObject({ kind: 'rejected', lines: [{ postingKey: line.postingKey }] });
  });
});

describe('what became of a write', () => {
  it('a folder that is not there is Unavailable and is never made', async () => {
    await rename(folder, `${folder}.away`);
    expect(await faultOf(target.post!(load([fact()])))).toBe('Unavailable');
    expect(await faultOf(target.findByReference!('x'))).toBe('Unavailable');
    expect(await faultOf(target.readBack([]))).toBe('Unavailable');
    await rename(`${folder}.away`, folder);
    expect(await files()).toEqual([]);
  });

  it('a file that is none is ContractBroken', async () => {
    const document = load([fact()]);
    await target.post!(document);
    await writeFile(join(folder, `facts/period=2026-11/${document.documentKey}.parquet`), 'cut');
    expect(await faultOf(target.readBack([`2026-11/${document.documentKey}`]))).toBe('ContractBroken');
  });

  it('what a writer that died has left is seen by nobody', async () => {
    await target.post!(load([fact()]));
    await writeFile(join(folder, 'facts/period=2026-11/k.parquet.1.pending'), 'half');
    expect(await ask('select count(*) n from fact_time')).toEqual([{ n: '1' }]);
    expect((await target.readLedger!({ from: '2026-01-01', to: '2026-12-31' }, undefined)).documents).toHaveLength(1);
  });

  it('a file where a folder belongs is Unavailable, and nothing stands', async () => {
    await target.verifyAccess();
    await rm(join(folder, 'facts'), { recursive: true });
    await writeFile(join(folder, 'facts'), '');
    expect(await faultOf(target.post!(load([fact()])))).toBe('Unavailable');
  });
});

describe('dimensions', () => {
  it('the highest revision shows, with its whole timeline, in whatever order they come', async () => {
    await target.verifyAccess();
    expect(await ask('select * from dim_worker')).toEqual([]);
    const two = dimension(
      'worker',
      'E1001',
      {},
      {
        revision: 2,
        segments: [
          { validFrom: '0001-01-01', validTo: '2026-07-01', attributes: { costCentre: 'A', userName: 'ann@example.org' } },
          { validFrom: '2026-07-01', validTo: '9999-12-31', attributes: { costCentre: 'B', hoursPerDay: 'many' } },
        ],
      },
    );
    await target.upsertDimensions([two, dimension('worker', 'E1001', { costCentre: 'old' })]);
    await target.upsertDimensions([dimension('worker', 'E1001', { costCentre: 'old' })]);
    await target.upsertDimensions([two]);
    const rows = await ask('select * from dim_worker order by valid_from');
    expect(rows.map(({ cost_centre_key, valid_from, valid_to }) => [cost_centre_key, valid_from, valid_to])).toEqual([
      ['A', '0001-01-01', '2026-07-01'],
      ['B', '2026-07-01', '9999-12-31'],
    ]);
    expect(JSON.stringify(rows)).not.toContain('ann@');
    await target.upsertDimensions([dimension('worker', 'E1001', { costCentre: 'C' }, { revision: 3 })]);
    expect(await ask('select cost_centre_key, revision from dim_worker')).toEqual([{ cost_centre_key: 'C', revision: '3' }]);
  });

  it('many small files become one, and nothing is lost or comes back', async () => {
    for (let revision = 1; revision <= 103; revision++)
      await target.upsertDimensions([
        dimension('project', `P-${revision % 10}`, { name: `n${revision}`, budgetHours: '1.5' }, { revision }),
      ]);
    expect((await readdir(join(folder, 'dimensions/project'))).length).toBeLessThan(10);
    expect(await ask('select project_key, name, budget_hours from dim_project order by project_key limit 2')).toEqual([
      { project_key: 'P-0', name: 'n100', budget_hours: '1.500000000000' },
      { project_key: 'P-1', name: 'n101', budget_hours: '1.500000000000' },
    ]);
    expect(await ask('select count(*) n from dim_project')).toEqual([{ n: '10' }]);
  });
});

describe('views', () => {
  it('utilisation, margin and completion', async () => {
    await target.upsertDimensions([
      dimension('worker', 'E1001', { hoursPerDay: '7.5' }),
      dimension('worker', 'E1002', { activeFrom: '2026-11-16' }),
      dimension('legal-entity', 'DE01', { currency: 'EUR' }),
      dimension('project', 'P-100', { legalEntity: 'DE01', budgetHours: '100', budgetAmount: '2000' }),
    ]);
    await target.post!(load([fact({ hours: '63', amount: '500.1' }), fact({ hours: '5', amount: '250', billable: false })]));
    expect(
      await ask('select worker_key, month, hours::int h, capacity_hours::text c, utilisation u from utilisation order by 1'),
    ).toEqual([
      { worker_key: 'E1001', month: '2026-11-01', h: 68, c: '157.500000000000', u: '0.4000' },
      { worker_key: 'E1002', month: '2026-11-01', h: 0, c: '88.000000000000', u: '0.0000' },
    ]);
    expect(await ask('select currency, margin from margin_inputs')).toEqual([{ currency: 'EUR', margin: '1049.920000000000' }]);
    expect(await ask('select hours_complete h, cost_complete c from percent_of_completion_inputs')).toEqual([
      { h: '0.6800', c: '0.3751' },
    ]);
  });
});
