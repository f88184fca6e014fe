import { describe, expect, it } from 'vitest';
import { compiled, problemsOf } from '../../test/compiled.js';
import { GOOD_BUNDLE } from '../../test/good-bundle.js';

const FEDERATION = {
  'federation.yaml': `overridable:
  - validation.dailyLimitHours
  - validation.projectGraceDays
  - validation.approvers
  - validation.unknownKeyGrace
  - calendars.lateOriginals
`,
};
const OVERLAYS = {
  ...FEDERATION,
  'regions/EMEA.yaml': 'validation: { dailyLimitHours: 12, projectGraceDays: 4, approvers: rights }\n',
  'legal-entities/DE01.yaml': 'validation: { dailyLimitHours: 10 }\ncalendars: { lateOriginals: first-open-period }\n',
  'legal-entities/FR01.yaml': 'validation: { unknownKeyGrace: PT1H, approvers: [F1] }\n',
};

describe('overlays', () => {
  const policy = compiled(OVERLAYS);
  it.each([
    // legal entity, region -> daily limit, grace days, who may approve
    [undefined, undefined, '16', 7, 'anyone'],
    ['US01', 'NA', '16', 5, 'anyone'],
    // The region's own file counts before what the firm says of the region.
    ['IT01', 'EMEA', '12', 4, 'rights'],
    // What the firm says of the one legal entity counts before the region.
    ['DE01', 'EMEA', '10', 4, { codes: ['E1', 'E2'] }],
    ['DE01', undefined, '10', 7, { codes: ['E1', 'E2'] }],
    ['FR01', 'EMEA', '12', 4, { codes: ['F1'] }],
    ['constructor', '__proto__', '16', 7, 'anyone'],
  ])('%s in %s: %s hours, %i days, %j', (legalEntityId, region, dailyLimitHours, projectGraceDays, approvers) => {
    expect(policy.validationFor({ legalEntityId, region })).toMatchObject({ dailyLimitHours, projectGraceDays, approvers });
  });
  it('change the keys that they name and no other', () => {
    const firm = policy.validationFor({});
    expect(policy.validationFor({ legalEntityId: 'FR01' })).toEqual({
      ...firm,
      unknownKeyGrace: 'PT1H',
      unknownKeyGraceMs: 3_600_000,
      approvers: { codes: ['F1'] },
    });
    expect(policy.calendarFor({ legalEntityId: 'DE01', region: 'EMEA' })).toEqual({
      ...policy.calendarFor({}),
      lateOriginals: 'first-open-period',
    });
    expect(policy.calendarFor({ region: 'EMEA' })).toEqual(policy.calendarFor({}));
  });
  it('give the same answer each time', () => {
    expect(policy.validationFor({ legalEntityId: 'US01' })).toBe(policy.validationFor({ legalEntityId: 'ES01' }));
  });
});

describe('what an overlay may not', () => {
  it.each([
    [
      'a key that the firm keeps',
      { ...FEDERATION, 'legal-entities/DE01.yaml': 'validation:\n  dailyLimitHours: 10\n  selfApproval: allowed\n' },
      [
        'legal-entities/DE01.yaml:3:3 "validation.selfApproval" is not overridable: the firm-wide validation.yaml decides it for everybody -> remove it here, or have "validation.selfApproval" added to "overridable" in federation.yaml',
      ],
    ],
    [
      'any key, where the firm says nothing about it',
      { 'regions/EMEA.yaml': 'calendars:\n  lateOriginals: hold\n' },
      [
        'regions/EMEA.yaml:2:3 "calendars.lateOriginals" is not overridable: the firm-wide calendars.yaml decides it for everybody -> remove it here, or have "calendars.lateOriginals" added to "overridable" in federation.yaml',
      ],
    ],
    [
      'a key that is nobody’s to override',
      { ...FEDERATION, 'regions/EMEA.yaml': 'validation:\n  intercompany: hold\n' },
      [
        'regions/EMEA.yaml:2:3 unknown key "intercompany" in "validation" -> known keys: hoursPerEntry, dailyLimitHours, selfApproval, approvers, projectGraceDays, unknownKeyGrace, requireTask, requirePayCode, overlap',
      ],
    ],
    [
      'a value that the firm’s file would not take',
      { ...FEDERATION, 'legal-entities/DE01.yaml': 'validation: { projectGraceDays: many }\n' },
      [
        'legal-entities/DE01.yaml:1:33 "validation.projectGraceDays" is "many": expected a whole number from 0 to 3660 -> write a whole number from 0 to 3660',
      ],
    ],
    [
      'another file of the firm',
      { ...FEDERATION, 'legal-entities/DE01.yaml': 'accounts: []\n' },
      ['legal-entities/DE01.yaml:1:1 unknown key "accounts" in the file -> known keys: validation, calendars'],
    ],
    [
      'nothing at all',
      { ...FEDERATION, 'legal-entities/DE01.yaml': '# later\n' },
      ['legal-entities/DE01.yaml:1:1 the file is empty: expected a map -> give it the keys validation, calendars'],
    ],
    [
      'other folders',
      { 'countries/DE.yaml': 'validation: {}\n' },
      [
        'countries/DE.yaml:1:1 a bundle has no file of this name -> remove it; a bundle consists of connections.yaml, systems-of-record.yaml, mappings.yaml, validation.yaml, calendars.yaml, accounts.yaml, routing.yaml, priorities.yaml, slas.yaml, ownership.yaml, approvals.yaml, federation.yaml, retention.yaml, legal-entities/<code>.yaml and regions/<name>.yaml',
      ],
    ],
    [
      'federation.yaml itself: an unknown key',
      { 'federation.yaml': 'overridable: [validation.dailyLimitHour]\n' },
      [
        'federation.yaml:1:15 "overridable.[1]" is "validation.dailyLimitHour": expected one of validation.hoursPerEntry, validation.dailyLimitHours, validation.selfApproval, validation.approvers, validation.projectGraceDays, validation.unknownKeyGrace, validation.requireTask, validation.requirePayCode, validation.overlap, calendars.lateOriginals, calendars.lateCorrections, calendars.closingTakes -> did you mean "validation.dailyLimitHours"?',
      ],
    ],
  ])('%s', (_, changes, expected) => {
    expect(problemsOf(changes as Record<string, string>)).toEqual(expected);
  });
});

describe('changed parts', () => {
  const base = compiled(OVERLAYS);
  it.each([
    ['nothing but a comment', { 'slas.yaml': `# ours\n${GOOD_BUNDLE['slas.yaml']!}` }, []],
    ['one file', { 'slas.yaml': GOOD_BUNDLE['slas.yaml']!.replace('P7D', 'P8D') }, ['slas']],
    [
      'an overlay: the parts that it touches',
      { 'legal-entities/DE01.yaml': 'validation: { dailyLimitHours: 9 }\n' },
      ['validation', 'calendars'],
    ],
    ['a new overlay', { 'regions/APAC.yaml': 'calendars: { lateOriginals: hold }\n' }, ['calendars']],
    ['what may be overridden', { 'federation.yaml': `${FEDERATION['federation.yaml']}  - validation.overlap\n` }, ['federation']],
    [
      'several',
      { 'routing.yaml': 'routes: { default: [] }\n', 'approvals.yaml': GOOD_BUNDLE['approvals.yaml']!.replace('P14D', 'P7D') },
      ['routing', 'approvals'],
    ],
  ])('%s', (_, changes, expected) => {
    const other = compiled({ ...OVERLAYS, ...(changes as Record<string, string>) });
    expect(base.changedParts(other)).toEqual(expected);
    expect(other.changedParts(base)).toEqual(expected);
    expect(other.digest === base.digest).toBe(expected.length === 0);
  });
});
