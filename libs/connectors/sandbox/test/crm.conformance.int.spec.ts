import { systemClock } from '@tieout/clock';
import { describeConformance } from '@tieout/connector-kit/conformance';
// eslint-disable-next-line @nx/enforce-module-boundaries -- the sandbox is the vendor here
import { startSandboxCrm } from '@tieout/sandbox';
import { describe, expect, it } from 'vitest';
import { sandboxCrm } from '../src/index.js';

describeConformance({
  connector: sandboxCrm,
  start: async () => {
    const crm = await startSandboxCrm();
    for (const n of [1, 2, 3]) crm.lists.put('accounts', { id: `a${n}`, accountNo: `C-${n}`, name: `Client ${n}` });
    for (const n of [1, 2, 3, 4]) crm.lists.put('deals', { id: `d${n}`, dealNo: `D-${n}`, stage: 'Negotiation' });
    const values = { url: crm.url, key: crm.key, pageSize: '2' };
    const secrets = new Set(['key']);
    return {
      settings: { values, secrets },
      wrongCredentials: { values: { ...values, key: 'wrong' }, secrets },
      impatient: { values: { ...values, requestTimeoutMs: '200' }, secrets },
      masterData: { codes: { client: ['C-1', 'C-3'], opportunity: ['D-1', 'D-4'] } },
      stop: () => crm.stop(),
    };
  },
});

describe('deals', () => {
  it('are opportunities in the words of the firm; a stage that nobody mapped is refused, not taken for open', async () => {
    const crm = await startSandboxCrm();
    try {
      crm.lists.put('deals', {
        id: 'd1',
        dealNo: 'D-1',
        title: 'Engagement',
        stage: 'Closed Won',
        wonOn: '2026-11-20',
        account: 'C-1',
        company: 'DE01',
        engagementCode: 'P-1',
        terms: 'Milestones',
        plannedHours: '800',
        plannedCost: '33600.00',
        currency: 'EUR',
        startsOn: '2026-12-01',
        endsOn: '2027-05-31',
        manager: 'E1001',
      });
      crm.lists.put('deals', { id: 'd2', dealNo: 'D-2', stage: 'Verbal agreement' });
      const config = sandboxCrm.parseConfig({ values: { url: crm.url, key: crm.key }, secrets: new Set(['key']) });
      const source = sandboxCrm.masterDataSource!(config, { connection: 'crm', clock: systemClock });
      const page = await source.fetchPage('opportunity', null);
      expect(page.records.map(({ timeline }) => timeline[0]!.attributes)).toEqual([
        {
          code: 'D-1',
          name: 'Engagement',
          stage: 'won',
          wonOn: '2026-11-20',
          client: 'C-1',
          legalEntity: 'DE01',
          projectCode: 'P-1',
          billable: 'true',
          revenueMethod: 'percent-of-completion',
          budgetHours: '800',
          budgetAmount: '33600.00',
          currency: 'EUR',
          startDate: '2026-12-01',
          endDate: '2027-05-31',
          projectManager: 'E1001',
        },
      ]);
      expect(page.malformed).toMatchObject([{ externalId: 'd2', why: expect.stringContaining('"Verbal agreement"') as string }]);
    } finally {
      await crm.stop();
    }
  });
});
