import type { MasterAttributes } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { checkHandoff, inOrder, projectOf, type HandoffFacts } from './check-handoff.js';

type Opportunity = MasterAttributes['opportunity'];

const good: Opportunity = {
  code: 'D-1',
  name: 'Engagement',
  client: 'C-1',
  legalEntity: 'DE01',
  stage: 'won',
  wonOn: '2026-11-20',
  projectCode: 'P-1',
  billable: 'true',
  revenueMethod: 'time-and-material',
  budgetHours: '800',
  budgetAmount: '33600.00',
  currency: 'EUR',
  startDate: '2026-12-01',
  endDate: '2027-05-31',
  projectManager: 'E1',
};
const facts: HandoffFacts = {
  today: '2026-11-23',
  ambiguous: false,
  client: { code: 'C-1' },
  legalEntity: { code: 'DE01', currency: 'EUR' },
  manager: { code: 'E1', activeFrom: '2025-01-01' },
  projectSystems: ['erp', 'psa'],
  postingRoutes: ['erp'],
  projectOwner: 'psa',
};
const without = (...names: (keyof Opportunity)[]): Opportunity =>
  Object.fromEntries(
    Object.entries(good).filter(([name]) => !names.includes(name as keyof Opportunity)),
  ) as unknown as Opportunity;
const failing = (opportunity: Opportunity, change: Partial<HandoffFacts> = {}) =>
  checkHandoff(opportunity, { ...facts, ...change }).map(({ check, why }) => `${check}: ${why}`);

describe('checkHandoff', () => {
  it('passes what is complete', () => {
    expect(failing(good)).toEqual([]);
    expect(failing({ ...without('client', 'budgetAmount', 'currency', 'revenueMethod', 'endDate'), billable: 'false' })).toEqual(
      [],
    );
    expect(failing(good, { project: { code: 'P-1', legalEntity: 'DE01', client: 'C-1' } })).toEqual([]);
    expect(failing(good, { manager: { code: 'E1', activeFrom: '2026-12-01', activeTo: '2026-12-01' } })).toEqual([]);
    expect(failing(good, { projectOwner: undefined })).toEqual([]);
  });

  it.each<[string, Opportunity, Partial<HandoffFacts>]>([
    ['opportunity: two records of the CRM claim the code D-1: keep one', good, { ambiguous: true }],
    ['client: the client is missing: enter it in the CRM', without('client'), {}],
    ['client: client C-1 is not known in its system of record: create it there', good, { client: undefined }],
    ['legal-entity: legal entity DE01 is not known: choose another', good, { legalEntity: undefined }],
    ['currency: the budget is in USD, and DE01 keeps its books in EUR', { ...good, currency: 'USD' }, {}],
    ['currency: the currency of the budget is missing: enter it in the CRM', without('currency'), {}],
    ["project-code: the project's code is missing: enter it in the CRM", without('projectCode'), {}],
    ['project-code: the code P-1 is that of opportunity D-9: choose another', good, { otherOpportunity: 'D-9' }],
    [
      'project-code: the code P-1 is taken by a project of US01 for client C-1: choose another',
      good,
      { project: { code: 'P-1', legalEntity: 'US01', client: 'C-1' } },
    ],
    [
      'project-code: the code P-1 is taken by a project of DE01 for client (none): choose another',
      good,
      { project: { code: 'P-1', legalEntity: 'DE01' } },
    ],
    ['project-manager: the project manager is missing: enter it in the CRM', without('projectManager'), {}],
    ['project-manager: the project manager is not known in HR: correct the number in the CRM', good, { manager: undefined }],
    [
      'project-manager: the project manager is not active on 2026-12-01: choose another',
      good,
      { manager: { code: 'E1', activeTo: '2026-11-30' } },
    ],
    ['dates: the day on which it was won is missing: enter it in the CRM', without('wonOn'), {}],
    ['dates: won on 2026-11-24, which is yet to come', { ...good, wonOn: '2026-11-24' }, {}],
    ['dates: the start date is missing: enter it in the CRM', without('startDate'), {}],
    ['dates: startDate "1.12." is no date', { ...good, startDate: '1.12.' }, {}],
    ['dates: ends on 2026-11-30, before it starts on 2026-12-01', { ...good, endDate: '2026-11-30' }, {}],
    ['budget: whether it is billable (the billing terms) is missing: enter it in the CRM', without('billable'), {}],
    ['budget: the budget of a billable project is missing: enter it in the CRM', without('budgetAmount'), {}],
    ['budget: budgetAmount is "0": expected an amount above zero', { ...good, budgetAmount: '0' }, {}],
    ['budget: budgetHours is "-1": expected an amount above zero', { ...good, budgetHours: '-1' }, {}],
    ['revenue-method: the revenue method of a billable project is missing: enter it in the CRM', without('revenueMethod'), {}],
    ['routes: time of DE01 is booked nowhere: add a route in routing.yaml', good, { postingRoutes: [] }],
    ['routes: no system makes projects of DE01: name them under "projects" in routing.yaml', good, { projectSystems: [] }],
    [
      'routes: projects of DE01 come from psa, which routing.yaml does not name under "projects"',
      good,
      { projectSystems: ['erp'] },
    ],
  ])('%s', (expected, opportunity, change) => {
    expect(failing(opportunity, change)).toEqual([expected]);
  });

  it('names every failed check, not just the first', () => {
    const bare: Opportunity = { code: 'D-2', stage: 'won' };
    expect(checkHandoff(bare, { ...facts, ambiguous: true }).map(({ check }) => check)).toEqual([
      'opportunity',
      'client',
      'legal-entity',
      'project-code',
      'project-manager',
      'dates',
      'budget',
    ]);
  });
});

describe('projectOf, inOrder', () => {
  it('carries every figure, and takes the code for a name where there is none', () => {
    expect(projectOf(good, facts)).toEqual({
      code: 'P-1',
      name: 'Engagement',
      legalEntityId: 'DE01',
      client: 'C-1',
      billable: true,
      revenueMethod: 'time-and-material',
      budgetHours: '800',
      budgetAmount: '33600.00',
      currency: 'EUR',
      activeFrom: '2026-12-01',
      activeTo: '2027-05-31',
      manager: 'E1',
    });
    expect(projectOf(good, { client: { code: 'C-2' } }).client).toBe('C-2');
    expect(projectOf(without('name'), facts).name).toBe('P-1');
  });
  it('the system of record comes first, the others stay in order', () => {
    expect(inOrder(['erp', 'ppm', 'psa', 'erp'], 'psa')).toEqual(['psa', 'erp', 'ppm']);
    expect(inOrder(['erp', 'psa'], undefined)).toEqual(['erp', 'psa']);
  });
});
