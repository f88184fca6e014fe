import { randomUUID } from 'node:crypto';
import { COMMANDS, EVENT_TYPES, QUESTIONS, type PolicyPlanAnswerV1 } from '@tieout/contracts';
import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryId, fields, World, YESTERDAY, type Bundle } from './world.js';

let world: World;
beforeAll(async () => {
  world = await World.create();
  await world.master('project', 'OLD', { legalEntity: 'DE01', activeTo: '2020-01-31' });
  await world.master('project', 'P2', { legalEntity: 'DE01', billable: 'true' });
  world.psa.send('a', fields({ hours: '8' }));
  world.psa.send('b', fields({ employee: 'e2', hours: '3.5' }));
  world.psa.send('c', fields({ employee: 'e3', project: 'OLD', hours: '1' }));
  world.psa.send('d', fields({ employee: 'e3', project: 'P2', hours: '2' }));
  world.psa.send('long-ago', fields({ employee: 'e2', date: '2026-01-05' }));
  await eventually(async () =>
    expect(await world.rows('select 1 from time_entry where needs_assessment or verdict = $1', ['none'])).toEqual([]),
  );
  await eventually(async () => expect(await world.rows('select 1 from time_entry')).toHaveLength(5));
});
afterAll(() => world.close());

const questions = () => world.service.runtime.questions;
const changed = (file: string, from: string | RegExp, to: string): Bundle => {
  const bundle = world.bundle;
  const text = bundle[file]!.replace(from, to);
  expect(text).not.toBe(bundle[file]);
  return { ...bundle, [file]: text };
};
const ask = async (bundle: Bundle, planId: string = randomUUID(), days = 30): Promise<string> => {
  const files = Object.entries(bundle).map(([name, text]) => ({ name, text }));
  await questions().command(COMMANDS.planPolicy, { planId, files, days, actor: 'user:ana-architect' });
  return planId;
};
const answer = (planId: string) => questions().ask<PolicyPlanAnswerV1>(QUESTIONS.policyPlan, { planId });
const ended = async (planId: string): Promise<PolicyPlanAnswerV1> => {
  let found: PolicyPlanAnswerV1 | undefined;
  await eventually(async () => {
    found = await answer(planId);
    expect(found.state).not.toBe('running');
  });
  return found!;
};
const changesIn = async (bundle: Bundle) => {
  const found = await ended(await ask(bundle));
  expect(found).toMatchObject({ state: 'done', done: 4, total: 4 });
  const [entity, ...others] = found.report!.legalEntities;
  expect(others).toEqual([]);
  return entity!;
};

describe('a plan', () => {
  it('of the active bundle changes nothing', async () => {
    const found = await ended(await ask(world.bundle));
    const { digest } = world.service.runtime.policy.current();
    expect(found).toMatchObject({
      state: 'done',
      report: {
        activeDigest: digest,
        candidateDigest: digest,
        days: 30,
        entries: 4,
        legalEntities: [{ legalEntityId: 'DE01', entries: 4, unchanged: 4, changes: [] }],
      },
    });
  });

  it('says what would be held, with reasons and money', async () => {
    const entity = await changesIn(changed('validation.yaml', 'max: 24', 'max: 3'));
    expect(entity).toMatchObject({
      unchanged: 2,
      changes: [{ change: 'newly-held', entries: 2, hours: '11.5', amounts: { EUR: '575' } }],
    });
    const { examples } = entity.changes[0]!;
    expect(examples.find((example) => example.entryId === entryId('a'))).toEqual({
      entryId: entryId('a'),
      workerCode: 'E1',
      projectCode: 'P1',
      workDate: YESTERDAY,
      hours: '8',
      before: 'released',
      after: `held: HOURS_OUT_OF_RANGE (day:E1:${YESTERDAY})`,
    });
  });

  it('says what would be released', async () =>
    expect(await changesIn(changed('validation.yaml', 'EMEA: 3', 'EMEA: 3650'))).toMatchObject({
      unchanged: 3,
      changes: [
        {
          change: 'newly-released',
          entries: 1,
          hours: '1',
          amounts: { EUR: '50' },
          examples: [{ entryId: entryId('c'), before: 'held: INACTIVE_PROJECT (project:OLD)', after: 'released' }],
        },
      ],
    }));

  it('says which accounts and routes would be others', async () => {
    const bundle = changed('accounts.yaml', '- account: 6100 # Indirect', '- account: 6999 # Indirect');
    const account = {
      change: 'account',
      entries: 2,
      examples: [{ before: 'labour-cost 6100/2100', after: 'labour-cost 6999/2100' }, {}],
    };
    expect(await changesIn(bundle)).toMatchObject({ unchanged: 2, changes: [account] });
    const elsewhere = {
      ...bundle,
      'connections.yaml': `${bundle['connections.yaml']}  erp2: { system: fake-erp, roles: [posting], pollEverySeconds: 3600 }\n`,
      'routing.yaml': 'routes: { default: [erp2] }\n',
    };
    expect(await changesIn(elsewhere)).toMatchObject({
      unchanged: 1,
      changes: [account, { change: 'route', entries: 3, examples: [{ before: 'erp', after: 'erp2' }, {}, {}] }],
    });
  });

  it('asked for twice is one, and what is not there is unknown', async () => {
    const planId = await ask(world.bundle);
    await ask(changed('validation.yaml', 'max: 24', 'max: 3'), planId);
    expect(await ended(planId)).toMatchObject({ state: 'done', report: { legalEntities: [{ unchanged: 4 }] } });
    expect(await answer(randomUUID())).toEqual({ state: 'unknown', done: 0, total: 0 });
    expect(
      await world.rows(`select actor from audit_record where action = 'policy-plan.asked' and subject_id = $1`, [planId]),
    ).toEqual([{ actor: 'user:ana-architect' }]);
  });

  it('of a candidate that does not compile fails with file, line and fix', async () => {
    const found = await ended(await ask(changed('validation.yaml', 'overlap: hold', 'overlap: shrug')));
    expect(found.state).toBe('failed');
    expect(found.problem).toMatch(/validation\.yaml:\d+:\d+: .+ -> .+/);
  });

  it('waits for the one that another replica works on, and begins a killed one anew', async () => {
    const { leases, database } = world.service.runtime;
    await eventually(async () => expect(await leases.tryAcquire('policy-plan', 'another', 60_000)).toBeDefined());
    const planId = await ask(world.bundle);
    // So far the other replica came before it was killed.
    await database.query('update policy_plan set starts = 1, done = 3, total = 4 where plan_id = $1', [planId]);
    await world.turn();
    expect(await answer(planId)).toEqual({ state: 'running', done: 3, total: 4 });
    await leases.release('policy-plan', 'another');
    expect(await ended(planId)).toMatchObject({ state: 'done', done: 4, report: { entries: 4 } });
    expect(await world.rows('select starts, files from policy_plan where plan_id = $1', [planId])).toEqual([
      { starts: 2, files: null },
    ]);
  });

  it('that ends every process is given up', async () => {
    const { leases, database } = world.service.runtime;
    await eventually(async () => expect(await leases.tryAcquire('policy-plan', 'another', 60_000)).toBeDefined());
    const planId = await ask(world.bundle);
    await database.query('update policy_plan set starts = 5 where plan_id = $1', [planId]);
    await leases.release('policy-plan', 'another');
    expect(await ended(planId)).toMatchObject({ state: 'failed', problem: expect.stringContaining('begun 5 times') as string });
  });

  it('decides nothing', async () => {
    expect(await world.verdicts('a')).toMatchObject([{ type: EVENT_TYPES.entryReleased }]);
    expect(await world.rows('select distinct policy_digest from decision')).toEqual([
      { policy_digest: world.service.runtime.policy.current().digest },
    ]);
  });
});

describe('another bundle in force', () => {
  const assessedBy = () =>
    world.rows<{ policy_digest: string }>('select distinct policy_digest from time_entry where work_date > $1', ['2026-06-01']);
  it('has nothing assessed again where no rule changed', async () => {
    const before = await assessedBy();
    const digest = await world.activate(changed('slas.yaml', /critical: \S+/, 'critical: PT1H'));
    await world.turn();
    expect(await world.rows('select 1 from time_entry where needs_assessment')).toEqual([]);
    expect(await assessedBy()).toEqual(before);
    expect(before).not.toEqual([{ policy_digest: digest }]);
  });
  it('has entries assessed again where one did', async () => {
    const digest = await world.activate(changed('validation.yaml', 'EMEA: 3', 'EMEA: 3650'));
    await eventually(async () =>
      expect(await world.verdicts('c')).toMatchObject([{}, { type: EVENT_TYPES.entryReleased, policyDigest: digest }]),
    );
    await eventually(async () => expect(await assessedBy()).toEqual([{ policy_digest: digest }]));
    expect(await world.verdicts('a')).toHaveLength(1);
  });
});
