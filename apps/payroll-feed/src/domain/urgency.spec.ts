import { describe, expect, it } from 'vitest';
import type { PayCalendar } from './pay-calendar.js';
import { nextCutOffs, urgencyOf } from './urgency.js';

const HOUR = 3_600_000;
const now = Date.parse('2026-11-20T00:00:00.000Z');
const policy = {
  lane: ({ hoursToDeadline = Infinity }: { hoursToDeadline?: number }) =>
    (hoursToDeadline <= 24 ? 'pay-cut-off' : 'normal') as 'normal',
  patienceSeconds: (lane: string) => (lane === 'pay-cut-off' ? 0 : 7_200),
  leadSeconds: () => 3_600,
};
const urgency = (hoursToCutOff: number | undefined) => {
  const cutOffs = new Map(
    hoursToCutOff === undefined ? [] : [['DE01', new Date(now + hoursToCutOff * HOUR).toISOString()] as const],
  );
  return urgencyOf({ legalEntityId: 'DE01', billable: true }, cutOffs, now, policy);
};

describe('urgency of a payroll line', () => {
  it('waits for others while the cut-off is far, is due before it, and never ranks before now', () => {
    expect(urgency(undefined)).toEqual({ lane: 'normal', rank: now + 2 * HOUR });
    expect(urgency(100)).toEqual({ lane: 'normal', rank: now + 2 * HOUR });
    expect(urgency(12)).toEqual({ lane: 'pay-cut-off', rank: now });
    expect(urgency(-5)).toEqual({ lane: 'pay-cut-off', rank: now });
  });

  it('takes the nearest open cut-off of the legal entity', () => {
    const periods = {
      G: [
        { cutOff: '2026-11-10T00:00:00.000Z', state: 'open' },
        { cutOff: '2026-11-25T00:00:00.000Z', state: 'open' },
      ],
      H: [
        { cutOff: '2026-11-21T00:00:00.000Z', state: 'closed' },
        { cutOff: '2026-11-22T00:00:00.000Z', state: 'open' },
      ],
    };
    const calendar = {
      groups: new Map(['G', 'H'].map((code) => [code, { code, legalEntityId: 'DE01', timeZone: 'UTC' }])),
      periodsOf: (code: 'G' | 'H') => periods[code],
    } as unknown as PayCalendar;
    expect([...nextCutOffs(calendar, new Date(now).toISOString())]).toEqual([['DE01', '2026-11-22T00:00:00.000Z']]);
  });
});
