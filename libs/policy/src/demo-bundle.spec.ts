import { describe, expect, it } from 'vitest';
import { BUNDLES, bundleTexts, compiledBundle } from '../test/bundles.js';
import { compilePolicy } from './compile-policy.js';

describe('bundles in deploy/governance', () => {
  it.each(BUNDLES)('%s compiles', (folder) => {
    const result = compilePolicy(bundleTexts(folder));
    expect(result.ok ? [] : result.problems).toEqual([]);
  });

  it('the demo firm’s rules say what its files say', () => {
    const policy = compiledBundle('demo');
    expect(policy.connections.map((c) => c.id)).toEqual(['psa', 'hr', 'crm', 'erp', 'payroll', 'warehouse', 'timesheets-csv']);
    expect(['NA', 'EMEA', 'APAC', 'elsewhere'].map((region) => policy.validationFor({ region }).projectGraceDays)).toEqual([
      5, 3, 10, 5,
    ]);
    expect(
      policy.account({ legalEntityId: 'US01', leg: 'contractor-accrual', workerType: 'contractor', billable: true }),
    ).toEqual({
      account: '5200',
      balancingAccount: '2150',
    });
    expect(policy.account({ legalEntityId: 'IN01', leg: 'labour-cost', workerType: 'employee', billable: false })).toEqual({
      account: '6100',
      balancingAccount: '2100',
    });
    expect(
      policy.account({ legalEntityId: 'DE01', leg: 'intercompany-due-to', workerType: 'contractor', billable: true }),
    ).toEqual({
      account: '5110',
      balancingAccount: '2400',
    });
    expect(policy.legs({ workerType: 'contractor', workerLegalEntityId: 'DE01' })).toEqual(['contractor-accrual']);
    expect(policy.lane({ feed: 'payroll', billable: true, hoursToDeadline: 20 })).toBe('pay-cut-off');
    expect(policy.feedRoutes('posting', 'DE01')).toEqual(['erp']);
    expect(policy.routes('DE01')).toEqual(['erp', 'payroll', 'warehouse']);
    expect(policy.mayDispatch('erp', 'posting', '2026-11-28T03:00:00.000Z')).toEqual({ open: true });
    expect(policy.systemOfRecord('project', 'code')).toBe('psa');
    expect(policy.systemOfRecord('accounting-period', 'state', 'DE01')).toBe('erp');
    expect(policy.owner('PERIOD_CLOSED', 'DE01')).toEqual({ team: 'finance-germany' });
    expect(policy.owner('PERIOD_CLOSED', 'US01')).toEqual({ team: 'finance-operations' });
  });
});
