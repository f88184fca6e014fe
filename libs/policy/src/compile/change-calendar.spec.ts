import { localInstant } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GOOD_BUNDLE } from '../../test/good-bundle.js';
import { compilePolicy } from '../compile-policy.js';
import type { ChangeAnswer, ChangeQuestion, CompiledPolicy } from '../compiled-policy.js';

const withCalendar = (text: string): CompiledPolicy => {
  const result = compilePolicy({ ...GOOD_BUNDLE, 'calendars.yaml': `${GOOD_BUNDLE['calendars.yaml']!}${text}` });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.policy;
};
const ask = (policy: CompiledPolicy, at: string, more: Partial<ChangeQuestion> = {}): ChangeAnswer =>
  policy.changeAllowed({ change: 'activation', at, environment: 'production', ...more });
const blocked = (policy: CompiledPolicy, at: string, more: Partial<ChangeQuestion> = {}): string | undefined => {
  const answer = ask(policy, at, more);
  return answer.allowed ? undefined : answer.blockedBy;
};

const HOLIDAYS = `holidays:
  germany:
    timeZone: Europe/Berlin
    legalEntities: [DE01]
    blocks: [deployments]
    days:
      - { date: 2026-12-25, name: Christmas Day }
      - { date: 2027-01-01, name: New Year }
`;
const CLOSES = `closes:
  - name: month end
    legalEntities: [DE01]
    fromLastWorkingDay: 2
    toWorkingDay: 3
    timeZone: Europe/Berlin
    holidays: germany
  - name: month end
    legalEntities: [US01]
    fromLastWorkingDay: 1
    toWorkingDay: 1
    timeZone: America/New_York
`;

describe('closes', () => {
  const policy = withCalendar(HOLIDAYS + CLOSES);
  it.each([
    // The last two working days of November 2026 are Friday the 27th and Monday the 30th; Berlin is an hour ahead of UTC.
    ['2026-11-26T22:59:59.999Z', true, '2026-11-26T23:00:00.000Z'],
    ['2026-11-26T23:00:00.000Z', false, '2026-12-03T23:00:00.000Z'],
    ['2026-12-03T22:59:59.999Z', false, '2026-12-03T23:00:00.000Z'],
    ['2026-12-03T23:00:00.000Z', true, '2026-12-29T23:00:00.000Z'],
    // New Year is no working day: the third one of January 2027 is Wednesday the 6th.
    ['2027-01-06T22:00:00.000Z', false, '2027-01-06T23:00:00.000Z'],
    // Summer time begins within this close of March 2026: two hours ahead at its end.
    ['2026-03-30T00:00:00.000Z', false, '2026-04-03T22:00:00.000Z'],
  ])('at %s may be changed: %s, until %s', (at, allowed, until) => {
    expect(ask(policy, at, { legalEntityId: 'DE01', region: 'EMEA' })).toMatchObject(
      allowed ? { allowed, until } : { allowed, opensAt: until, blockedBy: 'close' },
    );
  });
  it('say whose they are and until when', () => {
    expect(ask(policy, '2026-12-01T12:00:00.000Z', { legalEntityId: 'DE01', region: 'EMEA' })).toMatchObject({
      why: 'close "month end" of DE01 until 2026-12-03T23:00:00.000Z',
    });
  });
  it('concern their legal entities, and whoever asks for everybody', () => {
    const at = '2026-11-27T12:00:00.000Z';
    expect(['DE01', 'US01', undefined].map((legalEntityId) => blocked(policy, at, { legalEntityId, region: 'any' }))).toEqual([
      'close',
      undefined,
      'close',
    ]);
    // Everybody waits for the last one.
    expect(ask(policy, '2026-11-30T12:00:00.000Z')).toMatchObject({ opensAt: '2026-12-03T23:00:00.000Z' });
  });
  it('guard production unless they name other environments', () => {
    const at = '2026-12-01T12:00:00.000Z';
    expect(blocked(policy, at, { environment: 'test' })).toBeUndefined();
    const everywhere = withCalendar(`guardedEnvironments: [production, test]\n${HOLIDAYS}${CLOSES}`);
    expect(blocked(everywhere, at, { environment: 'test' })).toBe('close');
  });
  it('leave documents alone', () => {
    expect(policy.mayDispatch('books', 'posting', '2026-12-01T12:00:00.000Z', { legalEntityId: 'DE01' })).toEqual({ open: true });
  });
});

describe('payroll cycles', () => {
  const policy = withCalendar(`${HOLIDAYS}payrollCycles:
  - { name: salaries, days: [15, last], workingDaysBefore: 2, from: 08:00, to: 18:00, timeZone: Asia/Kolkata, regions: [APAC] }
`);
  it.each([
    // The 15th of November 2026 is a Sunday: two working days before it is Thursday the 12th. Kolkata is 5:30 ahead.
    ['2026-11-12T02:29:59.000Z', undefined],
    ['2026-11-12T02:30:00.000Z', 'payroll'],
    ['2026-11-15T12:29:59.999Z', 'payroll'],
    ['2026-11-15T12:30:00.000Z', undefined],
    ['2026-11-30T06:00:00.000Z', 'payroll'],
    // The last day of February.
    ['2027-02-28T06:00:00.000Z', 'payroll'],
    ['2027-03-01T06:00:00.000Z', undefined],
  ])('at %s: %s', (at, expected) => {
    expect(blocked(policy, at, { region: 'APAC', legalEntityId: 'IN01' })).toBe(expected);
    expect(blocked(policy, at, { region: 'EMEA', legalEntityId: 'DE01' })).toBeUndefined();
  });
});

describe('change windows, freezes and holidays', () => {
  const policy = withCalendar(`${HOLIDAYS}changeWindows:
  - { connections: [books], services: [erp-posting], blocks: [dispatch, deployments], from: 2026-11-24T10:00:00Z, to: 2026-11-24T12:00:00Z, reason: upgrade }
freezes:
  - { regions: [EMEA], from: 2026-12-20, to: 2026-12-24, timeZone: Europe/Berlin, reason: year end }
`);
  const during = '2026-11-24T11:00:00.000Z';
  it('stop what they say', () => {
    expect(blocked(policy, during, { change: 'deployment', service: 'erp-posting' })).toBe('change-window');
    expect(blocked(policy, during, { change: 'deployment', service: 'payroll-feed' })).toBeUndefined();
    expect(blocked(policy, during)).toBeUndefined();
    expect(policy.mayDispatch('books', 'posting', during)).toMatchObject({ open: false, why: 'upgrade' });
  });
  it('freeze a region: its changes, and the documents of its legal entities', () => {
    const at = '2026-12-21T12:00:00.000Z';
    for (const change of ['deployment', 'activation', 'promotion', 'mapping'] as const)
      expect([
        blocked(policy, at, { change, region: 'EMEA', legalEntityId: 'DE01' }),
        blocked(policy, at, { change, region: 'NA', legalEntityId: 'US01' }),
      ]).toEqual(['freeze', undefined]);
    expect(policy.mayDispatch('books', 'posting', at, { legalEntityId: 'DE01', region: 'EMEA' })).toMatchObject({ open: false });
    expect(policy.mayDispatch('books', 'posting', at, { legalEntityId: 'US01', region: 'NA' })).toMatchObject({ open: true });
  });
  it('a holiday ends when its day is over there, and the freeze before it runs into it', () => {
    expect(ask(policy, '2026-12-24T12:00:00.000Z', { change: 'deployment' })).toMatchObject({
      blockedBy: 'freeze',
      opensAt: '2026-12-25T23:00:00.000Z',
    });
    expect(blocked(policy, '2026-12-25T12:00:00.000Z', { change: 'deployment' })).toBe('holiday');
    expect(blocked(policy, '2026-12-25T12:00:00.000Z')).toBeUndefined();
  });
  it('are shown in order', () => {
    expect(policy.changeCalendar('2026-11-24T11:30:00.000Z', '2026-12-26T00:00:00.000Z')).toEqual([
      {
        from: '2026-11-24T10:00:00.000Z',
        to: '2026-11-24T12:00:00.000Z',
        kind: 'change-window',
        name: 'upgrade',
        blocks: ['dispatch', 'deployments'],
      },
      {
        from: '2026-12-19T23:00:00.000Z',
        to: '2026-12-24T23:00:00.000Z',
        kind: 'freeze',
        name: 'year end',
        regions: ['EMEA'],
        blocks: ['dispatch', 'deployments', 'activations', 'promotions', 'mappings'],
      },
      {
        from: '2026-12-24T23:00:00.000Z',
        to: '2026-12-25T23:00:00.000Z',
        kind: 'holiday',
        name: 'Christmas Day',
        legalEntities: ['DE01'],
        blocks: ['deployments'],
      },
    ]);
  });
  it('a calendar without an end says so', () => {
    const always = withCalendar('freezes:\n  - { from: 2026-01-01, to: 2031-01-01, timeZone: UTC, reason: sold }\n');
    expect(ask(always, during)).toEqual({
      allowed: false,
      why: 'freeze "sold" until 2031-01-02T00:00:00.000Z',
      opensAt: '2031-01-02T00:00:00.000Z',
      blockedBy: 'freeze',
    });
  });
});

describe('whatever the zone and the time of year', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Pacific/Apia'];
  const calendar = (zone: string, n: number, m: number): CompiledPolicy =>
    withCalendar(
      `closes:\n  - { name: c, fromLastWorkingDay: ${n}, toWorkingDay: ${m}, timeZone: ${zone} }\npayrollCycles:\n  - { name: p, days: [${m}, last], workingDaysBefore: ${n}, from: 02:30, to: 02:45, timeZone: ${zone} }\n`,
    );
  const policies = zones.flatMap((zone) =>
    [1, 2, 5].flatMap((n) => [1, 3].map((m) => ({ zone, n, m, policy: calendar(zone, n, m) }))),
  );
  const START = Date.parse('2026-01-01T00:00:00Z');

  it('what it foretells is so: as it is until then, and otherwise from then', () => {
    fc.assert(
      fc.property(fc.constantFrom(...policies), fc.integer({ min: 0, max: 3 * 366 * 24 * 60 }), ({ policy }, minute) => {
        const at = new Date(START + minute * 60_000).toISOString();
        const answer = ask(policy, at);
        const turn = answer.allowed ? answer.until : answer.opensAt;
        const before = new Date(Date.parse(turn!) - 1).toISOString();
        expect(turn! > at).toBe(true);
        expect(ask(policy, before).allowed).toBe(answer.allowed);
        expect(ask(policy, turn!).allowed).toBe(!answer.allowed);
      }),
      { numRuns: 300 },
    );
  });

  it('a close begins and ends at midnight there', () => {
    fc.assert(
      fc.property(fc.constantFrom(...policies), fc.integer({ min: 0, max: 36 }), ({ policy, zone }, month) => {
        const from = new Date(Date.UTC(2026, month, 1)).toISOString();
        const to = new Date(Date.UTC(2026, month + 1, 1)).toISOString();
        for (const span of policy.changeCalendar(from, to).filter(({ kind }) => kind === 'close'))
          for (const edge of [span.from, span.to]) {
            const days = [-1, 0, 1].map((shift) => new Date(Date.parse(edge) + shift * 86_400_000).toISOString().slice(0, 10));
            expect(days.map((day) => localInstant(`${day}T00:00`, zone))).toContain(edge);
          }
      }),
      { numRuns: 100 },
    );
  });
});
