import { rename } from 'node:fs/promises';
import { FEED_QUESTIONS } from '@tieout/contracts';
import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashOf, type Warehouse } from './warehouses.js';
import { entry, master, released, withdrawn, World } from './world.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.stop());

/** What stands of an entry: how many rows, and their sums. */
const standing = async (warehouse: Warehouse, n: number) =>
  (
    await warehouse.sql(`select count(*) as lines, sum(hours) as hours, sum(cost_amount) as cost, sum(bill_amount) as bill,
      (select count(*) from fact_time_current c where c.entry_id = '${entry(n)}') as current from fact_time where entry_id = '${entry(n)}'`)
  )[0]!;
const both = async (n: number) => {
  const [dw, lake] = [await standing(world.dw, n), await standing(world.lake, n)];
  expect(lake).toEqual(dw);
  return dw;
};
const agree = async (): Promise<void> => {
  const [{ keys: _, ...dw }, { keys: __, ...lake }] = [await world.dw.everything(), await world.lake.everything()];
  expect(lake).toEqual(dw);
};

describe('facts', () => {
  it('a release stands in both warehouses, in the month of its work date, whatever the books say', async () => {
    await world.publish(
      released(1, 1, { taskCode: 'T1', costCentre: 'CC1', hours: '7.50' }),
      released(2, 1, { workDate: '2019-02-14', bill: null, billable: false }),
    );
    await world.settled({ 1: 1, 2: 1 });
    await eventually(async () => {
      const progress = await world.service.runtime.questions.ask(FEED_QUESTIONS.analytics.progress, {});
      expect(progress).toMatchObject({ idle: true, counts: { confirmed: 4 } });
    });
    expect(await world.dw.sql('select 1 as one from fact_time')).toHaveLength(2);
    expect((await world.dw.sql(`select * from fact_time where entry_id = '${entry(1)}'`))[0]).toMatchObject({
      leg: 'fact',
      kind: 'post',
      worker_key: 'E1',
      project_key: 'P1',
      task_key: 'P1/T1',
      cost_centre_key: 'CC1',
      hours: '7.5',
      cost_amount: '400',
      bill_amount: '800',
      posting_period: '2026-11',
    });
    expect(
      (await world.lake.sql(`select posting_period, posting_date, billable from fact_time where entry_id = '${entry(2)}'`))[0],
    ).toEqual({ posting_period: '2019-02', posting_date: '2019-02-14', billable: 'f' });
    await agree();
  });

  it('a correction is a reversal and a new row', async () => {
    await world.publish(released(3, 1));
    await world.settled({ 3: 1 });
    await world.publish(released(3, 2, { hours: '6', cost: '300', bill: '600.01' }));
    await world.settled({ 3: 2 });
    expect(await both(3)).toEqual({ lines: '3', hours: '6', cost: '300', bill: '600.01', current: '1' });
  });

  it('only the bill amount changed: corrected too', async () => {
    await world.publish(released(4, 1));
    await world.settled({ 4: 1 });
    await world.publish(released(4, 2, { bill: '900' }));
    await world.settled({ 4: 2 });
    expect(await both(4)).toEqual({ lines: '3', hours: '8', cost: '400', bill: '900', current: '1' });
  });

  it('a withdrawal leaves nothing', async () => {
    await world.publish(released(5, 1));
    await world.settled({ 5: 1 });
    await world.publish(withdrawn(5, 2));
    await world.settled({ 5: 2 });
    expect(await both(5)).toEqual({ lines: '2', hours: '0', cost: '0', bill: '0', current: '0' });
  });

  it('several corrections, in any order, repeated, and a change back: the latest stands, once', async () => {
    await world.publish(released(6, 1));
    await world.settled({ 6: 1 });
    const hours = (no: number, value: number) => released(6, no, { hours: String(value), cost: String(value * 50) });
    await world.publish(hours(2, 7), hours(4, 5), hours(3, 6), hours(4, 5), hours(2, 7));
    await world.settled({ 6: 4 });
    expect(await both(6)).toMatchObject({ hours: '5', cost: '250', current: '1' });
    await world.publish(hours(5, 8));
    await world.settled({ 6: 5 });
    expect(await both(6)).toMatchObject({ hours: '8', cost: '400', current: '1' });
    await agree();
  });

  it('the same release again changes nothing', async () => {
    const before = await hashOf(world.dw);
    await world.publish(released(3, 2, { hours: '6', cost: '300', bill: '600.01' }), released(3, 1), withdrawn(5, 2));
    await world.publish(released(7, 1, { hours: '1' }), withdrawn(7, 2));
    await world.settled({ 3: 2, 5: 2, 7: 2 });
    expect(await both(7)).toMatchObject({ current: '0' });
    expect(await both(3)).toMatchObject({ lines: '3' });
    // A line that was cancelled before it was sent leaves no row at all; one that was sent leaves two.
    if ((await standing(world.dw, 7))['lines'] === '0') expect(await hashOf(world.dw)).toBe(before);
  });

  it('the work date moves: the old month is emptied, the new one filled', async () => {
    await world.publish(released(8, 1, { workDate: '2026-09-30' }));
    await world.settled({ 8: 1 });
    await world.publish(released(8, 2, { workDate: '2026-10-01' }));
    await world.settled({ 8: 2 });
    expect(
      await world.lake.sql(
        `select posting_period, sum(hours) as hours from fact_time where entry_id = '${entry(8)}' group by 1 order by 1`,
      ),
    ).toEqual([
      { posting_period: '2026-09', hours: '0' },
      { posting_period: '2026-10', hours: '8' },
    ]);
  });

  it('a burst of 600: nothing lost, nothing twice', async () => {
    const numbers = Array.from({ length: 600 }, (_, n) => 1_000 + n);
    await world.publish(...numbers.map((n) => released(n, 1, { projectCode: 'BURST', hours: '0.1', cost: '0.7' })));
    await world.settled(Object.fromEntries(numbers.map((n) => [n, 1])));
    const sums = `select count(*) as n, count(distinct entry_id) as entries, sum(hours) as hours, sum(cost_amount) as cost from fact_time where project_key = 'BURST'`;
    expect(await world.dw.sql(sums)).toEqual([{ n: '600', entries: '600', hours: '60', cost: '420' }]);
    await agree();
  });
});

describe('dimensions', () => {
  it('come from master data, whole, and only by a higher revision', async () => {
    const always = { validFrom: '0001-01-01' };
    await world.publish(
      master(
        'worker',
        'E1',
        2,
        { ...always, attributes: { costCentre: 'A', userName: 'ann@example.org' } },
        { validFrom: '2026-07-01', attributes: { costCentre: 'B' } },
      ),
      master('project', 'P1', 1, {
        ...always,
        attributes: { legalEntity: 'US01', budgetHours: '100', budgetAmount: '5000', billable: 'true' },
      }),
      master('legal-entity', 'US01', 1, { ...always, attributes: { currency: 'USD' } }),
      master('task', 'P1/T1', 1, { ...always, attributes: { project: 'P1', name: 'Build' } }),
      master('cost-centre', 'CC1', 1, { ...always, attributes: { name: 'Delivery' } }),
    );
    await world.dimensionsDelivered(5);
    // An older one, and one of a kind that is no dimension; the task behind them says that they were read.
    await world.publish(
      master('worker', 'E1', 1, { ...always, attributes: { costCentre: 'OLD' } }),
      master('client', 'C1', 1, { ...always, attributes: { name: 'no dimension' } }),
      master('task', 'P1/T2', 1, { ...always, attributes: { project: 'P1', name: 'Test' } }),
    );
    await world.dimensionsDelivered(6);
    for (const warehouse of [world.dw, world.lake]) {
      expect(await warehouse.sql('select cost_centre_key, valid_from, valid_to from dim_worker order by 2')).toEqual([
        { cost_centre_key: 'A', valid_from: '0001-01-01', valid_to: '2026-07-01' },
        { cost_centre_key: 'B', valid_from: '2026-07-01', valid_to: '9999-12-31' },
      ]);
      expect(JSON.stringify((await warehouse.everything()).worker)).not.toContain('ann@');
    }
    await world.publish(master('worker', 'E1', 3, { ...always, attributes: { costCentre: 'C' } }));
    await eventually(async () => {
      for (const warehouse of [world.dw, world.lake])
        expect(await warehouse.sql('select cost_centre_key, revision from dim_worker')).toEqual([
          { cost_centre_key: 'C', revision: '3' },
        ]);
    }, 15_000);
    await agree();
  });

  it('completion is told against the budget, and both warehouses say the same', async () => {
    const [row] = await world.dw.sql(
      `select c.*, (select sum(hours) from fact_time f where f.project_key = 'P1' and f.work_date < date '2026-12-01') as worked
       from percent_of_completion_inputs c where project_key = 'P1' and month = date '2026-11-01'`,
    );
    expect(row).toMatchObject({ budget_hours: '100', budget_amount: '5000', hours_to_date: row!['worked'], currency: 'USD' });
    await agree();
  });
});

describe('a warehouse is away', () => {
  it('the other goes on, and it catches up by itself', async () => {
    await rename(world.lakeFolder, `${world.lakeFolder}.away`);
    await world.publish(released(20, 1));
    await eventually(async () => expect(await standing(world.dw, 20)).toMatchObject({ hours: '8' }), 15_000);
    await rename(`${world.lakeFolder}.away`, world.lakeFolder);
    await world.settled({ 20: 1 });
    expect(await both(20)).toMatchObject({ lines: '1', hours: '8' });
  });
});

describe('rebuild', () => {
  const rebuilt = (destination: string): Promise<void> =>
    eventually(async () => {
      expect((await world.call(`/rebuild/${destination}`, ['auditor'])).body).toMatchObject({
        remaining: 0,
        problems: [],
        finishedAt: expect.any(String),
      });
      await world.dimensionsDelivered(6);
    }, 30_000);

  it('an emptied warehouse is filled with the very same', async () => {
    const [dw, lake] = [await hashOf(world.dw), await hashOf(world.lake)];
    await agree();
    await world.dw.empty();
    await world.lake.empty();
    for (const destination of ['dw', 'lake']) {
      const answer = await world.call('/rebuild', ['operator'], { destination });
      expect(answer.status).toBe(202);
      expect(answer.body).toMatchObject({ destination, startedBy: 'user:olga' });
    }
    await rebuilt('dw');
    await rebuilt('lake');
    expect(await hashOf(world.dw)).toBe(dw);
    expect(await hashOf(world.lake)).toBe(lake);
    await agree();
  });

  it('of a full warehouse has no effect; what comes meanwhile is not lost', async () => {
    await world.call('/rebuild', ['operator'], { destination: 'dw' });
    await world.publish(released(21, 1));
    await world.call('/rebuild', ['operator'], { destination: 'dw' });
    await world.settled({ 21: 1 });
    await rebuilt('dw');
    expect(await both(21)).toMatchObject({ lines: '1', hours: '8' });
    await agree();
    const audit = await world.service.runtime.database.query<{ action: string; actor: string }>(
      `select action, actor from audit_record where action like 'warehouse.rebuil%' order by id`,
    );
    expect(audit.filter(({ action }) => action === 'warehouse.rebuild-started').map(({ actor }) => actor)).toEqual(
      Array.from({ length: 4 }, () => 'user:olga'),
    );
    expect(audit.filter(({ action }) => action === 'warehouse.rebuilt').length).toBeGreaterThanOrEqual(3);
  });

  it('is for operators, and of warehouses that this service feeds', async () => {
    expect((await world.call('/rebuild', ['finance'], { destination: 'dw' })).status).toBe(403);
    expect((await world.call('/rebuild', ['operator'], { destination: 'erp' })).status).toBe(404);
    expect((await world.call('/rebuild', ['operator'], {})).status).toBe(400);
    expect((await world.call('/rebuild/nowhere', ['auditor'])).status).toBe(404);
  });
});
