import { describe, expect, it } from 'vitest';
import { GOOD_BUNDLE } from '../test/good-bundle.js';
import { compilePolicy } from './compile-policy.js';
import type { CompiledPolicy } from './compiled-policy.js';

const CONNECTIONS = `${GOOD_BUNDLE['connections.yaml']!}  shared:
    system: sandbox-erp
    roles: [posting, payroll]
    budget: { slots: 10, perSecond: 20, shares: { posting: 0.7, payroll: 0.3 } }
    adoption: { matchBy: [workerCode, workDate], toleranceHours: 0.01 }
  lake:
    system: warehouse-parquet
    roles: [analytics]
    budget: { slots: 3 }
`;
const withFeeds = (changes: Readonly<Record<string, string>> = {}) =>
  compilePolicy({ ...GOOD_BUNDLE, 'connections.yaml': CONNECTIONS, ...changes });
const compiled = (changes: Readonly<Record<string, string>> = {}): CompiledPolicy => {
  const result = withFeeds(changes);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.policy;
};
const added = (file: string, text: string): Record<string, string> => ({ [file]: `${GOOD_BUNDLE[file]!}${text}` });

describe('a bundle that is silent on the feeds', () => {
  const policy = compiled({ 'connections.yaml': GOOD_BUNDLE['connections.yaml']! });
  it('goes on as before: ERP only, no windows, line by line', () => {
    expect(policy.routes('DE01')).toEqual(['books']);
    expect(policy.routes('IN01')).toEqual([]);
    expect(policy.feedRoutes('payroll', 'DE01')).toEqual([]);
    expect(policy.budget('books', 'posting')).toBeUndefined();
    expect(policy.mayDispatch('books', 'posting', '2026-11-23T09:00:00.000Z')).toEqual({ open: true });
    expect(policy.summarise('books', 'labour-cost', 'DE01')).toBe('lines');
    expect(policy.afterMove).toBe('reverse-in-old');
    expect(policy.accruals).toMatchObject({ missing: 'none', unapproved: 'none' });
    expect(policy.adoption('books')).toBeUndefined();
    expect(policy.payroll.excludedPayCodes('DE01')).toEqual([]);
  });
  it('sends billable and other lines in one lane, analytics in its own', () => {
    expect(policy.lane({ feed: 'posting', billable: true, hoursToDeadline: 1 })).toBe('normal');
    expect(policy.lane({ feed: 'analytics', billable: true })).toBe('analytics');
    expect(policy.patienceSeconds('normal')).toBeLessThan(policy.patienceSeconds('analytics'));
  });
});

describe('routes', () => {
  const policy = compiled({
    'routing.yaml': `routes: { default: [books], legalEntities: { US01: [shared] } }
payroll: { default: [shared] }
analytics: { default: [lake], legalEntities: { DE01: [] } }
excludedPayCodes: { default: [PTO], legalEntities: { DE01: [URL, KRK] } }
afterMove: adjust-in-new
`,
  });
  it('are those of all feeds, each connection once', () => {
    expect(policy.routes('FR01')).toEqual(['books', 'shared', 'lake']);
    expect(policy.routes('US01')).toEqual(['shared', 'lake']);
    expect(policy.feedRoutes('analytics', 'DE01')).toEqual([]);
    expect(policy.feedRoutes('payroll', 'DE01')).toEqual(['shared']);
  });
  it('exclude time off and say what a move does', () => {
    expect(policy.payroll.excludedPayCodes('US01')).toEqual(['PTO']);
    expect(policy.payroll.excludedPayCodes('DE01')).toEqual(['URL', 'KRK']);
    expect(policy.afterMove).toBe('adjust-in-new');
  });
});

describe('budgets', () => {
  it('are split by shares, rounded down, at least one slot', () => {
    const policy = compiled();
    expect(policy.budget('shared', 'posting')).toEqual({ slots: 7, perSecond: 14 });
    expect(policy.budget('shared', 'payroll')).toEqual({ slots: 3, perSecond: 6 });
    expect(policy.budget('shared', 'analytics')).toBeUndefined();
    expect(policy.budget('lake', 'analytics')).toEqual({ slots: 3 });
  });
  it('lose nothing to floating point', () => {
    const policy = compiled({
      'connections.yaml': CONNECTIONS.replace('slots: 10', 'slots: 100').replace(
        'posting: 0.7, payroll: 0.3',
        'posting: 0.29, payroll: 0.57',
      ),
    });
    expect([policy.budget('shared', 'posting')?.slots, policy.budget('shared', 'payroll')?.slots]).toEqual([29, 57]);
  });
});

describe('lanes', () => {
  const policy = compiled(
    added(
      'priorities.yaml',
      `lanes:
  - { lane: pay-cut-off, when: { feeds: [payroll], hoursToDeadlineAtMost: 24 } }
  - { lane: close, when: { feeds: [posting], hoursToDeadlineAtMost: 48 } }
  - { lane: billing, when: { feeds: [posting], billable: true } }
ageing:
  close: { patience: PT30S, lead: PT4H }
`,
    ),
  );
  it('go by consequence: the first rule that holds', () => {
    expect(policy.lane({ feed: 'payroll', billable: false, hoursToDeadline: 24 })).toBe('pay-cut-off');
    expect(policy.lane({ feed: 'payroll', billable: false, hoursToDeadline: 24.5 })).toBe('normal');
    expect(policy.lane({ feed: 'payroll', billable: true })).toBe('normal');
    expect(policy.lane({ feed: 'posting', billable: true, hoursToDeadline: 3 })).toBe('close');
    expect(policy.lane({ feed: 'posting', billable: true })).toBe('billing');
    expect(policy.lane({ feed: 'analytics', billable: true, hoursToDeadline: 0 })).toBe('analytics');
  });
  it('age as the bundle says', () => {
    expect([policy.patienceSeconds('close'), policy.leadSeconds('close')]).toEqual([30, 14_400]);
    expect([policy.patienceSeconds('billing'), policy.leadSeconds('billing')]).toEqual([300, 0]);
  });
});

describe('legs', () => {
  it('of employees, contractors, and between two legal entities', () => {
    const firm = (intercompany: string) =>
      compiled({
        'validation.yaml': GOOD_BUNDLE['validation.yaml']!.replace('intercompany: hold', `intercompany: ${intercompany}`),
      });
    const pair = firm('due-to-due-from');
    const abroad = { workerLegalEntityId: 'DE01', projectLegalEntityId: 'FR01' };
    expect(pair.legs({ workerType: 'employee', ...abroad })).toEqual([
      'labour-cost',
      'intercompany-due-from',
      'intercompany-due-to',
    ]);
    expect(pair.legs({ workerType: 'contractor', ...abroad, projectLegalEntityId: 'DE01' })).toEqual(['contractor-accrual']);
    expect(pair.legs({ workerType: 'employee', workerLegalEntityId: 'DE01' })).toEqual(['labour-cost']);
    expect(firm('allow-labour-cost').legs({ workerType: 'employee', ...abroad })).toEqual(['labour-cost']);
  });
  it('are what the bundle says', () => {
    const policy = compiled(added('accounts.yaml', 'legs: { contractor: [labour-cost] }\n'));
    expect(policy.legs({ workerType: 'contractor', workerLegalEntityId: 'DE01' })).toEqual(['labour-cost']);
    expect(policy.legs({ workerType: 'employee', workerLegalEntityId: 'DE01' })).toEqual(['labour-cost']);
  });
});

describe('summaries and accruals', () => {
  const policy = compiled(
    added(
      'accounts.yaml',
      `summarise:
  - { when: { destinations: [books], legs: [labour-cost], legalEntities: [US01] }, keep: [project, work-date] }
  - { when: { destinations: [books], legs: [contractor-accrual] }, keep: lines }
  - { when: { destinations: [books], legalEntities: [US01] }, keep: [] }
accruals: { missing: accrue, unapproved: none, expectedHoursPerDay: { default: 8, regions: { EMEA: 7.5 } } }
`,
    ),
  );
  it('sum as the first rule says', () => {
    expect(policy.summarise('books', 'labour-cost', 'US01')).toEqual(['project', 'work-date']);
    expect(policy.summarise('books', 'contractor-accrual', 'US01')).toBe('lines');
    expect(policy.summarise('books', 'time-accrual', 'US01')).toEqual([]);
    expect(policy.summarise('books', 'labour-cost', 'DE01')).toBe('lines');
  });
  it('expect a working day per region', () => {
    expect(policy.accruals).toMatchObject({ missing: 'accrue', unapproved: 'none' });
    expect([policy.accruals.expectedHoursPerDay('EMEA'), policy.accruals.expectedHoursPerDay('NA')]).toEqual(['7.5', '8']);
  });
});

it('adoption names fields and tolerances', () => {
  expect(compiled().adoption('shared')).toEqual({
    matchBy: ['workerCode', 'workDate'],
    toleranceHours: '0.01',
    toleranceAmount: '0',
  });
});

it('the preview of a pay run points out what the bundle says', () => {
  expect(compiled().payroll.alerts).toEqual({ changePercent: 30, zeroHours: true, leavers: true });
  expect(
    compiled(added('validation.yaml', 'payRunAlerts: { changePercent: 10, zeroHours: false, leavers: true }\n')).payroll.alerts,
  ).toEqual({ changePercent: 10, zeroHours: false, leavers: true });
});

describe('planted errors', () => {
  const swapped = (from: string, to: string): Record<string, string> => {
    if (!CONNECTIONS.includes(from)) throw new Error(`no ${from}`);
    return { 'connections.yaml': CONNECTIONS.replace(from, to) };
  };
  it.each<[string, Record<string, string>, string]>([
    [
      'shares above 1',
      swapped('payroll: 0.3', 'payroll: 0.4'),
      'connections.yaml:14:41 the shares of "shared" come to 1.1: together the feeds would exceed its limit | lower them to 1 or less in sum',
    ],
    [
      'a share for a feed without the role',
      swapped('payroll: 0.3', 'payroll: 0.2, analytics: 0.1'),
      'connections.yaml:14:79 connection "shared" has a share for analytics but not its role | remove the share, or add "analytics" to the roles',
    ],
    [
      'a feed without a share',
      swapped(', payroll: 0.3', ''),
      'connections.yaml:14:5 the budget of "shared" has no share for payroll | add it to "shares"',
    ],
    [
      'two feeds and no budget',
      swapped('    budget: { slots: 10, perSecond: 20, shares: { posting: 0.7, payroll: 0.3 } }\n', ''),
      'connections.yaml:11:3 connection "shared" is used by posting and payroll, which would each take all that it allows | add "budget: { slots: ..., shares: { ... } }"',
    ],
    [
      'fewer slots than feeds',
      swapped('slots: 10', 'slots: 1'),
      'connections.yaml:14:22 1 slots are too few: each of posting and payroll needs at least one | raise "slots" to 2 or more',
    ],
    [
      'a rate of nothing',
      swapped('perSecond: 20', 'perSecond: 0'),
      'connections.yaml:14:37 "connections.shared.budget.perSecond" is "0": expected requests per second, above 0, for example 20 or 0.5 | write requests per second, above 0, for example 20 or 0.5',
    ],
    [
      'adoption from a source',
      swapped('kinds: [worker, project]', 'adoption: { matchBy: [workDate] }'),
      'connections.yaml:7:5 connection "time" is no destination, so nothing can be adopted from it | remove "adoption"',
    ],
    [
      'adoption by an unknown field',
      swapped('[workerCode, workDate]', '[workerCode, workday]'),
      'connections.yaml:15:39 "connections.shared.adoption.matchBy.[2]" is "workday": expected one of workerCode, projectCode, taskCode, costCentre, workDate, account, balancingAccount, payCode | did you mean "workDate"?',
    ],
    [
      'a payroll route to a connection without the role',
      added('routing.yaml', 'payroll: { default: [lake] }\n'),
      'routing.yaml:4:22 connection "lake" does not have the role payroll | add "payroll" to its roles in connections.yaml, or name another connection',
    ],
    [
      'windows of a connection that does not exist',
      added('calendars.yaml', 'dispatchWindows: { book: [{ from: 06:00, to: 20:00, timeZone: UTC }] }\n'),
      'calendars.yaml:4:20 connection "book" is not declared in connections.yaml | did you mean "books"?',
    ],
    [
      'windows of a source',
      added('calendars.yaml', 'dispatchWindows: { time: [{ from: 06:00, to: 20:00, timeZone: UTC }] }\n'),
      'calendars.yaml:4:20 connection "time" is no destination | name a connection with the role posting, payroll or analytics',
    ],
    [
      'a window of no length',
      added('calendars.yaml', 'dispatchWindows: { books: [{ from: 06:00, to: 06:00, timeZone: UTC }] }\n'),
      'calendars.yaml:4:28 "dispatchWindows.books.[1]" begins when it ends | write 00:00 to 24:00 for a whole day',
    ],
    [
      'a freeze by the day without a zone',
      added('calendars.yaml', 'freezes:\n  - { from: 2026-12-24, to: 2026-12-26, reason: holidays }\n'),
      'calendars.yaml:5:5 "freezes.[1]" has a date or local time but no time zone | add "timeZone:", or write instants that end in Z',
    ],
    [
      'a freeze on a day that no calendar has',
      added('calendars.yaml', 'freezes:\n  - { from: 2026-02-30, to: 2026-03-04, timeZone: UTC, reason: audit }\n'),
      'calendars.yaml:5:13 "freezes.[1].from" is "2026-02-30": expected a date, a local time 2026-12-31T18:00, or an instant 2026-12-31T18:00:00Z | write a date, a local time 2026-12-31T18:00, or an instant 2026-12-31T18:00:00Z',
    ],
    [
      'a freeze that ends before it begins',
      added('calendars.yaml', 'freezes:\n  - { from: 2026-12-26, to: 2026-12-24, timeZone: UTC, reason: holidays }\n'),
      'calendars.yaml:5:5 "freezes.[1]" ends before it begins | swap "from" and "to"',
    ],
    [
      'a change window of an unknown connection',
      added(
        'calendars.yaml',
        'changeWindows:\n  - { connections: [erpp], from: 2026-12-24T10:00:00Z, to: 2026-12-24T11:00:00Z, reason: upgrade }\n',
      ),
      'calendars.yaml:5:21 connection "erpp" is not declared in connections.yaml | declare it, or use one of time, books, shared, lake',
    ],
    [
      'an unknown lane',
      added('priorities.yaml', 'lanes: [{ lane: biling, when: { billable: true } }]\n'),
      'priorities.yaml:9:17 "lanes.[1].lane" is "biling": expected one of pay-cut-off, close, billing, normal, analytics | did you mean "billing"?',
    ],
    [
      'a leg that is none',
      added('accounts.yaml', 'legs: { employee: [labor-cost] }\n'),
      'accounts.yaml:8:20 "legs.employee.[1]" is "labor-cost": expected a leg (labour-cost, contractor-accrual, intercompany-due-from, intercompany-due-to, time-accrual, fact, or pay: and a pay code) | write a leg (labour-cost, contractor-accrual, intercompany-due-from, intercompany-due-to, time-accrual, fact, or pay: and a pay code)',
    ],
    [
      'an accrual that no account rule takes',
      {
        'accounts.yaml':
          `${GOOD_BUNDLE['accounts.yaml']!.replace('- account', '- when: { legs: [labour-cost, contractor-accrual] }\n    account')}accruals: { unapproved: accrue }\n`.replace(
            'when: { legalEntities: [DE01], ',
            'when: { legs: [labour-cost], legalEntities: [DE01], ',
          ),
      },
      'accounts.yaml:9:11 no account rule takes the leg time-accrual | add a rule with "when: { legs: [time-accrual] }" to "accounts"',
    ],
    [
      'a summary of a source',
      added('accounts.yaml', 'summarise: [{ when: { destinations: [time] }, keep: lines }]\n'),
      'accounts.yaml:8:38 connection "time" is no destination | name a connection with the role posting, payroll or analytics',
    ],
  ])('%s', (_, changes, expected) => {
    const result = withFeeds(changes);
    const found = result.ok
      ? []
      : result.problems.map(({ file, line, column, message, fix }) => `${file}:${line}:${column} ${message} | ${fix}`);
    expect(found).toEqual([expected]);
  });
});
