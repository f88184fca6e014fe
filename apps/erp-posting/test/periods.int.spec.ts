import { EVENT_TYPES } from '@tieout/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { hours } from './builders.js';
import { CALENDAR } from './process.js';
import { World } from './world.js';

let world: World;
afterEach(() => world.close());

describe('accounting periods', () => {
  it('a late original is held with its reason until the period is reopened', async () => {
    world = await World.create();
    await world.take([1, 1, hours('8', { workDate: '2026-10-20' })]);
    await world.settle();
    expect(await world.counts()).toEqual({ blocked: 1 });
    const [blocked] = await world.events(EVENT_TYPES.lineBlocked);
    expect(blocked!.body).toMatchObject({ reason: 'PERIOD_CLOSED', workDate: '2026-10-20' });
    await world.process.planAndFreeze();
    expect(await world.events(EVENT_TYPES.lineBlocked)).toHaveLength(1);
    await world.periods({ '2026-10': 'open' });
    await world.settle();
    expect(await world.counts()).toEqual({ confirmed: 1 });
    expect(await world.events(EVENT_TYPES.lineCleared)).toHaveLength(1);
  });

  it('a correction of a closed period goes to the first open one, with its own work date', async () => {
    world = await World.create();
    await world.periods({ '2026-10': 'open' });
    await world.take([1, 1, hours('8', { workDate: '2026-10-20' })]);
    await world.settle();
    await world.periods({ '2026-10': 'closed' });
    await world.take([1, 2, hours('6', { workDate: '2026-10-20' })]);
    await world.settle();
    expect((await world.lines(1)).map((l) => [l.kind, l.postingPeriod, l.postingDate, l.workDate])).toEqual([
      ['post', '2026-10', '2026-10-20', '2026-10-20'],
      ['reversal', '2026-11', '2026-11-01', '2026-10-20'],
      ['post', '2026-11', '2026-11-01', '2026-10-20'],
    ]);
    expect(await world.proveExactlyOnce({ 1: 6 })).toEqual([]);
  });

  it('a destination that refuses one period after the other is asked once for each', async () => {
    world = await World.create();
    CALENDAR.lateOriginals = 'first-open-period';
    try {
      world.erp.closedPeriods.add('2026-11').add('2026-12');
      await world.take([1, 1, hours('8')]);
      await world.settle();
      expect(world.erp.writes).toBe(2);
      expect(await world.counts()).toEqual({ blocked: 1 });
    } finally {
      CALENDAR.lateOriginals = 'hold';
    }
  });

  it('the destination closed the period first: the document dissolves and its lines are placed anew', async () => {
    world = await World.create();
    CALENDAR.lateOriginals = 'first-open-period';
    try {
      world.erp.closedPeriods.add('2026-11');
      await world.take([1, 1, hours('8')], [2, 1, hours('8')]);
      await world.settle();
      expect((await world.documents()).map((d) => [d.state, d.period])).toEqual([
        ['rejected', '2026-11'],
        ['confirmed', '2026-12'],
      ]);
    } finally {
      CALENDAR.lateOriginals = 'hold';
    }
  });

  it('held by a destination’s word, it posts when master data has news or a person retries', async () => {
    world = await World.create();
    world.erp.closedPeriods.add('2026-11');
    await world.take([1, 1, hours('8')], [2, 1, hours('6')]);
    await world.settle();
    expect(await world.counts()).toEqual({ blocked: 2 });
    expect(world.erp.writes).toBe(1);
    world.erp.closedPeriods.clear();
    const [line] = await world.lines(1);
    await world.retry(line!.postingKey);
    await world.settle();
    expect(await world.counts()).toEqual({ blocked: 1, confirmed: 1 });
    await world.periods({ '2026-11': 'open' });
    await world.settle();
    expect(await world.counts()).toEqual({ confirmed: 2 });
  });

  it('a period that closes before a document was sent takes it no more', async () => {
    world = await World.create();
    await world.take([1, 1, hours('8')]);
    await world.process.planAndFreeze();
    await world.periods({ '2026-11': 'closed' });
    await world.settle();
    expect(world.erp.writes).toBe(0);
    expect(await world.counts()).toEqual({ blocked: 1 });
  });
});
