import { describeConformance } from '@tieout/connector-kit/conformance';
// eslint-disable-next-line @nx/enforce-module-boundaries -- the sandbox is the vendor here
import { startSandboxHr } from '@tieout/sandbox';
import { sandboxHr } from '../src/index.js';

describeConformance({
  connector: sandboxHr,
  start: async () => {
    const hr = await startSandboxHr();
    hr.lists.put('legal-entities', {
      id: 'le1',
      code: 'DE01',
      name: 'Germany',
      currency: 'EUR',
      timezone: 'Europe/Berlin',
      region: 'EMEA',
    });
    hr.lists.put('cost-centers', { id: 'cc1', code: 'CC-1', name: 'Delivery', legalEntity: 'DE01' });
    hr.lists.put('fx-rates', { id: 'fx1', base: 'USD', quote: 'EUR', rates: [{ effective: '2026-01-01', rate: '0.915' }] });
    for (const n of [1, 2, 3, 4]) {
      const workerNo = `E100${n}`;
      const jobs = [
        { effective: '2026-06-01', legalEntity: 'DE01', costCenter: 'CC-1' },
        { effective: '2025-01-01', legalEntity: 'DE01', costCenter: 'CC-1' },
      ];
      hr.lists.put('workers', { id: `w${n}`, workerNo, category: n === 4 ? 'CWK' : 'EMP', hiredOn: '2025-01-01', jobs });
      hr.lists.put('cost-rates', {
        id: `r${n}`,
        workerNo,
        rates: [{ effective: '2025-01-01', hourly: '62.50', currency: 'EUR' }],
      });
    }
    hr.lists.put('pay-groups', { id: 'pg1', code: 'DE-MONTHLY', legalEntity: 'DE01', timezone: 'Europe/Berlin' });
    hr.lists.put('pay-periods', {
      id: 'pp1',
      payGroup: 'DE-MONTHLY',
      name: '2026-11',
      from: '2026-10-21',
      to: '2026-11-20',
      cutOff: '2026-11-22T18:00',
      paidOn: '2026-11-30',
      status: 'open',
    });
    hr.lists.put('pay-codes', { id: 'REG', code: 'REG', name: 'Regular time', timeOff: false });
    const values = { url: hr.url, key: hr.key, pageSize: '2' };
    const secrets = new Set(['key']);
    return {
      settings: { values, secrets },
      wrongCredentials: { values: { ...values, key: 'wrong' }, secrets },
      impatient: { values: { ...values, requestTimeoutMs: '200' }, secrets },
      masterData: {
        codes: {
          'legal-entity': ['DE01'],
          'cost-centre': ['CC-1'],
          worker: ['E1001', 'E1004'],
          'cost-rate': ['E1001', 'E1004'],
          'exchange-rate': ['USD/EUR'],
          'pay-group': ['DE-MONTHLY'],
          'pay-period': ['DE-MONTHLY/2026-11'],
          'pay-code': ['REG'],
        },
      },
      stop: () => hr.stop(),
    };
  },
});
