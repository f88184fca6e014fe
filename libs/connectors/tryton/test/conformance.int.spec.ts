import { describeConformance } from '@tieout/connector-kit/conformance';
import { tryton } from '../src/index.js';
import { FakeTryton } from './fake-tryton.js';
import { bookingRequest } from './booking-request.js';

describeConformance({
  connector: tryton,
  start: async () => {
    const fake = new FakeTryton();
    const url = await fake.start();
    const settings = (values: Record<string, string> = {}) => ({
      values: { url, database: 'erp', user: 'admin', password: fake.password, legalEntity: 'ERP', pageSize: '2', ...values },
      secrets: new Set(['password']),
    });
    return {
      settings: settings(),
      wrongCredentials: settings({ password: 'wrong' }),
      impatient: settings({ requestTimeoutMs: '500' }),
      masterData: {
        codes: {
          worker: ['E101', 'E102'],
          'legal-entity': ['ERP'],
          'cost-centre': ['CC100'],
          'cost-rate': ['E101'],
          project: ['p-101', 'p-102', 'p-103'],
          'accounting-period': ['ERP/2026-09', 'ERP/2026-10', 'ERP/2026-11'],
        },
      },
      posting: {
        legalEntityId: 'ERP',
        currency: 'EUR',
        openPeriod: '2026-10',
        openDate: '2026-10-31',
        closedPeriod: '2026-09',
        closedDate: '2026-09-30',
        workerCode: 'E|101',
        projectCode: 'p-101%',
        costCentre: 'CC100',
        account: '6000',
        balancingAccount: '2900',
        invalidLine: { account: '9999' },
        countDocuments: async (key) => fake.table('account.move').filter((move) => move['description'] === key).length,
        writes: bookingRequest,
      },
      stop: () => fake.stop(),
    };
  },
});
