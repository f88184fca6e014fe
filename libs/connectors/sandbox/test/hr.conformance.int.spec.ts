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
        },
      },
      stop: () => hr.stop(),
    };
  },
});
