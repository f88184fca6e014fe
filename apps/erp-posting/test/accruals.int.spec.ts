import { COMMANDS, type OpenTimeAnswerV1, type WorkerTimeV1 } from '@tieout/contracts';
import type { CompiledPolicy } from '@tieout/policy';
import { afterEach, expect, it } from 'vitest';
import { AccruePeriod } from '../src/use-cases/accrue-period.js';
import { hoursOf } from './builders.js';
import { secondPersonOf } from './process.js';
import { World } from './world.js';

let world: World;
afterEach(() => world.close());

const worker = (workerCode: string, over: Partial<WorkerTimeV1> = {}): WorkerTimeV1 => ({
  workerCode,
  workerType: 'employee',
  workingDays: 2,
  recordedHours: '10',
  costRate: '50',
  currency: 'USD',
  unapproved: [{ projectCode: 'P1', billable: true, hours: '4', amount: '200' }],
  ...over,
});

const RULES = {
  missing: 'accrue',
  unapproved: 'accrue',
  missingProject: () => 'INTERNAL',
  expectedHoursPerDay: () => '8',
};

/** What time-ingestion answers, a worker a page. */
const accruing = (workers: readonly WorkerTimeV1[]): AccruePeriod => {
  const ask = async (_: string, { after }: { after?: string }): Promise<OpenTimeAnswerV1> => {
    const at = Number(after ?? 0);
    return { workers: workers.slice(at, at + 1), ...(at + 1 < workers.length && { next: String(at + 1) }) };
  };
  const policy = {
    accruals: RULES,
    feedRoutes: () => ['erp'],
    lane: () => 'normal',
    patienceSeconds: () => 0,
    leadSeconds: () => 0,
    secondPerson: (_: string, { amounts }: { amounts: Record<string, string> }) => Number(amounts['USD'] ?? 0) > 1_000,
  } as unknown as CompiledPolicy;
  const { ledger, grants } = world.process;
  const secondPerson = secondPersonOf({ database: world.database, policy, grants });
  return new AccruePeriod({ ledger, questions: { ask: ask as never }, policy: { current: () => policy }, secondPerson });
};

const NOVEMBER = { legalEntityId: 'US01', period: 'US01/2026-11', actor: 'user:olga' };
const booked = () =>
  world.erp.bookings.flatMap(({ document, lines }) =>
    lines.map((line) => [
      document.postingPeriod,
      document.postingDate,
      line.kind,
      line.leg,
      line.workerCode,
      line.projectCode,
      line.hours,
      line.amount,
    ]),
  );
const ACCRUED = [
  ['2026-11', '2026-11-30', 'post', 'time-accrual', 'E1', 'INTERNAL', '6', '300'],
  ['2026-11', '2026-11-30', 'post', 'time-accrual', 'E1', 'P1', '4', '200'],
];
const REVERSED = [
  ['2026-12', '2026-12-01', 'reversal', 'time-accrual', 'E1', 'INTERNAL', '-6', '-300'],
  ['2026-12', '2026-12-01', 'reversal', 'time-accrual', 'E1', 'P1', '-4', '-200'],
];
const TOTALS = { accruals: 2, hours: '10', amounts: { USD: '500' }, reverseInto: '2026-12', withoutRate: [] };

it('a rehearsal says how much, and writes nothing', async () => {
  world = await World.create();
  expect(await accruing([worker('E1')]).accrue({ ...NOVEMBER, dryRun: true })).toEqual({ dryRun: true, ...TOTALS });
  await world.settle();
  expect(world.erp.writes).toBe(0);
  expect(await world.database.query(`select from target`)).toEqual([]);
});

it.each(['open', 'closing'] as const)(
  'books into the %s period with its last day, and reverses into the next when that opens',
  async (state) => {
    world = await World.create();
    await world.periods({ '2026-11': state, '2026-12': 'closed' });
    expect(await accruing([worker('E1')]).accrue({ ...NOVEMBER, dryRun: false })).toEqual({ dryRun: false, ...TOTALS });
    await world.rounds(4);
    expect(booked().sort()).toEqual(ACCRUED);
    // It waits without being anybody's case.
    expect((await world.counts())['blocked']).toBeUndefined();
    await world.periods({ '2026-11': 'closed', '2026-12': 'open' });
    await world.settle();
    expect(booked().sort()).toEqual([...ACCRUED, ...REVERSED]);
    await world.settle();
    expect(hoursOf(world.erp.postedLines())).toBe(0);
  },
);

it('asked again, it adds only what is new', async () => {
  world = await World.create();
  await accruing([worker('E1')]).accrue({ ...NOVEMBER, dryRun: false });
  await world.settle();
  const again = accruing([worker('E1'), worker('E2', { recordedHours: '20' })]);
  const added = { accruals: 1, hours: '4', amounts: { USD: '200' } };
  expect(await again.accrue({ ...NOVEMBER, dryRun: true })).toMatchObject(added);
  expect(await again.accrue({ ...NOVEMBER, dryRun: false })).toMatchObject(added);
  await world.settle();
  expect(await again.accrue({ ...NOVEMBER, dryRun: false })).toMatchObject({ accruals: 0 });
  await world.settle();
  expect(
    booked()
      .filter(([, , kind]) => kind === 'post')
      .map(([, , , , who, what]) => `${who} ${what}`)
      .sort(),
  ).toEqual(['E1 INTERNAL', 'E1 P1', 'E2 P1']);
  expect(booked()).toHaveLength(6);
});

it('names who has no rate, and accrues the others', async () => {
  world = await World.create();
  const {
    costRate: _,
    currency: __,
    ...poor
  } = worker('E9', { unapproved: [{ projectCode: 'P1', billable: true, hours: '4' }] });
  expect(await accruing([poor, worker('E1')]).accrue({ ...NOVEMBER, dryRun: false })).toEqual({
    dryRun: false,
    ...TOTALS,
    withoutRate: ['E9'],
  });
});

it('a line that the destination refuses reverses itself all the same once it was booked', async () => {
  world = await World.create();
  world.erp.refuses = () => 'account is locked';
  await accruing([worker('E1')]).accrue({ ...NOVEMBER, dryRun: false });
  await world.settle();
  expect(await world.counts()).toEqual({ rejected: 2 });
  world.erp.refuses = () => undefined;
  await world.retry(...(await world.database.query<{ k: string }>(`select posting_key as k from posting`)).map(({ k }) => k));
  await world.settle();
  expect(booked().sort()).toEqual([...ACCRUED, ...REVERSED]);
});

it('says what it cannot do', async () => {
  world = await World.create();
  const ask = (period: string) => accruing([]).accrue({ ...NOVEMBER, period, dryRun: false });
  expect(await ask('2026-09')).toEqual({ refused: expect.stringContaining('no accounting period') });
  expect(await ask('2026-10')).toEqual({ refused: expect.stringContaining('is closed') });
  expect(await ask('2026-12')).toEqual({ refused: expect.stringContaining('no period after') });
});

it('of more than policy lets one person accrue waits for a second one', async () => {
  world = await World.create();
  const command = { ...NOVEMBER, dryRun: false };
  const many = Array.from({ length: 4 }, (_, n) => worker(`E${n + 1}`));
  expect(await accruing(many).accrue({ ...NOVEMBER, dryRun: true })).toMatchObject({ accruals: 8, amounts: { USD: '2000' } });
  await expect(accruing(many).accrue(command)).rejects.toMatchObject({
    code: 'second-person-needed',
    extension: { subject: COMMANDS.accruePeriod, size: { lines: 8, hours: '40', amounts: { USD: '2000' } } },
  });
  expect(await world.database.query('select 1 from target')).toEqual([]);
  const grant = world.process.grants.for(COMMANDS.accruePeriod, command);
  expect(await accruing(many).accrue({ ...command, grant })).toMatchObject({ accruals: 8 });
  await expect(accruing(many).accrue({ ...command, grant })).rejects.toMatchObject({ code: 'grant-used' });
});
