import type { FoundProject, NewProject } from '@tieout/connector-kit';
import { isCalendarDate, isDecimalString, type ConnectionId, type MasterAttributes, type WorkDate } from '@tieout/model';
import type { FailedCheck, HandoffCheck } from './handoff.js';

type Opportunity = MasterAttributes['opportunity'];

/** What is known of the things that an opportunity names, on the day of the check. Absent: not known in its system of record, or ambiguous. */
export interface HandoffFacts {
  readonly today: WorkDate;
  /** Two records claim the opportunity's code. */
  readonly ambiguous: boolean;
  readonly client?: MasterAttributes['client'] | undefined;
  readonly legalEntity?: MasterAttributes['legal-entity'] | undefined;
  readonly manager?: MasterAttributes['worker'] | undefined;
  /** The canonical project that has the code already. */
  readonly project?: MasterAttributes['project'] | undefined;
  /** Another opportunity that becomes, or became, the project with this code. */
  readonly otherOpportunity?: string | undefined;
  /** The systems that policy names for projects of the legal entity, and where its time is booked. */
  readonly projectSystems: readonly ConnectionId[];
  readonly postingRoutes: readonly ConnectionId[];
  readonly projectOwner?: ConnectionId | undefined;
}

type Check = (opportunity: Opportunity, facts: HandoffFacts) => string | undefined;

const missing = (what: string): string => `${what} is missing: enter it in the CRM`;
const isTrue = (text: string | undefined): boolean => text === 'true';
const positive = (text: string | undefined): boolean => isDecimalString(text) && !text.startsWith('-') && Number(text) > 0;

const activeOn = (worker: MasterAttributes['worker'], on: WorkDate): boolean =>
  (worker.activeFrom ?? on) <= on && on <= (worker.activeTo ?? on);

const checkDates: Check = ({ wonOn, startDate, endDate }, { today }) => {
  for (const [name, date] of Object.entries({ wonOn, startDate, endDate }))
    if (date !== undefined && !isCalendarDate(date)) return `${name} "${date}" is no date`;
  if (wonOn === undefined) return missing('the day on which it was won');
  if (wonOn > today) return `won on ${wonOn}, which is yet to come`;
  if (startDate === undefined) return missing('the start date');
  if (endDate !== undefined && endDate < startDate) return `ends on ${endDate}, before it starts on ${startDate}`;
  return undefined;
};

const checkCode: Check = ({ projectCode, client, legalEntity }, { project, otherOpportunity }) => {
  if (projectCode === undefined) return missing("the project's code");
  if (otherOpportunity !== undefined) return `the code ${projectCode} is that of opportunity ${otherOpportunity}: choose another`;
  if (project === undefined || (project.legalEntity === legalEntity && project.client === client)) return undefined;
  return `the code ${projectCode} is taken by a project of ${project.legalEntity ?? 'no legal entity'} for client ${project.client ?? '(none)'}: choose another`;
};

const CHECKS: Readonly<Record<HandoffCheck, Check>> = {
  opportunity: (opportunity, { ambiguous }) =>
    ambiguous ? `two records of the CRM claim the code ${opportunity.code}: keep one` : undefined,
  client: ({ client, billable }, facts) => {
    if (client === undefined) return billable === 'false' ? undefined : missing('the client');
    return facts.client ? undefined : `client ${client} is not known in its system of record: create it there`;
  },
  'legal-entity': ({ legalEntity }, facts) => {
    if (legalEntity === undefined) return missing('the legal entity');
    return facts.legalEntity ? undefined : `legal entity ${legalEntity} is not known: choose another`;
  },
  currency: ({ currency, budgetAmount }, { legalEntity }) => {
    if (currency === undefined) return budgetAmount === undefined ? undefined : missing('the currency of the budget');
    return legalEntity?.currency === undefined || legalEntity.currency === currency
      ? undefined
      : `the budget is in ${currency}, and ${legalEntity.code} keeps its books in ${legalEntity.currency}`;
  },
  'project-code': checkCode,
  'project-manager': ({ projectManager, startDate }, { manager, today }) => {
    if (projectManager === undefined) return missing('the project manager');
    // Who it is stands in the CRM; what is told to people here names nobody.
    if (!manager) return 'the project manager is not known in HR: correct the number in the CRM';
    const on = startDate !== undefined && isCalendarDate(startDate) && startDate > today ? startDate : today;
    return activeOn(manager, on) ? undefined : `the project manager is not active on ${on}: choose another`;
  },
  dates: checkDates,
  budget: ({ billable, budgetAmount, budgetHours }) => {
    if (billable === undefined) return missing('whether it is billable (the billing terms)');
    for (const [name, value] of Object.entries({ budgetAmount, budgetHours }))
      if (value !== undefined && !positive(value)) return `${name} is "${value}": expected an amount above zero`;
    return isTrue(billable) && budgetAmount === undefined ? missing('the budget of a billable project') : undefined;
  },
  'revenue-method': ({ billable, revenueMethod }) =>
    isTrue(billable) && revenueMethod === undefined ? missing('the revenue method of a billable project') : undefined,
  routes: ({ legalEntity }, { projectSystems, postingRoutes, projectOwner }) => {
    if (legalEntity === undefined) return undefined;
    if (postingRoutes.length === 0) return `time of ${legalEntity} is booked nowhere: add a route in routing.yaml`;
    if (projectSystems.length === 0)
      return `no system makes projects of ${legalEntity}: name them under "projects" in routing.yaml`;
    return projectOwner === undefined || projectSystems.includes(projectOwner)
      ? undefined
      : `projects of ${legalEntity} come from ${projectOwner}, which routing.yaml does not name under "projects"`;
  },
};

/** Every check that a won opportunity fails; empty: it can become a project. */
export const checkHandoff = (opportunity: Opportunity, facts: HandoffFacts): FailedCheck[] =>
  Object.entries(CHECKS).flatMap(([check, run]) => {
    const why = run(opportunity, facts);
    return why === undefined ? [] : [{ check: check as HandoffCheck, why }];
  });

/** Only of an opportunity that passed every check. */
export const projectOf = (opportunity: Opportunity, { client }: Pick<HandoffFacts, 'client'>): NewProject => {
  const { projectCode, legalEntity, startDate, name } = opportunity;
  return {
    code: projectCode!,
    name: name ?? projectCode!,
    legalEntityId: legalEntity!,
    // Two clients that were merged are one: the one that is left.
    client: client?.code,
    billable: isTrue(opportunity.billable),
    revenueMethod: opportunity.revenueMethod,
    budgetHours: opportunity.budgetHours,
    budgetAmount: opportunity.budgetAmount,
    currency: opportunity.currency,
    activeFrom: startDate!,
    activeTo: opportunity.endDate,
    manager: opportunity.projectManager,
  };
};

/** The system of record first: what it makes is the canonical project, and the others' copies refer to it. */
export const inOrder = (systems: readonly ConnectionId[], owner: ConnectionId | undefined): ConnectionId[] =>
  [...new Set(systems)].sort((a, b) => Number(b === owner) - Number(a === owner));

/** Whether a project that stands already is the one that is wanted: ours, or at least of the same legal entity and client. */
export const sameProject = (
  found: Pick<FoundProject, 'ours' | 'legalEntityId' | 'client'>,
  wanted: Pick<NewProject, 'legalEntityId' | 'client'>,
): boolean => found.ours || (found.legalEntityId === wanted.legalEntityId && found.client === wanted.client);
