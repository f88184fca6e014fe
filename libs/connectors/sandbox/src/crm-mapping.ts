import { Fault, type MasterKind } from '@tieout/model';
import { optionalText, textAt, type JsonObject } from './client/shape.js';
import { constant, type KindRead } from './master-mapping.js';

const STAGES: Readonly<Record<string, string>> = {
  Prospecting: 'open',
  Negotiation: 'open',
  'Closed Won': 'won',
  'Closed Lost': 'lost',
};
/** What the firm bills, and how it recognises the revenue. Terms that are not listed leave both open: the handoff asks for them. */
const TERMS: Readonly<Record<string, { readonly billable: string; readonly revenueMethod?: string }>> = {
  'T&M': { billable: 'true', revenueMethod: 'time-and-material' },
  Milestones: { billable: 'true', revenueMethod: 'percent-of-completion' },
  Internal: { billable: 'false' },
};

const stageOf = (deal: JsonObject, code: string): string => {
  const said = textAt(deal, 'stage', code);
  const stage = STAGES[said];
  // A stage that nobody mapped must not look like a deal that is open again: somebody would take the project back.
  if (stage === undefined)
    throw new Fault('ContractBroken', `${code}: "stage" is "${said}": expected one of ${Object.keys(STAGES).join(', ')}`);
  return stage;
};

export const CRM_READS: Readonly<Partial<Record<MasterKind, KindRead>>> = {
  client: {
    path: '/crm/v1/accounts',
    map: (item) => constant(item, textAt(item, 'accountNo', 'account'), { name: optionalText(item, 'name') }),
  },
  opportunity: {
    path: '/crm/v1/deals',
    map: (item) => {
      const code = textAt(item, 'dealNo', 'deal');
      return constant(item, code, {
        name: optionalText(item, 'title'),
        client: optionalText(item, 'account'),
        legalEntity: optionalText(item, 'company'),
        stage: stageOf(item, code),
        wonOn: optionalText(item, 'wonOn'),
        projectCode: optionalText(item, 'engagementCode'),
        ...TERMS[optionalText(item, 'terms') ?? ''],
        budgetHours: optionalText(item, 'plannedHours'),
        budgetAmount: optionalText(item, 'plannedCost'),
        currency: optionalText(item, 'currency'),
        startDate: optionalText(item, 'startsOn'),
        endDate: optionalText(item, 'endsOn'),
        projectManager: optionalText(item, 'manager'),
      });
    },
  },
};
