import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { content, World } from './world.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.close());

const AFTER_CUT_OFF = '2026-11-25T17:01:00.000Z';
const changed = (over: Parameters<typeof content>[0] = {}) => content({ approvedAt: world.clock.now(), ...over });

describe('corrections', () => {
  it('before the cut-off: the old line goes, the new one is paid', async () => {
    await world.take([1, 1, content()]);
    await world.rounds();
    await world.take([1, 2, changed({ hours: '6' })]);
    await world.rounds();
    await world.pay('DE-M/2026-11');
    expect(await world.states(1)).toEqual(['post pay:NORMAL 8 - cancelled', 'post pay:NORMAL 6 DE-M/2026-11 confirmed']);
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E1 NORMAL': '6' });
  });

  it('after the cut-off and before the signature: what is late is for the next run, and the preview shows the hour gone', async () => {
    await world.take([1, 1, content()], [2, 1, content({ hours: '1' })]);
    await world.at(AFTER_CUT_OFF);
    await world.rounds();
    expect((await world.preview('DE-M/2026-11')).totals.hours).toBe('9');
    await world.take([1, 2, changed({ hours: '6' })]);
    await world.rounds();
    expect((await world.preview('DE-M/2026-11')).totals.hours).toBe('1');
    await world.pay('DE-M/2026-11');
    await world.pay('DE-M/2026-12');
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E1 NORMAL': '1', 'DE-M/2026-12 E1 NORMAL': '6' });
  });

  it('after the signature: the difference in the next run', async () => {
    await world.take([1, 1, content()]);
    await world.at(AFTER_CUT_OFF);
    await world.rounds();
    await world.sign('DE-M/2026-11');
    await world.take([1, 2, changed({ hours: '9.5' })]);
    await world.rounds();
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E1 NORMAL': '8' });
    await world.pay('DE-M/2026-12');
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E1 NORMAL': '8', 'DE-M/2026-12 E1 NORMAL': '1.5' });
    expect(await world.states(1)).toEqual([
      'post pay:NORMAL 8 DE-M/2026-11 confirmed',
      'adjustment pay:NORMAL 1.5 DE-M/2026-12 confirmed',
    ]);
  });

  it('while the bureau has the batch and has not answered: nothing is planned before it is known', async () => {
    world.bureau.acknowledgesAtOnce = false;
    await world.take([1, 1, content()]);
    await world.at(AFTER_CUT_OFF);
    await world.rounds();
    await world.sign('DE-M/2026-11');
    await world.rounds();
    await world.take([1, 2, changed({ hours: '6' })]);
    await world.rounds();
    expect(await world.states(1)).toEqual(['post pay:NORMAL 8 DE-M/2026-11 sending']);
    world.bureau.acknowledge();
    await world.rounds();
    world.bureau.acknowledgesAtOnce = true;
    await world.pay('DE-M/2026-12');
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E1 NORMAL': '8', 'DE-M/2026-12 E1 NORMAL': '-2' });
  });

  it('several after it was paid: one difference', async () => {
    await world.take([1, 1, content()]);
    await world.rounds();
    await world.pay('DE-M/2026-11');
    for (const [releaseNo, hours] of [
      [2, '6'],
      [3, '4'],
      [4, '7.25'],
    ] as const) {
      await world.take([1, releaseNo, changed({ hours })]);
      await world.rounds();
    }
    await world.pay('DE-M/2026-12');
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E1 NORMAL': '8', 'DE-M/2026-12 E1 NORMAL': '-0.75' });
    expect((await world.states(1)).filter((state) => state.endsWith('confirmed'))).toHaveLength(2);
  });

  it('back to the first content: nets to nothing', async () => {
    await world.take([1, 1, content()]);
    await world.rounds();
    await world.pay('DE-M/2026-11');
    await world.take([1, 2, changed({ hours: '6' })]);
    await world.rounds();
    await world.take([1, 3, changed()]);
    await world.rounds();
    await world.at('2026-12-28T09:00:00.000Z');
    await world.rounds();
    expect((await world.preview('DE-M/2026-12')).totals).toMatchObject({ count: 0, hours: '0' });
    expect(await world.states(1)).toEqual(['post pay:NORMAL 8 DE-M/2026-11 confirmed', 'adjustment pay:NORMAL -2 - cancelled']);
  });

  it('another pay code: from the one, to the other', async () => {
    await world.take([1, 1, content()]);
    await world.rounds();
    await world.pay('DE-M/2026-11');
    await world.take([1, 2, changed({ payCode: 'NIGHT' })]);
    await world.rounds();
    await world.pay('DE-M/2026-12');
    expect(world.bureau.paid()).toEqual({
      'DE-M/2026-11 E1 NORMAL': '8',
      'DE-M/2026-12 E1 NIGHT': '8',
      'DE-M/2026-12 E1 NORMAL': '-8',
    });
  });

  it('another work date: both halves in the next run, nothing in between', async () => {
    await world.take([1, 1, content()]);
    await world.rounds();
    await world.pay('DE-M/2026-11');
    await world.take([1, 2, changed({ workDate: '2026-11-13', hours: '5' })]);
    await world.rounds();
    await world.pay('DE-M/2026-12');
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E1 NORMAL': '8', 'DE-M/2026-12 E1 NORMAL': '-3' });
  });

  it('withdrawn after it was paid: a negative run that is never cut to zero, and that the preview points out', async () => {
    await world.take([1, 1, content()]);
    await world.rounds();
    await world.pay('DE-M/2026-11');
    await world.take([1, 2, null]);
    await world.rounds();
    await world.at('2026-12-28T09:00:00.000Z');
    await world.rounds();
    expect(await world.preview('DE-M/2026-12')).toMatchObject({
      totals: { count: 1, hours: '-8' },
      people: [{ workerCode: 'E1', now: '-8', last: '8', alerts: ['large-change', 'negative'] }],
    });
    await world.pay('DE-M/2026-12');
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E1 NORMAL': '8', 'DE-M/2026-12 E1 NORMAL': '-8' });
  });

  it('late and then withdrawn before its run: nothing is ever paid', async () => {
    await world.at(AFTER_CUT_OFF);
    await world.take([1, 1, changed()]);
    await world.rounds();
    await world.take([1, 2, null]);
    await world.at('2026-12-28T09:00:00.000Z');
    await world.rounds();
    expect(await world.states(1)).toEqual(['post pay:NORMAL 8 - cancelled']);
    expect(world.bureau.batches).toEqual([]);
  });
});

describe('what payroll answers', () => {
  it('cut to zero in silence: the run is not acknowledged, and a case is told', async () => {
    await world.take([1, 1, content()]);
    await world.rounds();
    await world.pay('DE-M/2026-11');
    world.bureau.cutsNegatives = true;
    await world.take([1, 2, changed({ hours: '6' })]);
    await world.rounds();
    await world.at('2026-12-28T09:00:00.000Z');
    await world.rounds();
    await world.sign('DE-M/2026-12');
    await world.rounds();
    expect((await world.run('DE-M/2026-12')).state).toBe('sent');
    expect(await world.documents('DE-M/2026-12')).toMatchObject([{ state: 'unknown' }]);
    const [told] = await world.events('payroll.document.unknown.v1');
    expect(told).toMatchObject({
      reason: 'OUTCOME_UNKNOWN',
      message: expect.stringContaining('has 0 hours, sent were -2') as string,
    });
  });

  it('a refused line: the run is refused, the good lines come back to be signed, and the bad one when it is mended', async () => {
    await world.take([1, 1, content()], [2, 1, content({ workerCode: 'E2' })]);
    await world.at(AFTER_CUT_OFF);
    await world.rounds();
    world.bureau.refuses = (line) => (line.workerCode === 'E2' ? 'E2 has no contract' : undefined);
    await world.sign('DE-M/2026-11');
    await world.rounds();
    expect(await world.run('DE-M/2026-11')).toMatchObject({ state: 'previewed' });
    expect(await world.audit('pay-run.refused')).toMatchObject([{ reason: 'the bureau refused the batch' }]);
    expect(await world.preview('DE-M/2026-11')).toMatchObject({
      totals: { count: 1, hours: '8' },
      people: [{ workerCode: 'E1' }],
    });

    world.bureau.refuses = () => undefined;
    const [rejected] = await world.events('payroll.line.rejected.v1');
    await world.retry(String(rejected!['postingKey']));
    await world.rounds();
    expect((await world.preview('DE-M/2026-11')).totals.hours).toBe('16');
    await world.sign('DE-M/2026-11');
    await world.rounds();
    expect((await world.run('DE-M/2026-11')).state).toBe('acknowledged');
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E1 NORMAL': '8', 'DE-M/2026-11 E2 NORMAL': '8' });
  });

  it('a period that is closed there: the hours go into the next run', async () => {
    await world.take([1, 1, content()]);
    await world.at(AFTER_CUT_OFF);
    await world.rounds();
    world.bureau.closedPeriods.add('DE-M/2026-11');
    await world.sign('DE-M/2026-11');
    await world.rounds();
    expect((await world.run('DE-M/2026-11')).state).toBe('refused');
    await world.pay('DE-M/2026-12');
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-12 E1 NORMAL': '8' });
  });

  it('a ticket for nothing: the batch is looked up, not found, and sent again', async () => {
    await world.take([1, 1, content()]);
    await world.at(AFTER_CUT_OFF);
    await world.rounds();
    world.bureau.forgets = true;
    await world.sign('DE-M/2026-11');
    await world.rounds(1);
    world.bureau.forgets = false;
    await world.rounds(6);
    expect((await world.run('DE-M/2026-11')).state).toBe('acknowledged');
    expect(world.bureau.keys()).toHaveLength(1);
  });

  it('no answer, and the batch stands: found by its reference and never sent twice', async () => {
    await world.take([1, 1, content()]);
    await world.at(AFTER_CUT_OFF);
    await world.rounds();
    world.bureau.losesAnswers = true;
    await world.sign('DE-M/2026-11');
    await world.rounds();
    expect((await world.run('DE-M/2026-11')).state).toBe('acknowledged');
    expect(world.bureau.batches).toHaveLength(1);
  });
});
