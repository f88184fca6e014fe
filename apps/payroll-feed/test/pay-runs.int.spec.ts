import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { content, World } from './world.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.close());

const AFTER_CUT_OFF = '2026-11-25T17:01:00.000Z';

describe('a pay run', () => {
  it('collects until the cut-off, is previewed, signed, sent and acknowledged with the totals that were signed', async () => {
    await world.take(
      [1, 1, content()],
      [2, 1, content({ hours: '7.25', workDate: '2026-11-11' })],
      [3, 1, content({ workerCode: 'E2', payCode: 'NIGHT' })],
    );
    await world.rounds();
    expect((await world.run('DE-M/2026-11')).state).toBe('collecting');
    expect(await world.documents('DE-M/2026-11')).toEqual([]);
    expect(await world.sign('DE-M/2026-11')).toMatchObject({ kind: 'not-signable', state: 'collecting' });

    await world.at(AFTER_CUT_OFF);
    await world.rounds();
    expect((await world.run('DE-M/2026-11')).state).toBe('previewed');
    expect(await world.documents('DE-M/2026-11')).toMatchObject([{ state: 'frozen', held: true }]);
    const preview = await world.preview('DE-M/2026-11');
    expect(preview).toMatchObject({
      totals: { count: 3, hours: '23.25' },
      comparedWith: undefined,
      people: [
        { workerCode: 'E1', now: '15.25', alerts: [] },
        { workerCode: 'E2', now: '8', payCodes: [{ payCode: 'NIGHT', now: '8' }] },
      ],
    });
    expect(world.bureau.batches).toEqual([]);

    world.bureau.acknowledgesAtOnce = false;
    expect(await world.sign('DE-M/2026-11', preview.hash)).toEqual({ kind: 'signed', documents: 1, totals: preview.totals });
    await world.rounds();
    expect((await world.run('DE-M/2026-11')).state).toBe('sent');
    expect(await world.states(1)).toEqual(['post pay:NORMAL 8 DE-M/2026-11 sending']);
    world.bureau.acknowledge();
    await world.rounds();
    expect(await world.run('DE-M/2026-11')).toMatchObject({
      state: 'acknowledged',
      signedBy: 'user:paula',
      signedTotals: preview.totals,
      acknowledgedTotals: preview.totals,
      message: null,
    });
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E1 NORMAL': '15.25', 'DE-M/2026-11 E2 NIGHT': '8' });
    expect(world.bureau.batches[0]!.document.postingDate).toBe('2026-11-28');
  });

  it('the signer and what was signed stand in the audit, and each step of the run', async () => {
    await world.take([1, 1, content()]);
    await world.rounds();
    await world.pay('DE-M/2026-11');
    expect(await world.audit('pay-run.signed')).toMatchObject([
      { actor: 'user:paula', after: { state: 'signed', totals: { count: 1, hours: '8' } } },
    ]);
    for (const step of ['previewed', 'acknowledged'])
      expect(await world.audit(`pay-run.${step}`)).toContainEqual(expect.objectContaining({ actor: 'service:payroll-feed' }));
  });

  it('contractors, time off that HR sends itself and routes of other feeds give nothing', async () => {
    await world.take(
      [1, 1, content({ workerType: 'contractor' })],
      [2, 1, content({ payCode: 'VACATION' })],
      [3, 1, content({ routes: ['erp'] })],
    );
    await world.at(AFTER_CUT_OFF);
    await world.rounds();
    for (const n of [1, 2, 3]) expect(await world.states(n)).toEqual([]);
  });

  it('a pay code that HR sends from now on takes back what was paid under it', async () => {
    await world.take([1, 1, content()]);
    await world.rounds();
    await world.pay('DE-M/2026-11');
    await world.take([1, 2, content({ payCode: 'VACATION', approvedAt: world.clock.now() })]);
    await world.rounds();
    await world.pay('DE-M/2026-12');
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E1 NORMAL': '8', 'DE-M/2026-12 E1 NORMAL': '-8' });
  });

  it('lines that wait for the cut-off are left alone, but never for long', async () => {
    const restSeconds = async (): Promise<number> => {
      await world.process.planAndFreeze();
      const [line] = await world.database.query<{ seconds: number }>(
        `select extract(epoch from not_before - clock_timestamp())::float8 as seconds from posting`,
      );
      return line!.seconds;
    };
    await world.take([1, 1, content()]);
    const far = await restSeconds();
    expect([far > 200, far <= 300]).toEqual([true, true]);
    await world.at('2026-11-25T16:59:00.000Z');
    expect(await restSeconds()).toBeLessThan(61);
  });

  it('a run without any hours is there to be looked at, and is signed for the nothing that it pays', async () => {
    await world.take([1, 1, content()]);
    await world.rounds();
    await world.pay('DE-M/2026-11');
    await world.at('2026-12-02T09:00:00.000Z');
    await world.rounds();
    await world.at('2026-12-28T09:00:00.000Z');
    await world.rounds();
    expect(await world.preview('DE-M/2026-12')).toMatchObject({
      totals: { count: 0, hours: '0' },
      people: [{ workerCode: 'E1', now: '0', last: '8', alerts: ['zero-hours'] }],
    });
    expect(await world.sign('DE-M/2026-12')).toMatchObject({ kind: 'signed', documents: 0 });
    await world.rounds();
    expect((await world.run('DE-M/2026-12')).state).toBe('acknowledged');
  });

  it('leavers, large changes and new people show against the last acknowledged run', async () => {
    await world.take([1, 1, content()], [2, 1, content({ workerCode: 'E2' })]);
    await world.rounds();
    await world.pay('DE-M/2026-11');
    await world.worker('E1', { activeTo: '2026-12-05' });
    const december = { workDate: '2026-12-01', approvedAt: '2026-12-02T09:00:00.000Z' };
    await world.take(
      [3, 1, content(december)],
      [4, 1, content({ ...december, workerCode: 'E2', hours: '6' })],
      [5, 1, content({ ...december, workerCode: 'E3' })],
    );
    await world.at('2026-12-28T09:00:00.000Z');
    await world.rounds();
    const { people, comparedWith } = await world.preview('DE-M/2026-12');
    expect(comparedWith).toBe('DE-M/2026-11');
    expect(people.map(({ workerCode, alerts }) => [workerCode, alerts])).toEqual([
      ['E1', ['leaver']],
      ['E2', ['large-change']],
      ['E3', ['new-person']],
    ]);
  });
});

describe('which run', () => {
  it('approved at the cut-off makes it although it arrives later; a second later is for the next run', async () => {
    await world.at(AFTER_CUT_OFF);
    await world.take(
      [1, 1, content({ approvedAt: '2026-11-25T17:00:00.000Z' })],
      [2, 1, content({ approvedAt: '2026-11-25T17:00:01.000Z' })],
    );
    await world.rounds();
    expect(await world.states(1)).toEqual(['post pay:NORMAL 8 DE-M/2026-11 pending']);
    expect(await world.states(2)).toEqual(['post pay:NORMAL 8 - pending']);
    await world.pay('DE-M/2026-11');
    await world.pay('DE-M/2026-12');
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E1 NORMAL': '8', 'DE-M/2026-12 E1 NORMAL': '8' });
  });

  it('what arrives after the signature waits for the next run, however early it was approved', async () => {
    await world.take([1, 1, content()]);
    await world.rounds();
    await world.at(AFTER_CUT_OFF);
    await world.rounds();
    await world.sign('DE-M/2026-11');
    await world.take([2, 1, content({ hours: '3' })]);
    await world.rounds();
    expect((await world.run('DE-M/2026-11')).state).toBe('acknowledged');
    await world.pay('DE-M/2026-12');
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E1 NORMAL': '8', 'DE-M/2026-12 E1 NORMAL': '3' });
  });

  it('a worker who moved to another pay group: originals in the old one, corrections in the new one', async () => {
    await world.worker('E1', {}, [{ validFrom: '2026-11-11', payGroup: 'DE-W' }]);
    await world.take([1, 1, content()], [2, 1, content({ workDate: '2026-11-12' })]);
    await world.rounds();
    await world.pay('DE-M/2026-11');
    await world.pay('DE-W/2026-11');
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E1 NORMAL': '8', 'DE-W/2026-11 E1 NORMAL': '8' });
    await world.take([1, 2, content({ hours: '6', approvedAt: world.clock.now() })]);
    await world.rounds();
    await world.pay('DE-W/2026-12');
    expect(world.bureau.paid()).toMatchObject({ 'DE-W/2026-12 E1 NORMAL': '-2' });
  });

  it('without a pay code, worker, group or open period a line is blocked, says why, and goes on when it is mended', async () => {
    await world.worker('E2', { payGroup: '' });
    await world.take(
      [1, 1, content({ payCode: '' })],
      [2, 1, content({ workerCode: 'E9' })],
      [3, 1, content({ workerCode: 'E2' })],
    );
    await world.rounds();
    expect([await world.blocked(1), await world.blocked(2), await world.blocked(3)]).toEqual([
      'UNMAPPED_ACTIVITY',
      undefined,
      undefined,
    ]);
    // Master data that is on its way gets half a minute.
    await world.at('2026-11-12T10:01:00.000Z');
    await world.rounds();
    expect([await world.blocked(2), await world.blocked(3)]).toEqual(['UNKNOWN_WORKER', 'NO_OPEN_PERIOD']);
    expect(await world.events('payroll.line.blocked.v1')).toHaveLength(3);
    await world.worker('E9');
    await world.worker('E2');
    await world.rounds();
    await world.pay('DE-M/2026-11');
    expect([await world.blocked(2), await world.blocked(3)]).toEqual([undefined, undefined]);
    expect(await world.events('payroll.line.cleared.v1')).toHaveLength(2);
    expect(world.bureau.paid()).toEqual({ 'DE-M/2026-11 E2 NORMAL': '8', 'DE-M/2026-11 E9 NORMAL': '8' });
  });

  it('a cut-off that is moved to a later instant opens a previewed run again', async () => {
    await world.take([1, 1, content()]);
    await world.at(AFTER_CUT_OFF);
    await world.rounds();
    const seen = await world.preview('DE-M/2026-11');
    await world.payPeriod('DE-M/2026-11', { endDate: '2026-11-30', cutOff: '2026-11-26T12:00' });
    await world.rounds();
    expect(await world.run('DE-M/2026-11')).toMatchObject({ state: 'collecting', cutOff: '2026-11-26T11:00:00.000Z' });
    expect(await world.documents('DE-M/2026-11')).toEqual([]);
    await world.at('2026-11-26T11:00:01.000Z');
    await world.rounds();
    // The same lines in another document: what payroll looked at is still what it would sign.
    expect((await world.preview('DE-M/2026-11')).hash).toBe(seen.hash);
  });
});

describe('signature', () => {
  it('on a preview that is no longer true is refused, and nothing leaves', async () => {
    await world.take([1, 1, content()], [2, 1, content({ workerCode: 'E2' })]);
    await world.at(AFTER_CUT_OFF);
    await world.rounds();
    const { hash } = await world.preview('DE-M/2026-11');
    await world.take([1, 2, content({ hours: '6' })]);
    await world.rounds();
    const answer = await world.sign('DE-M/2026-11', hash);
    const { hash: newHash, totals } = await world.preview('DE-M/2026-11');
    expect(answer).toEqual({ kind: 'changed', hash: newHash });
    expect(totals.hours).toBe('14');
    await world.rounds();
    expect(world.bureau.batches).toEqual([]);
    expect(await world.audit('pay-run.signed')).toEqual([]);
    expect(await world.sign('DE-M/2026-11', newHash)).toMatchObject({ kind: 'signed' });
    expect(await world.sign('DE-M/2026-11', newHash)).toMatchObject({ kind: 'not-signable', state: 'signed' });
  });

  it('two people at once: one signature counts', async () => {
    await world.take([1, 1, content()]);
    await world.at(AFTER_CUT_OFF);
    await world.rounds();
    const { hash } = await world.preview('DE-M/2026-11');
    const answers = await Promise.all(['user:paula', 'user:otto'].map((by) => world.sign('DE-M/2026-11', hash, by)));
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['not-signable', 'signed']);
    await world.rounds();
    expect(world.bureau.keys()).toHaveLength(1);
  });

  it('and a correction at the same moment: it is in the signed preview, or in the next run, never in neither or both', async () => {
    for (let n = 1; n <= 8; n++) await world.take([n, 1, content()]);
    await world.at(AFTER_CUT_OFF);
    await world.rounds();
    const { hash } = await world.preview('DE-M/2026-11');
    await world.take(...[1, 2, 3, 4].map((n) => [n, 2, content({ hours: '5', approvedAt: world.clock.now() })] as const));
    const [answer] = await Promise.all([world.sign('DE-M/2026-11', hash), world.process.planAndFreeze()]);
    if (answer.kind === 'changed') await world.sign('DE-M/2026-11');
    await world.rounds();
    await world.pay('DE-M/2026-12');
    const paid = world.bureau.paid();
    expect(Number(paid['DE-M/2026-11 E1 NORMAL']) + Number(paid['DE-M/2026-12 E1 NORMAL'] ?? '0')).toBe(52);
    expect(new Set(world.bureau.keys()).size).toBe(world.bureau.keys().length);
  });

  it('survives a restart at every stage: nothing is lost, nothing is paid twice', async () => {
    await world.take([1, 1, content()]);
    await world.at(AFTER_CUT_OFF);
    world.process = world.newProcess();
    await world.rounds();
    const { hash } = await world.preview('DE-M/2026-11');
    world.process = world.newProcess();
    await world.sign('DE-M/2026-11', hash);
    world.process = world.newProcess();
    // The bureau took it, and nobody heard.
    world.bureau.losesAnswers = true;
    world.bureau.acknowledgesAtOnce = false;
    await world.rounds(1);
    world.process = world.newProcess();
    world.bureau.losesAnswers = false;
    world.bureau.acknowledge();
    await world.rounds();
    expect((await world.run('DE-M/2026-11')).state).toBe('acknowledged');
    expect(world.bureau.keys()).toHaveLength(1);
    expect(await world.states(1)).toEqual(['post pay:NORMAL 8 DE-M/2026-11 confirmed']);
  });
});
