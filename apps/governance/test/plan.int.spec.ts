import { COMMANDS, QUESTIONS, type PlanPolicyV1, type PolicyPlanAnswerV1 } from '@tieout/contracts';
import { compilePolicy } from '@tieout/policy';
import { eventually } from '@tieout/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { otherLimit, World } from './world.js';

let world: World;
/** Time ingestion, as far as governance asks it. */
const timeIngestion = {
  asked: [] as PlanPolicyV1[],
  answers: new Map<string, PolicyPlanAnswerV1>(),
  refuses: false,
};
beforeAll(async () => {
  world = await World.start();
  const { nc } = world.service.runtime.link;
  const respond = (subject: string, answer: (data: never) => object) =>
    nc.subscribe(subject, {
      callback: (_error, message) => {
        const { data } = JSON.parse(message.string()) as { data: never };
        message.respond(JSON.stringify({ ...answer(data), isDisposed: true }));
      },
    });
  respond(COMMANDS.planPolicy, (command: PlanPolicyV1) => {
    if (timeIngestion.refuses) return { err: { status: 400, title: 'Refused', detail: 'no such days' } };
    timeIngestion.asked.push(command);
    timeIngestion.answers.set(command.planId, { state: 'running', done: 0, total: 10 });
    return { response: timeIngestion.answers.get(command.planId) };
  });
  respond(QUESTIONS.policyPlan, ({ planId }: { planId: string }) => ({
    response: timeIngestion.answers.get(planId) ?? { state: 'unknown', done: 0, total: 0 },
  }));
});
afterAll(() => world.stop());

const planOf = async (bundleId: string) => (await world.as('sam', 'GET', `/policy/bundles/${bundleId}/plan`)).body;
const digestOf = (command: PlanPolicyV1): string => {
  const compiled = compilePolicy(Object.fromEntries(command.files.map(({ name, text }) => [name, text])));
  if (!compiled.ok) throw new Error('does not compile');
  return compiled.policy.digest;
};
const finish = (command: PlanPolicyV1): void => {
  const report = {
    activeDigest: 'a'.repeat(64),
    candidateDigest: digestOf(command),
    days: command.days,
    entries: 10,
    seconds: 0.5,
    legalEntities: [
      {
        legalEntityId: 'DE01',
        entries: 10,
        unchanged: 8,
        changes: [{ change: 'newly-held' as const, entries: 2, hours: '20', amounts: { EUR: '1000' }, examples: [] }],
      },
    ],
  };
  timeIngestion.answers.set(command.planId, { state: 'done', done: 10, total: 10, report });
};

describe('a plan of a bundle', () => {
  it('is asked for, followed, stored and seen by whoever approves', async () => {
    const bundle = await world.proposed('ana', otherLimit(11));
    const { bundleId } = bundle;
    expect(await world.as('sam', 'GET', `/policy/bundles/${bundleId}/plan`)).toMatchObject({
      status: 404,
      body: { code: 'no-such-plan' },
    });
    const before = await world.as('sam', 'GET', `/policy/bundles/${bundleId}`);
    expect(before.body).toMatchObject({ plan: null, approvedWith: [] });
    const begun = await world.as('ana', 'POST', `/policy/bundles/${bundleId}/plan`, { days: 14 });
    expect(begun).toMatchObject({ status: 202, body: { state: 'running', days: 14, askedBy: 'user:ana' } });
    const again = await world.as('sam', 'POST', `/policy/bundles/${bundleId}/plan`, {});
    expect(again.body['planId']).toBe(begun.body['planId']);
    await eventually(async () => expect(await planOf(bundleId)).toMatchObject({ state: 'running', done: 0, total: 10 }));
    expect(timeIngestion.asked).toMatchObject([{ planId: begun.body['planId'], days: 14, actor: 'user:ana' }]);
    finish(timeIngestion.asked[0]!);
    await eventually(async () => expect(await planOf(bundleId)).toMatchObject({ state: 'done', report: { entries: 10 } }));
    const shown = await world.as('sam', 'GET', `/policy/bundles/${bundleId}`);
    expect(shown.body['plan']).toMatchObject({
      planId: begun.body['planId'],
      entries: 10,
      unchanged: 8,
      changes: [{ change: 'newly-held', entries: 2, hours: '20', amounts: { EUR: '1000' } }],
    });
    expect((await world.approve('sam', bundle)).status).toBe(200);
    const approved = await world.as('audrey', 'GET', `/policy/bundles/${bundleId}`);
    expect(approved.body['approvedWith']).toEqual([{ actor: 'user:sam', planId: begun.body['planId'] }]);
    expect(await world.audited('bundle.planned')).toMatchObject([{ subject_id: bundleId, after: { entries: 10 } }]);
  });

  it('that came after the approval, or of another text, was not before anybody’s eyes', async () => {
    const bundle = await world.proposed('ana', otherLimit(13));
    expect((await world.approve('sam', bundle)).status).toBe(200);
    const { body } = await world.as('audrey', 'GET', `/policy/bundles/${bundle.bundleId}`);
    expect(body['approvedWith']).toEqual([{ actor: 'user:sam', planId: null }]);
  });

  it('is asked for anew when time-ingestion has lost it, and fails when it is refused', async () => {
    const { bundleId } = await world.draft('ana', otherLimit(14));
    const { planId } = (await world.as('ana', 'POST', `/policy/bundles/${bundleId}/plan`, {})).body;
    const times = () => timeIngestion.asked.filter((command) => command.planId === planId).length;
    await eventually(() => times() === 1);
    timeIngestion.answers.delete(planId as string);
    await eventually(() => times() === 2);
    timeIngestion.answers.delete(planId as string);
    timeIngestion.refuses = true;
    await eventually(async () =>
      expect(await planOf(bundleId)).toMatchObject({ state: 'failed', problem: 'Refused: no such days' }),
    );
    timeIngestion.refuses = false;
    const next = await world.as('ana', 'POST', `/policy/bundles/${bundleId}/plan`, {});
    expect(next.body['planId']).not.toBe(planId);
  });

  it.each([
    ['an auditor', 'audrey', 403],
    ['somebody with a say', 'pia', 202],
  ] as const)('by %s', async (_who, name, status) => {
    const { bundleId } = await world.draft('ana', otherLimit(15));
    expect((await world.as(name, 'POST', `/policy/bundles/${bundleId}/plan`, {})).status).toBe(status);
    expect((await world.as(name, 'POST', `/policy/bundles/${bundleId}/plan`, { days: 0 })).status).toBe(
      status === 202 ? 400 : 403,
    );
  });
});
