import { describeConformance } from '@tieout/connector-kit/conformance';

// eslint-disable-next-line @nx/enforce-module-boundaries -- the sandbox is the vendor here
import { startSandboxErp } from '@tieout/sandbox';
import { sandboxErp } from '../src/index.js';

describeConformance({
  connector: sandboxErp,
  start: async () => {
    const erp = await startSandboxErp();
    erp.state.putCompany('DE01', 'EUR');
    erp.state.putPeriod({ company: 'DE01', name: '2026-10', from: '2026-10-01', to: '2026-10-31', state: 'closed' });
    erp.state.putPeriod({ company: 'DE01', name: '2026-11', from: '2026-11-01', to: '2026-11-30', state: 'open' });
    erp.state.addCodes('accounts', ['5100', '2100']);
    erp.state.addCodes('employees', ['E1001']);
    erp.state.addCodes('projects', ['P-100']);
    const values = { url: erp.url, key: erp.key, pageSize: '3' };
    const secrets = new Set(['key']);
    return {
      settings: { values, secrets },
      wrongCredentials: { values: { ...values, key: 'wrong' }, secrets },
      impatient: { values: { ...values, requestTimeoutMs: '200' }, secrets },
      masterData: { codes: { 'accounting-period': ['DE01/2026-10', 'DE01/2026-11'] } },
      posting: {
        legalEntityId: 'DE01',
        currency: 'EUR',
        openPeriod: '2026-11',
        openDate: '2026-11-20',
        closedPeriod: '2026-10',
        closedDate: '2026-10-20',
        workerCode: 'E1001',
        projectCode: 'P-100',
        account: '5100',
        balancingAccount: '2100',
        invalidLine: { workerCode: 'E9999' },
        countDocuments: (reference) => Promise.resolve(erp.state.byReference(reference).length),
      },
      stop: () => erp.stop(),
    };
  },
});
