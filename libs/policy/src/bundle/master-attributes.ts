import type { MasterAttributes, MasterKind } from '@tieout/model';

type Names = { readonly [K in MasterKind]: { readonly [A in keyof Required<MasterAttributes[K]>]: true } };

/** The compiler keeps this in step with the model: a bundle that names another attribute has a slip in it. */
const NAMES: Names = {
  worker: {
    code: true,
    legalEntity: true,
    costCentre: true,
    type: true,
    timeZone: true,
    region: true,
    activeFrom: true,
    activeTo: true,
    userName: true,
    payGroup: true,
  },
  'legal-entity': { code: true, name: true, currency: true, timeZone: true, region: true },
  'cost-centre': { code: true, name: true, legalEntity: true, activeTo: true },
  client: { code: true, name: true },
  project: {
    code: true,
    name: true,
    legalEntity: true,
    client: true,
    billable: true,
    assignedOnly: true,
    activeFrom: true,
    activeTo: true,
    budgetHours: true,
    budgetAmount: true,
    revenueMethod: true,
  },
  task: { code: true, project: true, name: true, activeTo: true },
  assignment: { code: true, project: true, worker: true, activeFrom: true, activeTo: true },
  'cost-rate': { code: true, worker: true, amount: true, currency: true },
  'bill-rate': { code: true, project: true, worker: true, amount: true, currency: true },
  'exchange-rate': { code: true, from: true, to: true, rate: true },
  'accounting-period': { code: true, legalEntity: true, startDate: true, endDate: true, state: true },
  'pay-group': { code: true, name: true, legalEntity: true, timeZone: true },
  'pay-period': { code: true, payGroup: true, startDate: true, endDate: true, cutOff: true, payDate: true, state: true },
  'pay-code': { code: true, name: true, timeOff: true },
};

export const attributesOf = (kind: MasterKind): readonly string[] => Object.keys(NAMES[kind]);
