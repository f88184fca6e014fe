import type { DestinationEvidence } from '@tieout/connector-kit';
import { addDecimals, entryIdOf, type Leg } from '@tieout/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare } from './compare.js';
import { tiesOut, withAcceptances, type Comparison } from './tie-out.js';

const OLD = '2026-11-01T00:00:00.000Z';
const ENTRIES = [1, 2, 3] as const;
const entry = (n: number): string => entryIdOf('psa', `t${n}`);
const line = (n: number, more: Partial<DestinationEvidence> = {}): DestinationEvidence => ({
  reference: `k${n}`,
  externalId: `J${n}`,
  workerCode: 'E1',
  projectCode: 'P1',
  hours: '8',
  amount: '400',
  currency: 'EUR',
  legalEntityId: 'DE01',
  postingPeriod: '2026-11',
  postingDate: '2026-11-10',
  ...more,
});
const AGREED = ENTRIES.map((n) => line(n));

/** Three approved hours of 8 h and 400 EUR each, and what stands in the destination. */
const compared = (booked: readonly DestinationEvidence[], never: readonly number[] = []): Comparison =>
  compare({
    asOf: '2026-11-23T12:00:00.000Z',
    destination: 'erp',
    window: { from: '2026-11-01', to: '2026-11-30' },
    source: ENTRIES.map((n) => ({
      connection: 'psa',
      sourceId: `t${n}`,
      workDate: '2026-11-10',
      hours: '8',
      approved: true,
      updatedAt: OLD,
    })),
    booked,
    statuses: new Map(
      ENTRIES.filter((n) => !never.includes(n)).map((n) => [
        entry(n),
        {
          entryId: entry(n),
          state: 'released',
          legalEntityId: 'DE01',
          workDate: '2026-11-10',
          workerCode: 'E1',
          projectCode: 'P1',
          hours: '8',
          amount: '400',
          currency: 'EUR',
          routes: ['erp'],
          decidedAt: OLD,
        },
      ]),
    ),
    ledger: new Map(
      ENTRIES.map((n) => [
        `k${n}`,
        {
          postingKey: `k${n}`,
          documentKey: 'd',
          entryId: entry(n),
          workDate: '2026-11-10',
          postingPeriod: '2026-11',
          postedAt: OLD,
          leg: 'labour-cost' as Leg,
          lineKey: null,
          hours: '8',
          amount: '400',
        },
      ]),
    ),
    stuckEntries: new Set(),
    refusedRecords: new Set(),
    journalOursAlone: true,
    inFlightMs: 60_000,
  });
const ids = ({ differences }: Comparison): Set<string> => new Set(differences.map(({ differenceId }) => differenceId));
const shown = (comparison: Comparison) => withAcceptances(comparison, ids(comparison));

const WRONG: Readonly<Record<string, { booked: DestinationEvidence[]; accepted: object; posted?: object }>> = {
  'a missing hour': { booked: AGREED.slice(1), accepted: { count: 1, hours: '8', amounts: { EUR: '400' } } },
  'other hours': {
    booked: [line(1, { hours: '6.50' }), ...AGREED.slice(1)],
    accepted: { count: 1, hours: '1.5', amounts: {} },
  },
  'another amount': {
    booked: [line(1, { amount: '401.50' }), ...AGREED.slice(1)],
    accepted: { count: 1, hours: '0', amounts: { EUR: '1.5' } },
  },
  'another period': {
    booked: [line(1, { postingPeriod: '2026-12' }), ...AGREED.slice(1)],
    accepted: { count: 1, hours: '8', amounts: { EUR: '400' } },
  },
  'another project': {
    booked: [line(1, { projectCode: 'P2' }), ...AGREED.slice(1)],
    accepted: { count: 1, hours: '8', amounts: { EUR: '400' } },
  },
  'a stranger': {
    booked: [...AGREED, line(9, { reference: undefined, hours: undefined, amount: '30' })],
    accepted: { count: 1, hours: '0', amounts: { EUR: '30' } },
  },
  // Found as a line too many, as hours and as an amount.
  'a line that stands twice': {
    booked: [...AGREED, line(1, { externalId: 'J9' })],
    accepted: { count: 3, hours: '16', amounts: { EUR: '800' } },
  },
};

describe.each(Object.entries(WRONG))('%s', (_, { booked, accepted }) => {
  it('ties out once accepted, and stands beside what is open', () => {
    const comparison = compared(booked);
    expect(tiesOut(comparison)).toBe(false);
    expect(tiesOut(comparison, ids(comparison))).toBe(true);
    expect(shown(comparison)).toMatchObject([{ differences: 0, accepted, inFlight: { count: 0, hours: '0', amounts: {} } }]);
  });
  it('does not tie out while any of it is open', () => {
    const comparison = compared(booked);
    for (const open of ids(comparison)) {
      const rest = new Set([...ids(comparison)].filter((id) => id !== open));
      expect(tiesOut(comparison, rest)).toBe(false);
      expect(withAcceptances(comparison, rest)).toMatchObject([{ differences: 1, accepted: { count: rest.size } }]);
    }
  });
});

it('an hour that was never assessed ties out once accepted; its money is not known', () => {
  const comparison = compared(AGREED.slice(1), [1]);
  expect(tiesOut(comparison, ids(comparison))).toBe(true);
  expect(shown(comparison)).toMatchObject([
    { legalEntityId: 'DE01', accepted: { count: 0 } },
    { legalEntityId: 'UNASSIGNED', differences: 0, accepted: { count: 1, hours: '8', amounts: {} }, inFlight: { count: 0 } },
  ]);
});

it('how a system writes a number makes no other difference', () => {
  const [one, two] = ['6.5', '6.500'].map((hours) => compared([line(1, { hours }), ...AGREED.slice(1)]));
  expect(ids(one!)).toEqual(ids(two!));
});

it('nothing that is merely on its way is accepted along', () => {
  const comparison = compared(AGREED.slice(1));
  const lines = comparison.lines.map((one) => ({ ...one, inFlight: { ...one.inFlight, count: one.inFlight.count + 1 } }));
  expect(tiesOut({ ...comparison, lines }, ids(comparison))).toBe(false);
});

/** What anybody sees with the eye to be wrong of an hour, aspect by aspect; null: that much is right. */
const wrongOf = (n: number, booked: readonly DestinationEvidence[]): Readonly<Record<string, string | null>> => {
  const lines = booked.filter(({ reference }) => reference === `k${n}`);
  const text = (some: readonly DestinationEvidence[]): string | null =>
    some.length === 0 ? null : JSON.stringify(some.map((one) => [one.hours, one.amount, one.postingPeriod]).sort());
  if (n === 9) return { stranger: text(lines) };
  const hours = addDecimals(lines.map((one) => one.hours ?? '0'));
  const amount = addDecimals(lines.map((one) => one.amount));
  return {
    hours: hours === '8' ? null : hours,
    amount: amount === '400' ? null : amount,
    surplus: lines.length > 1 ? String(lines.length) : null,
    period: text(lines.filter(({ postingPeriod }) => postingPeriod !== '2026-11')),
    project: lines.length === 1 && lines[0]!.projectCode !== 'P1' ? lines[0]!.projectCode! : null,
  };
};

const arbitraryLine = fc.record({
  n: fc.constantFrom(...ENTRIES, 9),
  hours: fc.constantFrom('8', '7', '9', '-8'),
  amount: fc.constantFrom('400', '350', '450', '-400'),
  postingPeriod: fc.constantFrom('2026-11', '2026-12'),
  projectCode: fc.constantFrom('P1', 'P2'),
});
const arbitraryBooked = fc.array(arbitraryLine, { maxLength: 6 }).map((lines) => lines.map(({ n, ...more }) => line(n, more)));

describe('whatever stands in the destination', () => {
  it('ties out when all of it is accepted, and only then', () =>
    fc.assert(
      fc.property(arbitraryBooked, (booked) => {
        const comparison = compared(booked);
        expect(tiesOut(comparison, ids(comparison))).toBe(true);
        expect(shown(comparison).every(({ differences }) => differences === 0)).toBe(true);
        expect(tiesOut(comparison)).toBe(comparison.differences.length === 0);
      }),
      { numRuns: 500 },
    ));

  it('an accepted difference never hides a changed one', () =>
    fc.assert(
      fc.property(arbitraryBooked, arbitraryLine, fc.nat(), fc.boolean(), (booked, { n, ...more }, at, adds) => {
        const accepted = ids(compared(booked));
        const changed = adds || booked.length === 0 ? [...booked, line(n, more)] : booked.with(at % booked.length, line(n, more));
        const later = compared(changed);
        for (const key of [...ENTRIES, 9]) {
          const [before, after] = [wrongOf(key, booked), wrongOf(key, changed)];
          const anew = Object.keys(after).some((aspect) => after[aspect] !== null && after[aspect] !== before[aspect]);
          const about = later.differences.filter(({ entryId, differenceKey }) =>
            key === 9 ? differenceKey.endsWith('|k9') : entryId === entry(key),
          );
          if (anew) expect(about.some(({ differenceId }) => !accepted.has(differenceId))).toBe(true);
          if (JSON.stringify(before) === JSON.stringify(after) && changed.length === booked.length)
            expect(
              about.filter(({ reason }) => reason !== 'WRONG_DIMENSION').every(({ differenceId }) => accepted.has(differenceId)),
            ).toBe(true);
        }
      }),
      { numRuns: 2000 },
    ));
});
