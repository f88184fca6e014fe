import { addDays } from '@tieout/model';
import type { Deal } from '../crm/deals.js';
import type { ListItem } from '../kit/list-store.js';
import type { DemoDays } from './days.js';
import { ENTITIES, type DemoWorker } from './people.js';

/** A deal that must become one project in each of these systems. */
export interface ExpectedProject {
  readonly code: string;
  readonly deal: string;
}
export interface DemoDeals {
  readonly crm: Readonly<Record<string, readonly ListItem[]>>;
  readonly projects: readonly ExpectedProject[];
  /** Numbers of the won deals that lack something. */
  readonly incomplete: readonly string[];
}

/** Between the codes of existing projects and the one that nobody knows. */
const NEW_PROJECT = 'DE-P500';

const deal = (dealNo: string, engagementCode: string): Pick<Deal, 'id' | 'dealNo' | 'title' | 'engagementCode'> => ({
  id: dealNo,
  dealNo,
  title: `Engagement ${engagementCode}`,
  engagementCode,
});

/** Four deals: one won and complete, one won in a hurry, one that is still open, one that was lost. */
export const makeDeals = (workers: readonly DemoWorker[], days: DemoDays): DemoDeals => {
  const [us, de] = ENTITIES as [(typeof ENTITIES)[number], (typeof ENTITIES)[number]];
  const manager = workers.find(({ entity, trait }) => entity === de && trait === 'manager')!;
  const left = workers.find(({ entity, trait }) => entity === us && trait === 'left')!;
  const regular = {
    account: 'C-205',
    company: de.code,
    terms: 'T&M',
    plannedHours: '800',
    plannedCost: '33600.00',
    currency: de.currency,
    startsOn: days.today,
    endsOn: addDays(days.today, 180),
    manager: manager.code,
  };
  const wonOn = addDays(days.today, -1);
  const deals: Deal[] = [
    { ...deal('D-1001', NEW_PROJECT), ...regular, stage: 'Closed Won', wonOn },
    {
      ...deal('D-1002', 'US-P500'),
      stage: 'Closed Won',
      wonOn,
      // Nobody told the PSA of the client, there is no budget, the currency is not the company's, and the manager has left.
      account: 'C-900',
      company: us.code,
      terms: 'T&M',
      currency: 'EUR',
      startsOn: days.today,
      manager: left.code,
    },
    { ...deal('D-1003', 'DE-P501'), ...regular, stage: 'Negotiation' },
    { ...deal('D-1004', 'DE-P502'), ...regular, stage: 'Closed Lost' },
  ];
  const accounts = ['C-205', 'C-900'].map((accountNo) => ({ id: accountNo, accountNo, name: `Client ${accountNo.slice(2)}` }));
  return {
    crm: { accounts, deals },
    projects: [{ code: NEW_PROJECT, deal: 'D-1001' }],
    incomplete: ['D-1002'],
  };
};
