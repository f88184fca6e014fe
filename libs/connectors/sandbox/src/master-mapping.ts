import type { SourceMasterRecord } from '@tieout/connector-kit';
import {
  ALWAYS,
  approverRightCode,
  assignmentCode,
  exchangeRateCode,
  Fault,
  localInstant,
  milestoneCode,
  payPeriodCode,
  periodCode,
  taskCode,
  type MasterKind,
  type TimelineSegment,
} from '@tieout/model';
import { dateAt, decimalAt, objectsAt, optionalText, textAt, type JsonObject } from './client/shape.js';

export interface KindRead {
  readonly path: string;
  /** @throws Fault ContractBroken naming the field. */
  readonly map: (item: JsonObject) => Omit<SourceMasterRecord, 'kind'>;
}

type Attributes = Readonly<Record<string, string | undefined>>;
const present = (attributes: Attributes): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ''),
  );
const flag = (item: JsonObject, name: string): string | undefined =>
  typeof item[name] === 'boolean' ? String(item[name]) : undefined;

/** An object without history: one segment from always. */
export const constant = (item: JsonObject, code: string, attributes: Attributes): Omit<SourceMasterRecord, 'kind'> => ({
  externalId: textAt(item, 'id', code),
  code,
  timeline: [{ validFrom: ALWAYS, attributes: present({ code, ...attributes }) }],
});

/** An object with dated rows ("effective"): one segment for each, ascending. */
const dated = (
  item: JsonObject,
  code: string,
  rows: string,
  attributes: (row: JsonObject) => Attributes,
): Omit<SourceMasterRecord, 'kind'> => {
  const timeline = objectsAt(item, rows, code)
    .map((row): TimelineSegment => ({
      validFrom: dateAt(row, 'effective', code),
      attributes: present({ code, ...attributes(row) }),
    }))
    .sort((a, b) => (a.validFrom < b.validFrom ? -1 : 1));
  return { externalId: textAt(item, 'id', code), code, timeline };
};

const REVENUE_METHODS: Readonly<Record<string, string>> = { TM: 'time-and-material', POC: 'percent-of-completion' };

const APPROVER_SCOPES: Readonly<Record<string, string>> = { company: 'legal-entity', project: 'project', person: 'worker' };
const MILESTONE_STATES: Readonly<Record<string, string>> = { planned: 'planned', reached: 'reached', billed: 'invoiced' };

/** One of the vendor's words, in ours. @throws Fault ContractBroken */
const wordAt = (item: JsonObject, name: string, words: Readonly<Record<string, string>>, where: string): string => {
  const value = textAt(item, name, where);
  const word = Object.hasOwn(words, value) ? words[value] : undefined;
  if (word === undefined)
    throw new Fault('ContractBroken', `${where}: "${name}" is "${value}": expected one of ${Object.keys(words).join(', ')}`);
  return word;
};

/** Who may approve, and what a project bills when it gets there. */
const CONTROL_READS: Readonly<Partial<Record<MasterKind, KindRead>>> = {
  'approver-right': {
    path: '/v2/approvers',
    map: (item) => {
      const scope = wordAt(item, 'level', APPROVER_SCOPES, 'approver');
      const [scopeCode, approver] = [textAt(item, 'of', 'approver'), textAt(item, 'employee', 'approver')];
      return constant(item, approverRightCode(scope, scopeCode, approver), {
        approver,
        scope,
        scopeCode,
        activeFrom: optionalText(item, 'from'),
        activeTo: optionalText(item, 'to'),
      });
    },
  },
  'billing-milestone': {
    path: '/v2/milestones',
    map: (item) => {
      const project = textAt(item, 'project', 'milestone');
      const code = milestoneCode(project, textAt(item, 'code', 'milestone'));
      return constant(item, code, {
        project,
        name: optionalText(item, 'title'),
        amount: decimalAt(item, 'amount', code),
        currency: textAt(item, 'currency', code),
        dueOn: optionalText(item, 'plannedFor'),
        reachedOn: optionalText(item, 'reachedOn'),
        state: wordAt(item, 'status', MILESTONE_STATES, code),
      });
    },
  },
};

export const PSA_READS: Readonly<Partial<Record<MasterKind, KindRead>>> = {
  client: {
    path: '/v2/clients',
    map: (item) => constant(item, textAt(item, 'number', 'client'), { name: optionalText(item, 'name') }),
  },
  project: {
    path: '/v2/projects',
    map: (item) =>
      constant(item, textAt(item, 'code', 'project'), {
        name: optionalText(item, 'name'),
        legalEntity: optionalText(item, 'company'),
        client: optionalText(item, 'client'),
        billable: flag(item, 'billable'),
        assignedOnly: flag(item, 'teamOnly'),
        activeFrom: optionalText(item, 'startsOn'),
        activeTo: optionalText(item, 'endsOn'),
        budgetHours: optionalText(item, 'plannedHours'),
        budgetAmount: optionalText(item, 'plannedCost'),
        revenueMethod: REVENUE_METHODS[optionalText(item, 'revenue') ?? ''],
      }),
  },
  task: {
    path: '/v2/tasks',
    map: (item) => {
      const project = textAt(item, 'project', 'task');
      return constant(item, taskCode(project, textAt(item, 'code', 'task')), {
        project,
        name: optionalText(item, 'name'),
        activeTo: optionalText(item, 'closedOn'),
      });
    },
  },
  assignment: {
    path: '/v2/assignments',
    map: (item) => {
      const [project, worker] = [textAt(item, 'project', 'assignment'), textAt(item, 'employee', 'assignment')];
      return constant(item, assignmentCode(project, worker), {
        project,
        worker,
        activeFrom: optionalText(item, 'from'),
        activeTo: optionalText(item, 'to'),
      });
    },
  },
  'bill-rate': {
    path: '/v2/bill-rates',
    map: (item) => {
      const [project, worker] = [textAt(item, 'project', 'bill rate'), optionalText(item, 'employee')];
      const code = worker === undefined ? project : assignmentCode(project, worker);
      return dated(item, code, 'rates', (row) => ({
        project,
        worker,
        amount: decimalAt(row, 'hourly', code),
        currency: textAt(row, 'currency', code),
      }));
    },
  },
  ...CONTROL_READS,
};

const PAY_PERIOD_STATES: Readonly<Record<string, string>> = { open: 'open', paid: 'closed' };

/** Exactly as a clock on the wall shows it: with an offset it would be another zone's time. */
const localTimeAt = (item: JsonObject, name: string, where: string): string => {
  const value = textAt(item, name, where);
  if (localInstant(value, 'utc') === undefined)
    throw new Fault('ContractBroken', `${where}: "${name}" is "${value}": expected a local date and time`);
  return value;
};

const PAY_READS: Readonly<Partial<Record<MasterKind, KindRead>>> = {
  'pay-group': {
    path: '/api/pay-groups',
    map: (item) =>
      constant(item, textAt(item, 'code', 'pay group'), {
        name: optionalText(item, 'name'),
        legalEntity: optionalText(item, 'legalEntity'),
        timeZone: textAt(item, 'timezone', 'pay group'),
      }),
  },
  'pay-period': {
    path: '/api/pay-periods',
    map: (item) => {
      const payGroup = textAt(item, 'payGroup', 'pay period');
      const code = payPeriodCode(payGroup, textAt(item, 'name', 'pay period'));
      return constant(item, code, {
        payGroup,
        startDate: dateAt(item, 'from', code),
        endDate: dateAt(item, 'to', code),
        cutOff: localTimeAt(item, 'cutOff', code),
        payDate: optionalText(item, 'paidOn'),
        state: PAY_PERIOD_STATES[textAt(item, 'status', code)],
      });
    },
  },
  'pay-code': {
    path: '/api/pay-codes',
    map: (item) =>
      constant(item, textAt(item, 'code', 'pay code'), { name: optionalText(item, 'name'), timeOff: flag(item, 'timeOff') }),
  },
};

const WORKER_TYPES: Readonly<Record<string, string>> = { EMP: 'employee', CWK: 'contractor' };

export const HR_READS: Readonly<Partial<Record<MasterKind, KindRead>>> = {
  'legal-entity': {
    path: '/api/legal-entities',
    map: (item) =>
      constant(item, textAt(item, 'code', 'legal entity'), {
        name: optionalText(item, 'name'),
        currency: optionalText(item, 'currency'),
        timeZone: optionalText(item, 'timezone'),
        region: optionalText(item, 'region'),
      }),
  },
  worker: {
    path: '/api/workers',
    map: (item) => {
      const code = textAt(item, 'workerNo', 'worker');
      return dated(item, code, 'jobs', (job) => ({
        legalEntity: optionalText(job, 'legalEntity'),
        costCentre: optionalText(job, 'costCenter'),
        type: WORKER_TYPES[textAt(item, 'category', code)],
        timeZone: optionalText(job, 'timezone'),
        region: optionalText(job, 'region'),
        payGroup: optionalText(job, 'payGroup'),
        // A job may tell the spell that it belongs to: who was hired again has more than one.
        activeFrom: optionalText(job, 'hiredOn') ?? optionalText(item, 'hiredOn'),
        activeTo: optionalText(job, 'hiredOn') === undefined ? optionalText(item, 'leftOn') : optionalText(job, 'leftOn'),
        userName: optionalText(item, 'login'),
        person: optionalText(item, 'personId'),
      }));
    },
  },
  'cost-centre': {
    path: '/api/cost-centers',
    map: (item) =>
      constant(item, textAt(item, 'code', 'cost centre'), {
        name: optionalText(item, 'name'),
        legalEntity: optionalText(item, 'legalEntity'),
        activeTo: optionalText(item, 'closedOn'),
      }),
  },
  'cost-rate': {
    path: '/api/cost-rates',
    map: (item) => {
      const worker = textAt(item, 'workerNo', 'cost rate');
      return dated(item, worker, 'rates', (row) => ({
        worker,
        amount: decimalAt(row, 'hourly', worker),
        currency: textAt(row, 'currency', worker),
      }));
    },
  },
  'exchange-rate': {
    path: '/api/fx-rates',
    map: (item) => {
      const [from, to] = [textAt(item, 'base', 'exchange rate'), textAt(item, 'quote', 'exchange rate')];
      const code = exchangeRateCode(from, to);
      return dated(item, code, 'rates', (row) => ({ from, to, rate: decimalAt(row, 'rate', code) }));
    },
  },
  ...PAY_READS,
};

export const ERP_READS: Readonly<Partial<Record<MasterKind, KindRead>>> = {
  project: {
    path: '/projects',
    map: (item) =>
      constant(item, textAt(item, 'number', 'project'), {
        name: optionalText(item, 'description'),
        legalEntity: optionalText(item, 'company'),
        client: optionalText(item, 'customer'),
        activeFrom: optionalText(item, 'from'),
        activeTo: optionalText(item, 'to'),
        budgetAmount: optionalText(item, 'budget'),
      }),
  },
  'accounting-period': {
    path: '/accounting-periods',
    map: (item) => {
      const company = textAt(item, 'company', 'period');
      const code = periodCode(company, textAt(item, 'name', 'period'));
      return constant(item, code, {
        legalEntity: company,
        startDate: dateAt(item, 'from', code),
        endDate: dateAt(item, 'to', code),
        state: textAt(item, 'state', code),
      });
    },
  },
};
