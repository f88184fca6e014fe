import type { AnalyticsTarget } from '@tieout/connector-kit';
import { isFault } from '@tieout/model';
// eslint-disable-next-line @nx/enforce-module-boundaries -- the test server is the warehouse here
import { testDatabase, type TestDatabase } from '@tieout/testing';
import { dimension, fact, load, reversalOf } from '@tieout/connector-kit/conformance';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { warehousePostgres } from '../src/index.js';
import { TcpProxy } from './tcp-proxy.js';

let database: TestDatabase;
let proxy: TcpProxy;
beforeEach(async () => {
  database = await testDatabase();
  proxy = await TcpProxy.before(database.url);
});
afterEach(async () => {
  await proxy.close();
  await database.drop();
});

const open = (settings: Record<string, string> = {}): AnalyticsTarget => {
  const config = warehousePostgres.parseConfig({
    values: { url: proxy.url, schema: 'dw', ...settings },
    secrets: new Set(['url']),
  });
  return warehousePostgres.postingTarget!(config, {
    connection: 'dw',
    clock: { now: () => '2026-11-23T00:00:00.000Z', epochMs: () => 0 },
  }) as AnalyticsTarget;
};
/** Every value as text, past the connector. */
const sql = async (text: string): Promise<Record<string, string | null>[]> => {
  const client = new pg.Client({ connectionString: database.url, types: { getTypeParser: () => String } });
  await client.connect();
  try {
    await client.query('set search_path to dw');
    return (await client.query<Record<string, string | null>>(text)).rows;
  } finally {
    await client.end();
  }
};
const faultOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (isFault(error) ? error.kind : String(error)),
  );

describe('loads', () => {
  it('a correction is a reversal and a new row: sums are right, and only the new row is current', async () => {
    const target = open();
    const first = fact();
    const second = fact({ entryId: first.entryId, releaseNo: 2, hours: '6.25', amount: '531.25', billAmount: '750' });
    await target.post!(load([first]));
    await target.post!(load([reversalOf(first), second]));
    expect(
      await sql('select trim_scale(sum(hours)) h, trim_scale(sum(cost_amount)) c, trim_scale(sum(bill_amount)) b from fact_time'),
    ).toEqual([{ h: '6.25', c: '531.25', b: '750' }]);
    expect(await sql('select posting_key, task_key from fact_time_current')).toEqual([
      { posting_key: second.postingKey, task_key: 'P-100/T1' },
    ]);
  });

  it('the same load again has no effect, and fills an emptied warehouse', async () => {
    const target = open();
    const document = load([fact(), fact({ billable: undefined, billAmount: undefined, billCurrency: undefined })]);
    await target.post!(document);
    const before = await sql('select * from fact_time order by posting_key');
    await target.post!(document);
    expect(await sql('select * from fact_time order by posting_key')).toEqual(before);
    await sql('truncate fact_time, load');
    await target.post!(document);
    expect(await sql('select * from fact_time order by posting_key')).toEqual(before);
    await sql('drop schema dw cascade');
    await target.post!(document);
    expect(await sql('select * from fact_time order by posting_key')).toEqual(before);
  });

  it('a key that was used for another content is refused, and nothing changes', async () => {
    const target = open();
    const document = load([fact()]);
    await target.post!(document);
    const other = load([fact(), fact()], { documentKey: document.documentKey });
    expect(await faultOf(target.post!(other))).toBe('ContractBroken');
    expect(await sql('select count(*) n from fact_time')).toEqual([{ n: '1' }]);
  });

  it('summarised lines are rejected by name', async () => {
    const line = fact({ members: [] });
    expect(await open().post!(load([fact(), line]))).toMatchObject({
      kind: 'rejected',
      cause: 'invalid-line',
      lines: [{ postingKey: line.postingKey }],
    });
  });

  it('pages the whole ledger of a window, in order', async () => {
    const target = open();
    const dates = Array.from({ length: 120 }, (_, n) => `2026-11-${String((n % 28) + 1).padStart(2, '0')}`);
    for (const postingDate of dates) await target.post!(load([fact()], { postingDate }));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await target.readLedger!({ from: '2026-11-02', to: '2026-11-27' }, cursor);
      seen.push(...page.documents.map((document) => `${document.postingDate} ${document.reference}`));
      expect(page.documents.every(({ lines }) => lines.length === 1 && lines[0]!.taskCode === 'T1')).toBe(true);
      cursor = page.next;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(dates.filter((date) => date > '2026-11-01' && date < '2026-11-28').length);
    expect(seen).toEqual([...new Set(seen)].sort());
  });

  it('several that start at once migrate once', async () => {
    await Promise.all(Array.from({ length: 5 }, () => open().verifyAccess()));
    expect(await sql('select version from schema_version')).toEqual([{ version: '1' }]);
  });
});

describe('what became of a write', () => {
  it('lost before the commit: Unavailable, and nothing stands', async () => {
    const target = open();
    await target.verifyAccess();
    proxy.cutAfter = 'insert into fact_time';
    expect(await faultOf(target.post!(load([fact()])))).toBe('Unavailable');
    expect(await sql('select count(*) n from load')).toEqual([{ n: '0' }]);
  });

  it('lost during the commit: OutcomeUnknown, found once, and sending again is harmless', async () => {
    const target = open();
    await target.verifyAccess();
    proxy.cutAfter = 'commit';
    const document = load([fact()]);
    expect(await faultOf(target.post!(document))).toBe('OutcomeUnknown');
    proxy.cutAfter = undefined;
    expect(await target.findByReference!(document.documentKey)).toEqual([{ externalId: document.documentKey, state: 'posted' }]);
    await target.post!(document);
    expect(await sql('select count(*) n from fact_time')).toEqual([{ n: '1' }]);
  });

  it('a server that falls silent: Unavailable within the deadline', async () => {
    await open().verifyAccess();
    const target = open({ requestTimeoutMs: '900' });
    await target.verifyAccess();
    proxy.silent = true;
    const since = Date.now();
    expect(await faultOf(target.post!(load([fact()])))).toBe('Unavailable');
    expect(await faultOf(target.readBack(['1']))).toBe('Unavailable');
    expect(Date.now() - since).toBeLessThan(4_000);
  });

  it('a server that is away: Unavailable; a wrong password or no rights: CredentialsRejected', async () => {
    await proxy.close();
    expect(await faultOf(open().verifyAccess())).toBe('Unavailable');
    await proxy.open();
    await sql(`create schema dw; create role reader_${database.url.slice(-12)} login password 'x'`);
    const url = new URL(proxy.url);
    url.username = `reader_${database.url.slice(-12)}`;
    url.password = 'x';
    expect(await faultOf(open({ url: url.href }).verifyAccess())).toBe('CredentialsRejected');
    url.username = 'nobody_of_that_name';
    expect(await faultOf(open({ url: url.href }).verifyAccess())).toBe('CredentialsRejected');
    await sql(`drop role reader_${database.url.slice(-12)}`);
  });
});

describe('dimensions', () => {
  it('only a higher revision replaces, with its whole timeline', async () => {
    const target = open();
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
    const rows = await sql('select * from dim_worker order by valid_from');
    expect(rows.map(({ cost_centre_key, valid_to }) => [cost_centre_key, valid_to])).toEqual([
      ['A', '2026-07-01'],
      ['B', '9999-12-31'],
    ]);
    expect(JSON.stringify(rows)).not.toContain('ann@');
    await target.upsertDimensions([dimension('worker', 'E1001', { costCentre: 'C' }, { revision: 3 })]);
    expect(await sql('select cost_centre_key, revision from dim_worker')).toEqual([{ cost_centre_key: 'C', revision: '3' }]);
  });
});

describe('views', () => {
  it('utilisation: billable hours of the capacity of the days on which a worker was active', async () => {
    const target = open();
    await target.upsertDimensions([
      dimension('worker', 'E1001', { hoursPerDay: '7.5' }),
      dimension('worker', 'E1002', { activeFrom: '2026-11-16' }),
    ]);
    await target.post!(load([fact({ hours: '63' }), fact({ hours: '5', billable: false })]));
    expect(
      await sql(`select worker_key, month, trim_scale(hours) h, trim_scale(billable_hours) b, trim_scale(capacity_hours) c, utilisation u
                 from utilisation order by 1`),
    ).toEqual([
      // November 2026 has 21 weekdays, and 11 from the 16th.
      { worker_key: 'E1001', month: '2026-11-01', h: '68', b: '63', c: '157.5', u: '0.4000' },
      { worker_key: 'E1002', month: '2026-11-01', h: '0', b: '0', c: '88', u: '0.0000' },
    ]);
  });

  it('margin and completion: per currency, to date, against the budget', async () => {
    const target = open();
    await target.upsertDimensions([
      dimension('legal-entity', 'DE01', { currency: 'EUR' }),
      dimension('project', 'P-100', { legalEntity: 'DE01', budgetHours: '40', budgetAmount: '2000', revenueMethod: 'cost' }),
    ]);
    await target.post!(load([fact({ hours: '10', amount: '500.1', billAmount: '800' })]));
    await target.post!(
      load([
        fact({ hours: '5', amount: '250', billAmount: '400', billCurrency: 'USD', workDate: '2026-12-01' }),
        fact({ hours: '1', amount: '60', currency: 'USD', billAmount: undefined, workDate: '2026-12-02' }),
      ]),
    );
    expect(
      await sql(
        'select month, currency, trim_scale(cost_amount) c, trim_scale(bill_amount) b, trim_scale(margin) m from margin_inputs order by 1, 2',
      ),
    ).toEqual([
      { month: '2026-11-01', currency: 'EUR', c: '500.1', b: '800', m: '299.9' },
      { month: '2026-12-01', currency: 'EUR', c: '250', b: '0', m: '-250' },
      { month: '2026-12-01', currency: 'USD', c: '60', b: '400', m: '340' },
    ]);
    expect(
      await sql(`select month, currency, trim_scale(hours_to_date) h, hours_complete hc, trim_scale(cost_to_date) c,
                 budget_amount b, cost_complete cc, revenue_method r from percent_of_completion_inputs order by 1, 2`),
    ).toEqual([
      { month: '2026-11-01', currency: 'EUR', h: '10', hc: '0.2500', c: '500.1', b: '2000', cc: '0.2501', r: 'cost' },
      { month: '2026-11-01', currency: 'USD', h: '10', hc: '0.2500', c: '0', b: null, cc: null, r: 'cost' },
      { month: '2026-12-01', currency: 'EUR', h: '16', hc: '0.4000', c: '750.1', b: '2000', cc: '0.3751', r: 'cost' },
      { month: '2026-12-01', currency: 'USD', h: '16', hc: '0.4000', c: '60', b: null, cc: null, r: 'cost' },
    ]);
  });
});
