import { describe, expect, it } from 'vitest';
import { added, problemsOf } from '../../test/compiled.js';

const problems = (text: string): string[] => problemsOf(added('calendars.yaml', text));
const CLOSE = 'fromLastWorkingDay: 2, toWorkingDay: 3, timeZone: UTC';
const FREEZE = 'timeZone: UTC, reason';

describe('overlapping calendars', () => {
  it.each([
    [
      'two closes of one legal entity',
      `closes:\n  - { name: a, legalEntities: [DE01, US01], ${CLOSE} }\n  - { name: b, legalEntities: [DE01], ${CLOSE} }\n`,
      'calendars.yaml:6:5 the closes "a" and "b" both apply to DE01 -> name different legal entities or regions in each, or remove one',
    ],
    [
      'a close of everybody and one of some',
      `closes:\n  - { name: a, ${CLOSE} }\n  - { name: b, legalEntities: [DE01], regions: [NA], ${CLOSE} }\n`,
      'calendars.yaml:6:5 the closes "a" and "b" both apply to DE01, NA -> name different legal entities or regions in each, or remove one',
    ],
    [
      'two payroll cycles on one day',
      'payrollCycles:\n  - { name: a, regions: [NA], days: [15, last], timeZone: UTC }\n  - { name: b, regions: [NA], days: [last], timeZone: UTC }\n',
      'calendars.yaml:6:5 the payroll cycles "a" and "b" both have the day last for NA -> name different legal entities or days in each, or make one of the two',
    ],
    [
      'two freezes at one time',
      `freezes:\n  - { from: 2026-12-20, to: 2026-12-31, ${FREEZE}: audit }\n  - { from: 2026-12-31T23:00, to: 2027-01-02T00:00, ${FREEZE}: stocktaking }\n`,
      'calendars.yaml:6:5 "stocktaking" overlaps "audit" for everybody -> make one entry of the two, or let the second begin when the first ends',
    ],
    [
      'two change windows of one connection',
      `changeWindows:\n  - { connections: [books], from: 2026-12-20T10:00, to: 2026-12-20T12:00, ${FREEZE}: one }\n  - { connections: [books], from: 2026-12-20T11:00, to: 2026-12-20T13:00, ${FREEZE}: two }\n`,
      'calendars.yaml:6:5 "two" overlaps "one" for everybody -> make one entry of the two, or let the second begin when the first ends',
    ],
    [
      'a legal entity with two sets of holidays',
      'holidays:\n  north: { timeZone: UTC, legalEntities: [DE01], days: [] }\n  south: { timeZone: UTC, legalEntities: [FR01, DE01], days: [] }\n',
      'calendars.yaml:6:49 the holidays "north" and "south" are both those of DE01 -> keep it in one of the two',
    ],
    [
      'a holiday that stands twice',
      'holidays:\n  north:\n    timeZone: UTC\n    days: [{ date: 2026-12-25, name: Christmas }, { date: 2026-12-25, name: Noel }]\n',
      'calendars.yaml:7:59 2026-12-25 stands twice in the holidays "north" -> remove one of the two',
    ],
    [
      'holidays that are not there',
      `holidays:\n  germany: { timeZone: UTC, days: [] }\ncloses:\n  - { name: a, holidays: germny, ${CLOSE} }\n`,
      'calendars.yaml:7:26 there are no holidays "germny" -> did you mean "germany"?',
    ],
    [
      'a pay run that ends before it begins',
      'payrollCycles:\n  - { name: a, days: [15], from: 18:00, to: 08:00, timeZone: UTC }\n',
      'calendars.yaml:5:5 "payrollCycles.[1]" ends before it begins -> let "to" be after "from", or begin working days before',
    ],
  ])('%s', (_, text, expected) => {
    expect(problems(text)).toEqual([expected]);
  });

  it.each([
    [
      'closes of different legal entities',
      `closes:\n  - { name: a, legalEntities: [DE01], ${CLOSE} }\n  - { name: b, legalEntities: [US01], ${CLOSE} }\n`,
    ],
    [
      'closes that stop different things',
      `closes:\n  - { name: a, blocks: [deployments], ${CLOSE} }\n  - { name: b, blocks: [activations], ${CLOSE} }\n`,
    ],
    [
      'payroll cycles on different days',
      'payrollCycles:\n  - { name: a, days: [15], timeZone: UTC }\n  - { name: b, days: [mon, last], timeZone: UTC }\n',
    ],
    [
      'a freeze that begins when another ends',
      `freezes:\n  - { from: 2026-12-20, to: 2026-12-30, ${FREEZE}: a }\n  - { from: 2026-12-31, to: 2027-01-02, ${FREEZE}: b }\n`,
    ],
    [
      'a freeze of everybody and one of some',
      `freezes:\n  - { from: 2026-12-20, to: 2026-12-31, ${FREEZE}: a }\n  - { legalEntities: [DE01], from: 2026-12-30, to: 2027-01-02, ${FREEZE}: b }\n`,
    ],
  ])('%s are none', (_, text) => {
    expect(problems(text)).toEqual([]);
  });
});

describe('reasons that can be waived', () => {
  it.each([
    'UNKNOWN_WORKER',
    'UNKNOWN_PROJECT',
    'UNKNOWN_TASK',
    'PERIOD_CLOSED',
    'NO_OPEN_PERIOD',
    'NO_ROUTE',
    'MISSING_COST_RATE',
    'MISSING_EXCHANGE_RATE',
    'AMBIGUOUS_IDENTITY',
    'DESTINATION_REJECTED',
  ])('%s is none of them', (reason) => {
    expect(problemsOf(added('validation.yaml', `waivable: [OVERLAP, ${reason}]\n`))).toEqual([
      `validation.yaml:15:21 ${reason} cannot be waived: an override lets pass only what could then be booked -> choose from INACTIVE_WORKER, INACTIVE_PROJECT, CLOSED_TASK, NOT_ASSIGNED, APPROVER_NOT_AUTHORISED, SELF_APPROVED, INTERCOMPANY_NOT_ALLOWED, HOURS_OUT_OF_RANGE, DAILY_LIMIT_EXCEEDED, OVERLAP`,
    ]);
  });
});
