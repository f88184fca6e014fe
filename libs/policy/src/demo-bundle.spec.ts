import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUNDLES, bundleTexts, compiledBundle } from '../test/bundles.js';
import { compilePolicy } from './compile-policy.js';
import type { ChangeQuestion } from './compiled-policy.js';

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

describe('the demo firm’s calendar', () => {
  const policy = compiledBundle('demo');
  const ask = (at: string, more: Partial<ChangeQuestion> = {}): string => {
    const answer = policy.changeAllowed({ change: 'deployment', at, environment: 'production', ...more });
    return answer.allowed ? 'allowed' : answer.blockedBy;
  };
  it.each([
    ['an ordinary day', '2026-11-18T12:00:00.000Z', {}, 'allowed'],
    // In Germany, the 27th of November is the second last working day.
    ['the German close', '2026-11-27T12:00:00.000Z', { legalEntityId: 'DE01' }, 'close'],
    ['the same day in the US', '2026-11-27T12:00:00.000Z', { legalEntityId: 'US01' }, 'allowed'],
    ['... asked for everybody', '2026-11-27T12:00:00.000Z', {}, 'close'],
    ['... in the test environment', '2026-11-27T12:00:00.000Z', { environment: 'test' }, 'allowed'],
    ['the weekly pay run in New York, Monday', '2026-11-23T15:00:00.000Z', { legalEntityId: 'US01' }, 'payroll'],
    ['the monthly one in Germany', '2026-11-20T12:00:00.000Z', { legalEntityId: 'DE01' }, 'payroll'],
    ['the year end', '2026-12-28T12:00:00.000Z', { change: 'promotion', legalEntityId: 'IN01' }, 'freeze'],
    ['a holiday in Germany', '2027-03-26T12:00:00.000Z', { legalEntityId: 'DE01' }, 'holiday'],
    ['... when mappings may still change', '2027-03-26T12:00:00.000Z', { legalEntityId: 'DE01', change: 'mapping' }, 'allowed'],
  ] as const)('%s', (_, at, more, expected) => {
    expect(ask(at, more)).toBe(expected);
  });
  it('nothing is changed while a month closes, pay runs are made or the year ends', () => {
    for (const at of ['2026-12-01T12:00:00.000Z', '2026-11-17T17:30:00.000Z', '2026-12-31T12:00:00.000Z'])
      for (const change of ['deployment', 'activation', 'promotion', 'mapping'] as const)
        expect(ask(at, { change })).not.toBe('allowed');
  });
  it('sends all the while', () => {
    for (const at of ['2026-12-01T12:00:00.000Z', '2026-12-31T12:00:00.000Z', '2027-03-26T12:00:00.000Z'])
      expect(policy.mayDispatch('erp', 'posting', at, { legalEntityId: 'DE01', region: 'EMEA' })).toEqual({ open: true });
  });
});

describe('any edit of the demo firm’s files', () => {
  const texts = bundleTexts('demo');
  const words = [...new Set(Object.values(texts).flatMap((text) => text.match(/[\w.-]+/g) ?? []))];
  const edit = fc.record({
    file: fc.constantFrom(...Object.keys(texts)),
    at: fc.nat(),
    cut: fc.nat({ max: 40 }),
    text: fc.oneof(
      fc.constantFrom(...words),
      fc.constantFrom(
        '',
        '\n',
        '  ',
        '\n  ',
        ': ',
        '- ',
        '[',
        ']',
        '{',
        '}',
        '&a ',
        '*a',
        '!!js ',
        '<<: ',
        '?',
        '"',
        '#',
        '\t',
        '\u0000',
      ),
      fc.string({ maxLength: 12, unit: 'binary' }),
      fc.integer().map(String),
    ),
  });
  it('compiles, or is told what is wrong and where; nothing throws', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        const changed = { ...texts };
        for (const { file, at, cut, text } of edits) {
          const before = changed[file]!;
          const from = at % (before.length + 1);
          changed[file] = before.slice(0, from) + text + before.slice(from + cut);
        }
        const result = compilePolicy(changed);
        if (result.ok) {
          const at = '2027-01-02T12:00:00.000Z';
          result.policy.changeAllowed({ change: 'activation', at, environment: 'production' });
          expect(result.policy.changeCalendar(at, '2027-03-01T00:00:00.000Z')).toBeInstanceOf(Array);
          expect(result.policy.digest).toMatch(/^[0-9a-f]{64}$/);
          return;
        }
        expect(result.problems.length).toBeGreaterThan(0);
        for (const { file, line, column, message, fix } of result.problems) {
          const lines = changed[file]!.split(/\r\n|[\r\n]/);
          expect([file in changed, line >= 1, line <= lines.length + 1, column >= 1]).toEqual([true, true, true, true]);
          expect([message, fix]).not.toContain('');
        }
      }),
      { numRuns: 150 },
    );
  });
});
