import { masterIdOf } from '@tieout/model';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LeaseLost } from '../src/use-cases/sync-connection.js';
import { CAPABILITIES, type Mishap } from './handoff-vendor.js';
import { Crash, HandoffWorld } from './handoff-world.js';

let world: HandoffWorld;
beforeAll(async () => {
  world = await HandoffWorld.start();
});
afterAll(() => world.stop());
beforeEach(() => world.reset());

const once = (): void => expect([world.psa.count('P-1'), world.erp.count('P-1')]).toEqual([1, 1]);
const attempts = async (): Promise<string[]> =>
  (await world.handoffs.attempts(world.database, masterIdOf('opportunity', 'D-1'))).map(
    ({ connection, what }) => `${connection} ${what}`,
  );

describe('a won opportunity', () => {
  it('becomes a project in its system of record, then in the others, and is done when all of them show it', async () => {
    await world.opportunity();
    const process = await world.process();
    await process.round();
    expect(await attempts()).toEqual(['psa sent', 'psa there', 'erp sent', 'erp there']);
    expect(await world.state()).toBe('confirming');
    expect(world.psa.projects[0]).toMatchObject({ reference: masterIdOf('opportunity', 'D-1'), name: 'Engagement' });
    await world.untilQuiet(process, 2);
    expect(await world.state()).toBe('done');
    once();
    expect(await world.told()).toEqual([]);
    const audit = await world.database.query<{ action: string }>(
      `select action from audit_record where subject_kind = 'handoff' and subject_id = $1 order by id`,
      [masterIdOf('opportunity', 'D-1')],
    );
    expect(audit.slice(-6).map(({ action }) => action)).toEqual([
      'handoff.complete',
      'handoff.sent',
      'handoff.there',
      'handoff.sent',
      'handoff.there',
      'handoff.seen',
    ]);
    const [leaks] = await world.database.query<{ count: number }>(
      `select count(*)::int as count from audit_record where subject_kind = 'handoff' and (before::text like '%E1%' or after::text like '%E1%')`,
    );
    expect(leaks?.count).toBe(0);
  });

  it('waits while a system of record was never read, and says what is missing, once, until it is there', async () => {
    await world.database.query(`delete from sync_state where connection = 'hr'`);
    await world.opportunity({ client: 'C-9', currency: 'USD' });
    const process = await world.process();
    await process.round();
    expect([await world.state(), await world.told()]).toEqual([undefined, []]);
    await world.read();
    await world.untilQuiet(process, 3);
    expect(await world.state()).toBe('incomplete');
    await world.put('client', { code: 'C-9' });
    await world.untilQuiet(process, 2);
    await world.opportunity({ client: 'C-9' });
    await world.untilQuiet(process, 3);
    expect(await world.state()).toBe('done');
    expect(await world.told()).toEqual([
      '+HANDOFF_INCOMPLETE D-1: client: client C-9 is not known in its system of record: create it there; currency: the budget is in USD, and DE01 keeps its books in EUR',
      '+HANDOFF_INCOMPLETE D-1: currency: the budget is in USD, and DE01 keeps its books in EUR',
      '-handoff:incomplete',
    ]);
    once();
  });

  it.each<[Mishap, Mishap]>([
    ['answer-lost', 'answer-lost'],
    ['never-arrived', 'late'],
    ['late', 'away'],
    ['lie', 'never-arrived'],
    ['away', 'lie'],
    ['session-ended', 'late'],
  ])('stands once in each whatever becomes of the requests: %s in the PSA, %s in the ERP', async (inPsa, inErp) => {
    world.psa.mishaps.push(inPsa);
    world.erp.mishaps.push(inErp);
    await world.opportunity();
    // A lie is found when the project does not show for ten minutes: about 25 rounds.
    await world.untilQuiet(await world.process(), 70);
    expect(await world.state()).toBe('done');
    once();
  });

  it('does not ask again before an unknown outcome has settled', async () => {
    world.psa.mishaps.push('late');
    await world.opportunity();
    const process = await world.process();
    await process.round();
    world.clock.advance(CAPABILITIES.deadlineMs + CAPABILITIES.settleMs);
    await process.round();
    expect(await attempts()).toEqual(['psa sent', 'psa unknown']);
    world.clock.advance(CAPABILITIES.readLagMs);
    await process.round();
    expect((await attempts()).slice(2)).toEqual(['psa sent', 'psa there', 'erp sent', 'erp there']);
    once();
  });

  it('a refusal is for a person; it goes on when it is asked to, and makes nothing twice', async () => {
    world.erp.mishaps.push('refuse');
    await world.opportunity();
    const process = await world.process();
    await world.untilQuiet(process, 3);
    expect(await world.state()).toBe('failed');
    expect(await process.retry('D-1')).toEqual({ kind: 'retried', state: 'creating' });
    await world.untilQuiet(process, 3);
    expect(await world.state()).toBe('done');
    once();
    expect(await world.told()).toEqual(['+HANDOFF_FAILED D-1: erp refused the project: no budget code', '-handoff:failed']);
    expect(await process.retry('D-1')).toMatchObject({ kind: 'refused', state: 'done' });
    expect(await process.retry('D-9')).toBe('unknown');
  });

  it('a project that somebody made by hand is taken when it is the same, and refused when it is not', async () => {
    world.psa.add('P-1', 'DE01', 'C-1');
    world.erp.add('P-1', 'US01', 'C-1');
    await world.opportunity();
    await world.untilQuiet(await world.process(), 2);
    expect(await world.state()).toBe('failed');
    expect(await world.told()).toEqual([
      expect.stringContaining('the code P-1 is taken there by project erp-1, of US01') as string,
    ]);
    once();
  });

  it('two opportunities with one project code: the second is incomplete', async () => {
    await world.opportunity();
    const process = await world.process();
    await process.round();
    await world.put('opportunity', {
      ...(await world.opportunity()).timeline[0]!.attributes,
      code: 'D-2',
      stage: 'won',
    } as never);
    await world.untilQuiet(process, 3);
    expect([await world.state('D-1'), await world.state('D-2')]).toEqual(['done', 'incomplete']);
    expect((await world.told()).join()).toContain('D-2: project-code: the code P-1 is that of opportunity D-1');
    once();
  });
});

describe('an opportunity that is no longer won', () => {
  it('stops before anything was made, and goes on when it is won again', async () => {
    world.psa.mishaps.push('away');
    await world.opportunity();
    const process = await world.process();
    await process.round();
    await world.opportunity({ stage: 'lost' });
    await world.untilQuiet(process, 2);
    expect([await world.state(), world.psa.count('P-1')]).toEqual(['stopped', 0]);
    await world.opportunity();
    await world.untilQuiet(process, 3);
    expect(await world.state()).toBe('done');
    once();
    expect(await world.told()).toEqual([]);
  });

  it('is for a person once something may stand, and makes nothing more', async () => {
    world.psa.mishaps.push('answer-lost');
    await world.opportunity();
    const process = await world.process();
    await process.round();
    await world.opportunity({ stage: 'open' });
    await world.untilQuiet(process, 3);
    expect([await world.state(), world.erp.count('P-1')]).toEqual(['withdrawn', 0]);
    expect(await world.told()).toEqual(['+HANDOFF_FAILED D-1 is no longer won, but its project P-1 stands in perhaps psa']);
    await world.opportunity();
    await world.untilQuiet(process, 3);
    expect([await world.state(), (await world.told()).at(-1)]).toEqual(['done', '-handoff:failed']);
    once();
  });

  it('also after it was done', async () => {
    await world.opportunity();
    const process = await world.process();
    await world.untilQuiet(process, 2);
    await world.opportunity({ stage: 'lost' });
    await world.untilQuiet(process, 1);
    expect(await world.told()).toEqual(['+HANDOFF_FAILED D-1 is no longer won, but its project P-1 stands in psa, erp']);
  });
});

describe('a process that dies', () => {
  it('at any touch of the database or a system leaves one project in each, once the next one has run', async () => {
    let touches = 0;
    await world.opportunity();
    world.touch = () => void (touches += 1);
    await world.untilQuiet(await world.process(), 3);
    expect(await world.state()).toBe('done');
    expect(touches).toBeGreaterThan(14);
    const mishaps: readonly (readonly Mishap[])[] = [[], ['answer-lost'], ['late']];
    for (const planned of mishaps)
      for (let at = 1; at <= touches; at += 1) {
        await world.reset();
        world.psa.mishaps.push(...planned);
        await world.opportunity();
        let left = at;
        world.touch = (where) => {
          if (--left === 0) throw new Crash(where);
        };
        const first = await world.process();
        await world.untilQuiet(first, 3).catch((error: unknown) => {
          if (!(error instanceof Crash)) throw error;
        });
        world.touch = () => undefined;
        // It comes up at once: nothing of the first may be older than its request.
        await world.untilQuiet(await world.process(), 5);
        expect([at, planned, await world.state()]).toEqual([at, planned, 'done']);
        once();
      }
  }, 120_000);

  it('a replica that was away too long changes nothing: its answer is an attempt of an older fence', async () => {
    await world.opportunity();
    const zombie = await world.process();
    let answer = (): void => undefined;
    world.psa.gate = new Promise((resolve) => (answer = resolve));
    const late = zombie.round();
    while ((await attempts()).length === 0) await new Promise((resolve) => setImmediate(resolve));
    const successor = await world.process();
    world.psa.gate = undefined;
    await successor.round();
    expect(await attempts()).toEqual(['psa sent']);
    answer();
    await expect(late).rejects.toBeInstanceOf(LeaseLost);
    expect(await world.state()).toBe('creating');
    await world.untilQuiet(successor, 4);
    expect(await world.state()).toBe('done');
    once();
    const all = await world.handoffs.attempts(world.database, masterIdOf('opportunity', 'D-1'));
    expect(all.slice(0, 3)).toMatchObject([
      { what: 'sent', fence: zombie.fence },
      { what: 'there', fence: zombie.fence },
      { what: 'sent', fence: successor.fence },
    ]);
  });
});
