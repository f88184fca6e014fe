import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GOOD_BUNDLE } from '../../test/good-bundle.js';
import { compilePolicy } from '../compile-policy.js';
import type { CompiledPolicy } from '../compiled-policy.js';

const withCalendar = (text: string): CompiledPolicy => {
  const result = compilePolicy({ ...GOOD_BUNDLE, 'calendars.yaml': `${GOOD_BUNDLE['calendars.yaml']!}${text}` });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.policy;
};
const ask = (policy: CompiledPolicy, at: string, legalEntityId?: string) =>
  policy.mayDispatch('books', 'posting', at, { legalEntityId });

describe('dispatch windows', () => {
  const policy = withCalendar(`dispatchWindows:
  books:
    - { days: [mon, tue, wed, thu, fri], from: 06:00, to: 20:00, timeZone: Europe/Berlin }
    - { days: [sat], from: 22:00, to: 02:00, timeZone: Europe/Berlin }
`);
  it.each([
    // Berlin is one hour ahead of UTC in November, two in summer.
    ['2026-11-23T05:00:00.000Z', { open: true, until: '2026-11-23T19:00:00.000Z' }],
    ['2026-11-23T04:59:59.999Z', { open: false, opensAt: '2026-11-23T05:00:00.000Z' }],
    ['2026-11-23T19:00:00.000Z', { open: false, opensAt: '2026-11-24T05:00:00.000Z' }],
    ['2026-07-01T04:00:00.000Z', { open: true, until: '2026-07-01T18:00:00.000Z' }],
    // Over midnight: the window belongs to Saturday.
    ['2026-11-29T00:30:00.000Z', { open: true, until: '2026-11-29T01:00:00.000Z' }],
    ['2026-11-29T01:00:00.000Z', { open: false, opensAt: '2026-11-30T05:00:00.000Z' }],
    ['2026-11-28T12:00:00.000Z', { open: false, opensAt: '2026-11-28T21:00:00.000Z' }],
    // The night in which clocks go back is an hour longer.
    ['2026-10-24T20:00:00.000Z', { open: true, until: '2026-10-25T00:00:00.000Z' }],
  ])('%s', (at, expected) => {
    expect(ask(policy, at)).toMatchObject(expected);
  });
  it('concern their connection only', () => {
    expect(policy.mayDispatch('elsewhere', 'posting', '2026-11-28T12:00:00.000Z')).toEqual({ open: true });
  });
  it('may be those of one feed', () => {
    const erpByNight = withCalendar(
      'dispatchWindows: { books: [{ feeds: [posting], from: 20:00, to: 06:00, timeZone: UTC }] }\n',
    );
    expect(ask(erpByNight, '2026-11-23T12:00:00.000Z')).toMatchObject({ open: false });
    expect(erpByNight.mayDispatch('books', 'payroll', '2026-11-23T12:00:00.000Z')).toEqual({ open: true });
  });
  it('that meet are one opening; round the clock has no end', () => {
    const weekdays = withCalendar('dispatchWindows: { books: [{ days: [mon, tue], from: 00:00, to: 24:00, timeZone: UTC }] }\n');
    expect(ask(weekdays, '2026-11-23T12:00:00.000Z')).toEqual({ open: true, until: '2026-11-25T00:00:00.000Z' });
    const always = withCalendar('dispatchWindows: { books: [{ from: 00:00, to: 24:00, timeZone: UTC }] }\n');
    expect(ask(always, '2026-11-23T12:00:00.000Z')).toEqual({ open: true, until: undefined });
  });
});

describe('change windows and freezes', () => {
  const policy = withCalendar(`dispatchWindows:
  books: [{ from: 08:00, to: 18:00, timeZone: UTC }]
changeWindows:
  - { connections: [books], from: 2026-11-23T12:00:00Z, to: 2026-11-23T13:00:00Z, reason: upgrade of the books }
freezes:
  - { legalEntities: [DE01], from: 2026-12-24, to: 2026-12-26, timeZone: Europe/Berlin, reason: year-end freeze }
  - { feeds: [payroll], from: 2026-11-23T09:00, to: 2026-11-23T10:00, timeZone: Asia/Kolkata, reason: payroll is audited }
`);
  it('close what is open, and say why', () => {
    expect(ask(policy, '2026-11-23T11:00:00.000Z')).toEqual({ open: true, until: '2026-11-23T12:00:00.000Z' });
    expect(ask(policy, '2026-11-23T12:00:00.000Z')).toEqual({
      open: false,
      why: 'upgrade of the books',
      opensAt: '2026-11-23T13:00:00.000Z',
    });
  });
  it('of a legal entity concern nobody else; a last day counts whole, and then the windows are asked again', () => {
    expect(ask(policy, '2026-12-25T09:00:00.000Z')).toMatchObject({ open: true });
    expect(ask(policy, '2026-12-25T09:00:00.000Z', 'US01')).toMatchObject({ open: true });
    expect(ask(policy, '2026-12-25T09:00:00.000Z', 'DE01')).toEqual({
      open: false,
      why: 'year-end freeze',
      opensAt: '2026-12-27T08:00:00.000Z',
    });
  });
  it('of a feed leave the others alone', () => {
    expect(policy.mayDispatch('time', 'payroll', '2026-11-23T04:00:00.000Z')).toMatchObject({ open: false });
    expect(policy.mayDispatch('time', 'analytics', '2026-11-23T04:00:00.000Z')).toEqual({ open: true });
  });
  it('without an end in sight name no opening', () => {
    const frozen = withCalendar('freezes: [{ from: 2026-01-01, to: 2030-01-01, timeZone: UTC, reason: sold }]\n');
    expect(ask(frozen, '2026-11-23T12:00:00.000Z')).toEqual({ open: false, why: 'sold', opensAt: undefined });
  });
});

it('what it foretells is so: open until then, closed from then, and the other way round', () => {
  const policy = withCalendar(`dispatchWindows:
  books:
    - { days: [mon, wed, sun], from: 21:30, to: 03:30, timeZone: America/New_York }
    - { days: [wed, thu], from: 01:00, to: 09:00, timeZone: Europe/Berlin }
freezes:
  - { from: 2026-03-28T12:00, to: 2026-03-29T06:00, timeZone: Europe/Berlin, reason: clocks change }
`);
  const openAt = (ms: number): boolean => ask(policy, new Date(ms).toISOString()).open;
  fc.assert(
    fc.property(fc.integer({ min: Date.parse('2026-03-01T00:00:00Z'), max: Date.parse('2026-04-15T00:00:00Z') }), (ms) => {
      const answer = ask(policy, new Date(ms).toISOString());
      const turn = Date.parse((answer.open ? answer.until : answer.opensAt)!);
      expect(turn).toBeGreaterThan(ms);
      expect(openAt(turn)).toBe(!answer.open);
      expect(openAt(turn - 1)).toBe(answer.open);
      expect(openAt(Math.floor((ms + turn) / 2))).toBe(answer.open);
    }),
    { numRuns: 300 },
  );
});
