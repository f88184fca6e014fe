import { afterAll, beforeAll, expect, it } from 'vitest';
import { ReadinessStore } from '../src/adapters/postgres/readiness.store.js';
import { AnswerReadiness } from '../src/use-cases/answer-readiness.js';
import { HandoffWorld } from './handoff-world.js';

let world: HandoffWorld;
let answers: AnswerReadiness;
beforeAll(async () => {
  world = await HandoffWorld.start();
  answers = new AnswerReadiness(world.database, new ReadinessStore(), { current: () => world.policy });
  await world.reset();
});
afterAll(() => world.stop());

const at = (connection: string) => ({ crossReferences: [{ connection, externalId: '1' }] });

it('says what of a legal entity is there on a day, and what has no id where it needs one', async () => {
  await world.put('worker', { code: 'F1', legalEntity: 'FR01' }, at('hr'));
  await world.put('worker', { code: 'F2', legalEntity: 'FR01' }, at('psa'));
  await world.put('worker', { code: 'F3', legalEntity: 'FR01', activeTo: '2027-01-31' });
  await world.put('project', { code: 'FP', legalEntity: 'FR01' }, at('psa'));
  await world.put('legal-entity', { code: 'FR01', currency: 'EUR' }, { legalEntityId: 'FR01' });
  const period = { legalEntity: 'FR01', startDate: '2027-02-01', endDate: '2027-02-28' };
  await world.put('accounting-period', { code: 'FR01/2027-02', ...period, state: 'open' });
  await world.put('accounting-period', { code: 'FR01/2027-01', ...period, startDate: '2027-01-01', endDate: '2027-01-31' });
  await world.put('pay-group', { code: 'FR-M', legalEntity: 'FR01' });
  await world.put('pay-group', { code: 'FR-W', legalEntity: 'FR01' });
  await world.put('pay-period', { code: 'FR-M/2', payGroup: 'FR-M', startDate: '2027-01-21', endDate: '2027-02-20' });
  const question = { legalEntityId: 'FR01', on: '2027-02-01', references: ['project/psa', 'worker/hr', 'project/erp'] };
  expect(await answers.ofLegalEntity(question)).toEqual({
    legalEntity: { code: 'FR01', currency: 'EUR' },
    workers: 3,
    projects: 1,
    references: [
      { reference: 'project/psa', missing: 0, examples: [] },
      { reference: 'worker/hr', missing: 1, examples: ['F2'] },
      { reference: 'project/erp', missing: 1, examples: ['FP'] },
    ],
    accountingPeriods: [{ code: 'FR01/2027-02', state: 'open' }],
    payGroups: [{ code: 'FR-M', payPeriod: 'FR-M/2' }, { code: 'FR-W' }],
  });
  expect(await answers.ofLegalEntity({ ...question, legalEntityId: 'XX01', references: [] })).toEqual({
    workers: 0,
    projects: 0,
    references: [],
    accountingPeriods: [],
    payGroups: [],
  });
});

it('says which of its connections work; others are not its business', async () => {
  await world.database.query(
    `insert into connection_state (connection, state, reason, message, since, last_attempt_at) values
       ('hr', 'faulted', 'CREDENTIALS_REJECTED', 'GET /me: 401', now(), now()), ('psa', 'up', null, null, null, now())`,
  );
  expect(await answers.connectionStates(['psa', 'hr', 'crm', 'warehouse'])).toEqual([
    { connection: 'psa', state: 'works' },
    { connection: 'hr', state: 'faulted', why: 'CREDENTIALS_REJECTED: GET /me: 401' },
    { connection: 'crm', state: 'not-tried' },
  ]);
});
