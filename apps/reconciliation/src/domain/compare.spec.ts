import { entryIdOf, type Leg } from '@tieout/model';
import type { DestinationEvidence } from '@tieout/connector-kit';
import { describe, expect, it } from 'vitest';
import { compare, type ComparisonInput, type EntryStatus } from './compare.js';
import { tiesOut } from './tie-out.js';

const OLD = '2026-11-01T00:00:00.000Z';
const NOW = '2026-11-23T12:00:00.000Z';
const id = (n: number) => entryIdOf('psa', `t${n}`);
const source = (n: number, hours = '8', approved = true) => ({
  connection: 'psa',
  sourceId: `t${n}`,
  workDate: '2026-11-10',
  hours,
  approved,
  updatedAt: OLD,
});
const status = (n: number, more: Partial<EntryStatus> = {}): EntryStatus => ({
  entryId: id(n),
  state: 'released',
  legalEntityId: 'DE01',
  workDate: '2026-11-10',
  workerCode: 'E1',
  projectCode: 'P1',
  hours: '8',
  amount: '400.00',
  currency: 'EUR',
  routes: ['erp'],
  decidedAt: OLD,
  ...more,
});
const line = (n: number, more: Partial<DestinationEvidence> = {}): DestinationEvidence => ({
  reference: `k${n}`,
  externalId: `J${n}`,
  workerCode: 'E1',
  projectCode: 'P1',
  hours: '8',
  amount: '400.00',
  currency: 'EUR',
  legalEntityId: 'DE01',
  postingPeriod: '2026-11',
  postingDate: '2026-11-10',
  ...more,
});
const ledger = (n: number, entry = n) => ({
  postingKey: `k${n}`,
  documentKey: 'd',
  entryId: id(entry),
  workDate: '2026-11-10',
  postingPeriod: '2026-11',
  postedAt: OLD,
  leg: 'labour-cost' as Leg,
  lineKey: null as string | null,
  hours: '8',
  amount: '400.00',
});
const input = (more: Partial<ComparisonInput> = {}): ComparisonInput => ({
  asOf: NOW,
  destination: 'erp',
  window: { from: '2026-11-01', to: '2026-11-30' },
  source: [1, 2, 3].map((n) => source(n)),
  booked: [1, 2, 3].map((n) => line(n)),
  statuses: new Map([1, 2, 3].map((n) => [id(n), status(n)])),
  ledger: new Map([1, 2, 3].map((n) => [`k${n}`, ledger(n)])),
  stuckEntries: new Set(),
  refusedRecords: new Set(),
  journalOursAlone: true,
  inFlightMs: 60_000,
  ...more,
});
const reasons = (more: Partial<ComparisonInput>) => compare(input(more)).differences.map((d) => d.reason);

describe('compare', () => {
  it('ties out two equal ends', () => {
    const result = compare(input());
    expect(result.differences).toEqual([]);
    expect(tiesOut(result)).toBe(true);
    expect(result.lines).toMatchObject([
      { legalEntityId: 'DE01', approved: { count: 3, hours: '24' }, posted: { count: 3, hours: '24', amounts: { EUR: '1200' } } },
    ]);
  });
  it('finds a missing line', () => expect(reasons({ booked: [line(1), line(2)] })).toEqual(['MISSING_IN_DESTINATION']));
  it('finds a line booked twice', () =>
    expect(reasons({ booked: [line(1), line(2), line(3), line(3, { externalId: 'J9' })] })).toContain(
      'DUPLICATE_IN_DESTINATION',
    ));
  it('ties out when the ledger knows that a line stands twice and has reversed one, in whatever order they are read', () => {
    const twin = { ...ledger(4, 3), documentKey: 'd2', lineKey: 'k3', postingPeriod: '2026-12' };
    const reversal = { ...ledger(5, 3), documentKey: 'd3', hours: '-8', amount: '-400.00' };
    const known = new Map([...input().ledger, ['k4', twin], ['k5', reversal]]);
    const second = line(3, { externalId: 'J9', postingPeriod: '2026-12' });
    const back = line(5, { hours: '-8', amount: '-400.00' });
    for (const twins of [
      [line(3), second],
      [second, line(3)],
    ])
      expect(reasons({ ledger: known, booked: [line(1), line(2), ...twins, back] })).toEqual([]);
    expect(reasons({ ledger: known, booked: [line(1), line(2), line(3), second, second, back] })).toContain(
      'DUPLICATE_IN_DESTINATION',
    );
  });
  it('finds a stranger in a journal that is ours alone, and only there', () => {
    const stranger = line(9, { reference: undefined });
    expect(reasons({ booked: [...input().booked, stranger] })).toEqual(['UNEXPECTED_IN_DESTINATION']);
    expect(reasons({ booked: [...input().booked, stranger], journalOursAlone: false })).toEqual([]);
  });
  it('finds a line with a key of ours that the ledger never wrote', () =>
    expect(reasons({ booked: [...input().booked, line(9)] })).toEqual(['UNEXPECTED_IN_DESTINATION']));
  it('finds time that stands although it was deleted', () =>
    expect(reasons({ source: [source(1), source(2)] })).toEqual(['UNEXPECTED_IN_DESTINATION']));
  it('finds time that stands although it was un-approved', () =>
    expect(reasons({ source: [source(1), source(2), source(3, '8', false)] })).toEqual(['UNEXPECTED_IN_DESTINATION']));
  it('finds other hours', () => expect(reasons({ source: [source(1), source(2), source(3, '7')] })).toEqual(['HOURS_DIFFER']));
  it('finds another amount', () =>
    expect(reasons({ booked: [line(1), line(2), line(3, { amount: '401.00' })] })).toEqual(['AMOUNT_DIFFERS']));
  it('finds another period', () =>
    expect(reasons({ booked: [line(1), line(2), line(3, { postingPeriod: '2026-12' })] })).toEqual(['WRONG_PERIOD']));
  it('finds another project', () =>
    expect(reasons({ booked: [line(1), line(2), line(3, { projectCode: 'P2' })] })).toEqual(['WRONG_DIMENSION']));
  it('nets a correction', () => {
    const reversal = line(4, { reference: 'k4', hours: '-8', amount: '-400.00' });
    const again = line(5, { reference: 'k5', hours: '7', amount: '350.00' });
    const result = compare(
      input({
        source: [source(1), source(2), source(3, '7')],
        booked: [...input().booked, reversal, again],
        statuses: new Map([...input().statuses, [id(3), status(3, { hours: '7', amount: '350.00' })]]),
        ledger: new Map([...input().ledger, ['k4', ledger(4, 3)], ['k5', ledger(5, 3)]]),
      }),
    );
    expect(result.differences).toEqual([]);
    expect(tiesOut(result)).toBe(true);
  });
  it('counts held time as held, with nothing in the destination', () => {
    const result = compare(
      input({
        booked: [line(1), line(2)],
        ledger: new Map([1, 2].map((n) => [`k${n}`, ledger(n)])),
        statuses: new Map([...input().statuses, [id(3), status(3, { state: 'held' })]]),
      }),
    );
    expect(tiesOut(result)).toBe(true);
    expect(result.lines[0]?.held).toMatchObject({ count: 1, hours: '8' });
  });
  it('counts rejected and unreadable time as held', () => {
    const base = { booked: [line(1), line(2)], ledger: new Map([1, 2].map((n) => [`k${n}`, ledger(n)])) };
    expect(tiesOut(compare(input({ ...base, stuckEntries: new Set([id(3)]) })))).toBe(true);
    expect(
      tiesOut(
        compare(
          input({ ...base, statuses: new Map([1, 2].map((n) => [id(n), status(n)])), refusedRecords: new Set(['psa|t3']) }),
        ),
      ),
    ).toBe(true);
  });
  it('takes what has just changed for in flight: no difference, but no tie-out either', () => {
    const result = compare(
      input({
        booked: [line(1), line(2)],
        statuses: new Map([...input().statuses, [id(3), status(3, { decidedAt: NOW })]]),
        ledger: new Map([1, 2].map((n) => [`k${n}`, ledger(n)])),
      }),
    );
    expect(result.differences).toEqual([]);
    expect(result.lines[0]?.inFlight.count).toBe(1);
    expect(tiesOut(result)).toBe(false);
  });
  it('leaves lines of hours outside the window alone', () => {
    const old = { ...ledger(9), workDate: '2026-10-10' };
    expect(reasons({ booked: [...input().booked, line(9)], ledger: new Map([...input().ledger, ['k9', old]]) })).toEqual([]);
  });
  it('ties out contractors’ accruals like labour cost', () =>
    expect(
      reasons({ ledger: new Map([1, 2, 3].map((n) => [`k${n}`, { ...ledger(n), leg: 'contractor-accrual' as Leg }])) }),
    ).toEqual([]));

  describe('with an intercompany pair', () => {
    const side = (n: number, leg: Leg, more: Partial<ReturnType<typeof ledger>> = {}) =>
      [`k${n}`, { ...ledger(n, 3), leg, ...more }] as const;
    const [OWED, OWES] = [
      { hours: '0', amount: '-400.00' },
      { hours: '0', amount: '400.00' },
    ];
    const pair = [side(4, 'intercompany-due-from', OWED), side(5, 'intercompany-due-to', OWES)];
    const from = (more: Partial<DestinationEvidence> = {}) => line(4, { ...OWED, ...more });
    const to = (more: Partial<DestinationEvidence> = {}) => line(5, { ...OWES, legalEntityId: 'FR01', ...more });
    const both = (more: Partial<ComparisonInput> = {}): Partial<ComparisonInput> => ({
      booked: [...input().booked, from(), to()],
      ledger: new Map([...input().ledger, ...pair]),
      ...more,
    });
    it('counts the hour once', () => {
      const result = compare(input(both()));
      expect(result.differences).toEqual([]);
      expect(tiesOut(result)).toBe(true);
      expect(result.lines).toHaveLength(1);
      expect(result.lines[0]?.posted.hours).toBe('24');
    });
    it('finds a side that is missing', () =>
      expect(reasons(both({ booked: [...input().booked, from()] }))).toEqual(['MISSING_IN_DESTINATION']));
    it('finds another amount on a side, and a side that stands twice', () => {
      expect(reasons(both({ booked: [...input().booked, from(), to({ amount: '399.00' })] }))).toEqual([
        'AMOUNT_DIFFERS',
        'AMOUNT_DIFFERS',
      ]);
      expect(reasons(both({ booked: [...input().booked, from(), from(), to()] }))).toEqual([
        'DUPLICATE_IN_DESTINATION',
        'AMOUNT_DIFFERS',
      ]);
    });
    it('finds sides that stand on although the hour is gone', () =>
      expect(
        reasons(
          both({
            source: [source(1), source(2), source(3, '8', false)],
            booked: [line(1), line(2), from(), to()],
            statuses: new Map([...input().statuses, [id(3), status(3, { state: 'withdrawn', amount: null })]]),
          }),
        ),
      ).toEqual(['AMOUNT_DIFFERS', 'AMOUNT_DIFFERS']));
    it('ties out the ERP that is only the project’s', () => {
      const result = compare(
        input({
          destination: 'erp-france',
          source: [source(3)],
          booked: [to()],
          ledger: new Map([side(5, 'intercompany-due-to', OWES)]),
        }),
      );
      expect(result.differences).toEqual([]);
      expect(tiesOut(result)).toBe(true);
    });
  });

  describe('with an accrual of time that nobody recorded', () => {
    const accrued = entryIdOf('accrual', 'E9 2026-11');
    const entries = [9, 10].map(
      (n) =>
        [
          `k${n}`,
          {
            ...ledger(n),
            entryId: accrued,
            leg: 'time-accrual' as Leg,
            hours: n === 9 ? '8' : '-8',
            amount: n === 9 ? '400.00' : '-400.00',
          },
        ] as const,
    );
    const withLedger = { ledger: new Map([...input().ledger, ...entries]) };
    const reversed = line(10, { hours: '-8', amount: '-400.00' });
    it('ties out by its key', () =>
      expect(reasons({ ...withLedger, booked: [...input().booked, line(9), reversed] })).toEqual([]));
    it('finds its reversal missing, or other hours', () => {
      expect(reasons({ ...withLedger, booked: [...input().booked, line(9)] })).toEqual(['MISSING_IN_DESTINATION']);
      expect(reasons({ ...withLedger, booked: [...input().booked, line(9, { hours: '7' }), reversed] })).toEqual([
        'HOURS_DIFFER',
      ]);
    });
  });

  describe('with lines that are summed', () => {
    const summed = { ledger: new Map([1, 2, 3].map((n) => [`k${n}`, { ...ledger(n), lineKey: 'sum' }])) };
    const sum = (more: Partial<DestinationEvidence> = {}) =>
      line(1, { reference: 'sum', workerCode: 'various', hours: '24', amount: '1200.00', ...more });
    it('ties out every hour in the sum', () => {
      const result = compare(input({ ...summed, booked: [sum()] }));
      expect(result.differences).toEqual([]);
      expect(result.lines[0]?.posted).toMatchObject({ count: 3, hours: '24', amounts: { EUR: '1200' } });
    });
    it('finds a sum that is not that of its hours', () =>
      expect(reasons({ ...summed, booked: [sum({ hours: '23', amount: '1150.00' })] })).toEqual([
        'HOURS_DIFFER',
        'AMOUNT_DIFFERS',
      ]));
    it('finds every hour missing when the sum is not there', () =>
      expect(reasons({ ...summed, booked: [] })).toEqual(Array(3).fill('MISSING_IN_DESTINATION')));
    it('finds an hour that changed at the source behind the sum', () =>
      expect(reasons({ ...summed, booked: [sum()], source: [source(1), source(2), source(3, '7')] })).toEqual(['HOURS_DIFFER']));
  });
});
