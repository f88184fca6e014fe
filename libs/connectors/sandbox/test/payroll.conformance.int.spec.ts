import { describeConformance } from '@tieout/connector-kit/conformance';

// eslint-disable-next-line @nx/enforce-module-boundaries -- the sandbox is the vendor here
import { startSandboxPayroll } from '@tieout/sandbox';
import { sandboxPayroll } from '../src/index.js';

describeConformance({
  connector: sandboxPayroll,
  start: async () => {
    const payroll = await startSandboxPayroll();
    payroll.state.putPeriod({ payGroup: 'DE-M', name: '2026-10', from: '2026-10-01', to: '2026-10-31', state: 'closed' });
    payroll.state.putPeriod({ payGroup: 'DE-M', name: '2026-11', from: '2026-11-01', to: '2026-11-30', state: 'open' });
    payroll.state.addCodes('employees', ['E1001']);
    const values = { url: payroll.url, key: payroll.key, pageSize: '3' };
    const secrets = new Set(['key']);
    return {
      settings: { values, secrets },
      wrongCredentials: { values: { ...values, key: 'wrong' }, secrets },
      impatient: { values: { ...values, requestTimeoutMs: '200' }, secrets },
      posting: {
        legalEntityId: 'DE01',
        currency: 'EUR',
        openPeriod: 'DE-M/2026-11',
        openDate: '2026-11-20',
        closedPeriod: 'DE-M/2026-10',
        closedDate: '2026-10-20',
        workerCode: 'E1001',
        projectCode: 'P-100',
        account: '5100',
        balancingAccount: '2100',
        invalidLine: { workerCode: 'E9999' },
        countDocuments: (reference) => Promise.resolve(payroll.state.byReference(reference).length),
      },
      stop: () => payroll.stop(),
    };
  },
});
