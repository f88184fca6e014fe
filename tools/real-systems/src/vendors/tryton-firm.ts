import type { Person, Scenario } from '../scenario/scenario.js';
import { addDays } from '../scenario/dates.js';
import { date, dec, type TrytonRpc } from './tryton-rpc.js';

const FIRST_DAY = '2020-01-01';

const first = async (tryton: TrytonRpc, model: string, domain: unknown[]): Promise<number> => {
  const [id] = await tryton.call<number[]>(`model.${model}.search`, domain, 0, 1, null);
  if (id === undefined) throw new Error(`Tryton has no ${model} with ${JSON.stringify(domain)}`);
  return id;
};

const createCompany = async (tryton: TrytonRpc): Promise<number> => {
  const rates = [['create', [{ date: date(FIRST_DAY), rate: dec('1.0') }]]];
  const [currency] = await tryton.call<number[]>('model.currency.currency.create', [
    { name: 'Euro', code: 'EUR', symbol: '€', rounding: dec('0.01'), digits: 2, rates },
  ]);
  const [party] = await tryton.call<number[]>('model.party.party.create', [{ name: 'Tie Out GmbH' }]);
  const [company] = await tryton.call<number[]>('model.company.company.create', [{ party, currency, timezone: 'Europe/Berlin' }]);
  await tryton.call('model.res.user.write', [await first(tryton, 'res.user', [['login', '=', 'admin']])], {
    companies: [['add', [company]]],
    company,
  });
  await tryton.refreshContext();
  return company!;
};

/** Tryton's own minimal chart, with codes for the two accounts that the policy bundle names. */
const createChart = async (tryton: TrytonRpc, company: number): Promise<void> => {
  const template = await first(tryton, 'account.account.template', [['parent', '=', null]]);
  const [wizard] = await tryton.call<unknown[]>('wizard.account.create_chart.create');
  await tryton.call(
    'wizard.account.create_chart.execute',
    wizard,
    { account: { company, account_template: template } },
    'create_account',
  );
  await tryton.call('model.account.account.write', [await first(tryton, 'account.account', [['name', '=', 'Main Expense']])], {
    code: '6000',
  });
  const [cash] = await tryton.call<{ type: number; parent: number }[]>(
    'model.account.account.search_read',
    [['name', '=', 'Main Cash']],
    0,
    1,
    null,
    ['type', 'parent'],
  );
  await tryton.call('model.account.account.create', [
    { name: 'Labour clearing', code: '2900', company, type: cash!.type, parent: cash!.parent },
  ]);
};

const createYears = async (tryton: TrytonRpc, company: number, years: ReadonlySet<string>): Promise<void> => {
  const type = await first(tryton, 'ir.sequence.type', [['name', '=', 'Account Move']]);
  for (const year of years) {
    const [sequence] = await tryton.call<number[]>('model.ir.sequence.create', [
      { name: `Move ${year}`, sequence_type: type, company },
    ]);
    const [fiscalYear] = await tryton.call<number[]>('model.account.fiscalyear.create', [
      { name: year, start_date: date(`${year}-01-01`), end_date: date(`${year}-12-31`), company, post_move_sequence: sequence },
    ]);
    await tryton.call('model.account.fiscalyear.create_period', [fiscalYear]);
  }
};

const createProjects = (tryton: TrytonRpc, company: number, scenario: Scenario): Promise<unknown> =>
  tryton.call(
    'model.project.work.create',
    scenario.projects.map((project) => ({
      name: `${project.code} ${project.name}`,
      type: 'project',
      company,
      timesheet_available: true,
      ...(project.endedOn !== undefined && { timesheet_end_date: date(project.endedOn) }),
    })),
  );

/** People with their price history. */
export const hire = async (tryton: TrytonRpc, people: readonly Person[]): Promise<void> => {
  const company = await first(tryton, 'company.company', []);
  const parties = await tryton.call<number[]>(
    'model.party.party.create',
    people.map((person) => ({ name: `Person ${person.code}`, code: person.code })),
  );
  const employees = await tryton.call<number[]>(
    'model.company.employee.create',
    parties.map((party) => ({ party, company, start_date: date(FIRST_DAY) })),
  );
  const prices = people.flatMap((person, i) =>
    person.prices.map(({ from, price }) => ({ employee: employees[i], date: date(from), cost_price: dec(price) })),
  );
  await tryton.call('model.company.employee_cost_price.create', prices);
};

/** Company, chart, fiscal years with monthly periods (one of them closed), people and projects (one of them ended). */
export const setUpTryton = async (tryton: TrytonRpc, scenario: Scenario, today: string): Promise<void> => {
  const company = await createCompany(tryton);
  await createChart(tryton, company);
  const { calendar } = scenario;
  await createYears(tryton, company, new Set([addDays(calendar.from, -31), calendar.to, today].map((day) => day.slice(0, 4))));
  await tryton.call('model.account.period.close', [await first(tryton, 'account.period', [['name', '=', calendar.closedMonth]])]);
  await hire(
    tryton,
    scenario.people.filter((person) => person !== scenario.stranger),
  );
  await createProjects(tryton, company, scenario);
};
