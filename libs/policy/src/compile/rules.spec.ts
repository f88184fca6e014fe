import { describe, expect, it } from 'vitest';
import { compiled } from '../../test/compiled.js';
import { GOOD_BUNDLE } from '../../test/good-bundle.js';

describe('rules', () => {
  const policy = compiled();
  it('keeps account codes as they are written', () => {
    expect(policy.account({ legalEntityId: 'DE01', leg: 'labour-cost', workerType: 'contractor', billable: false })).toEqual({
      account: '0520',
      balancingAccount: '2150',
    });
    expect(policy.account({ legalEntityId: 'DE01', leg: 'labour-cost', workerType: 'employee', billable: false })?.account).toBe(
      '6100',
    );
  });
  it('falls back from region and legal entity to the default', () => {
    expect([
      policy.validationFor({ region: 'NA' }).projectGraceDays,
      policy.validationFor({ region: 'APAC' }).projectGraceDays,
      policy.validationFor({}).projectGraceDays,
    ]).toEqual([5, 7, 7]);
    expect(policy.validationFor({ region: 'NA' }).dailyLimitHours).toBe('16');
    expect(['DE01', 'US01'].map((legalEntityId) => policy.validationFor({ legalEntityId }).approvers)).toEqual([
      { codes: ['E1', 'E2'] },
      'anyone',
    ]);
    expect([policy.routes('US01'), policy.routes('IN01'), policy.routes('constructor')]).toEqual([['books'], [], ['books']]);
  });
  it('finds the owner: reason within the entity, reason, entity, catalogue', () => {
    expect(
      (
        [
          ['NO_ROUTE', 'DE01'],
          ['OVERLAP', 'DE01'],
          ['UNKNOWN_WORKER', 'DE01'],
          ['UNKNOWN_WORKER', 'US01'],
        ] as const
      ).map(([reason, entity]) => policy.owner(reason, entity).team),
    ).toEqual(['integration-platform', 'hr-operations', 'berlin', 'hr-operations']);
  });
  it('computes severity and due date', () => {
    expect(policy.severity({ reason: 'UNKNOWN_WORKER', hours: '8', hoursToCutOff: 24 })).toBe('critical');
    expect(policy.severity({ reason: 'UNKNOWN_WORKER', hours: '8' })).toBe('normal');
    expect(policy.severity({ reason: 'UNKNOWN_PROJECT', hours: '8', amount: '-1000', currency: 'EUR' })).toBe('high');
    expect(policy.severity({ reason: 'UNKNOWN_PROJECT', hours: '8', amount: '5000', currency: 'USD' })).toBe('normal');
    expect(policy.severity({ reason: 'MASTER_DATA_DRIFT', hours: '8' })).toBe('low');
    expect(policy.dueAt('high', '2026-11-23T10:00:00.000Z')).toBe('2026-11-24T10:00:00.000Z');
  });
  it('answers the system of record by attribute and legal entity', () => {
    const split = compiled({
      'connections.yaml': GOOD_BUNDLE['connections.yaml']! + '  hr: { system: sandbox-hr, roles: [master-data] }\n',
      'systems-of-record.yaml': `systemsOfRecord:
  worker:
    default: time
    attributes: { costCentre: hr }
    legalEntities:
      DE01: { attributes: { type: hr } }
      IN01: hr
`,
    });
    const asked = (attribute: string, entity?: string) => split.systemOfRecord('worker', attribute, entity);
    expect([
      asked('code'),
      asked('costCentre'),
      asked('type', 'DE01'),
      asked('code', 'DE01'),
      asked('code', 'IN01'),
      asked('costCentre', 'IN01'),
    ]).toEqual(['time', 'hr', 'hr', 'time', 'hr', 'hr']);
    expect(split.systemOfRecord('task', 'code')).toBeUndefined();
  });
});
