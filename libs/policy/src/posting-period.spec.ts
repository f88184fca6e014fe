import { describe, expect, it } from 'vitest';
import { postingPeriodFor } from './posting-period.js';

const periods = (states: readonly ('open' | 'closing' | 'closed' | undefined)[]) =>
  states.map((state, index) => {
    const month = String(index + 1).padStart(2, '0');
    return {
      code: `DE01/2026-${month}`,
      legalEntity: 'DE01',
      startDate: `2026-${month}-01`,
      endDate: `2026-${month}-28`,
      ...(state && { state }),
    };
  });

describe('postingPeriodFor', () => {
  it.each([
    // states of January..., correction?, late originals, late corrections -> where an hour of 10 January goes
    [['open', 'open'], false, 'hold', 'hold', 'DE01/2026-01'],
    [['closed', 'open'], false, 'hold', 'first-open-period', 'PERIOD_CLOSED'],
    [['closed', 'open'], true, 'hold', 'first-open-period', 'DE01/2026-02'],
    [['closed', 'closed', 'open'], false, 'first-open-period', 'hold', 'DE01/2026-03'],
    [['closed', 'closed'], false, 'first-open-period', 'hold', 'NO_OPEN_PERIOD'],
    [['closing', 'open'], true, 'hold', 'hold', 'DE01/2026-01'],
    [['closing', 'open'], false, 'hold', 'hold', 'PERIOD_CLOSED'],
    [[undefined, 'open'], false, 'hold', 'hold', 'PERIOD_CLOSED'],
  ] as const)(
    '%j correction=%s originals=%s corrections=%s: %s',
    (states, correction, lateOriginals, lateCorrections, expected) => {
      const calendar = { lateOriginals, lateCorrections, closingTakes: ['correction' as const] };
      const answer = postingPeriodFor({ periods: periods(states).reverse(), workDate: '2026-01-10', correction, calendar });
      expect(answer.kind === 'period' ? answer.period.code : answer.reason).toBe(expected);
    },
  );
  it('has none for a date outside every period', () => {
    const calendar = { lateOriginals: 'hold', lateCorrections: 'hold', closingTakes: [] } as const;
    expect(postingPeriodFor({ periods: periods(['open']), workDate: '2026-01-31', correction: false, calendar })).toMatchObject({
      reason: 'NO_OPEN_PERIOD',
      period: undefined,
    });
  });
});
