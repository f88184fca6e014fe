import { addDays, addDecimals, decimal, localInstant } from '@tieout/model';
import { describe, expect, it } from 'vitest';
import { isWorkday } from './demo/days.js';
import { demoFirm, expectedCounts } from './demo-firm.js';

const DAYS = ['2026-11-23', '2026-11-01', '2026-12-31', '2027-01-05', '2027-01-16', '2028-03-01', '2026-03-29'];

describe('demo firm', () => {
  it('is the same firm for the same seed and day, and another for another seed', () => {
    const text = (seed: number): string => JSON.stringify(demoFirm({ today: '2026-11-23', seed }));
    expect(text(1)).toBe(text(1));
    expect(text(1)).not.toBe(text(2));
  });

  it('has the size of the demo: 3 legal entities, 200 workers, about 60 projects, thousands of entries', () => {
    const firm = demoFirm({ today: '2026-11-23' });
    expect(firm.hr['legal-entities']).toHaveLength(3);
    expect(firm.hr['workers']).toHaveLength(200);
    expect(firm.psa['projects']!.length).toBeGreaterThanOrEqual(55);
    expect(firm.psa['clients']).toHaveLength(25);
    expect(firm.entries.length).toBeGreaterThan(2_500);
    expect(firm.entries.length).toBeLessThan(4_000);
    expect(firm.files.length).toBeGreaterThanOrEqual(8);
  });

  it.each(DAYS)('seen from %s: expectations hold by the rules themselves', (today) => {
    const firm = demoFirm({ today });
    const period = (entity: string, date: string) =>
      firm.erp.periods.find((one) => one.company === entity && one.from <= date && date <= one.to);
    const approvedHours = new Map<string, string[]>();
    for (const entry of firm.entries.filter((one) => one.status === 'approved')) {
      const day = `${entry.worker} ${entry.date}`;
      approvedHours.set(day, [...(approvedHours.get(day) ?? []), entry.hours]);
    }
    for (const entry of firm.entries) {
      const { reasons } = entry;
      const at = entry.legalEntityId === 'UNASSIGNED' ? undefined : period(entry.legalEntityId, entry.date);
      if (entry.status === 'approved') {
        expect(entry.outcome).toBe(reasons.length > 0 ? 'held' : 'released');
        if (at) expect(at.state === 'closed').toBe(reasons.includes('PERIOD_CLOSED'));
        expect(entry.date > today).toBe(reasons.includes('FUTURE_WORK_DATE'));
        expect(entry.approvedBy === entry.worker).toBe(reasons.includes('SELF_APPROVED'));
        expect(entry.approvedAt! <= `${today}T01:00:00.000Z`).toBe(true);
        const total = decimal(addDecimals(approvedHours.get(`${entry.worker} ${entry.date}`)!));
        expect(total.greaterThan(12)).toBe(reasons.includes('DAILY_LIMIT_EXCEEDED'));
        expect(total.greaterThan(16)).toBe(reasons.includes('DAILY_LIMIT_EXCEEDED'));
      }
      if (entry.date >= addDays(today, -14) && entry.date < today) expect(isWorkday(entry.date)).toBe(true);
    }
  });

  it.each(DAYS)('seen from %s: hourly pay has a period past its cut-off with time in it, and one before', (today) => {
    const { hr, entries } = demoFirm({ today });
    const group = hr['pay-groups']!.find(({ id }) => id === 'US-HOURLY')!;
    const members = new Set(
      hr['workers']!.flatMap((worker) =>
        (worker['jobs'] as { payGroup?: string }[]).some(({ payGroup }) => payGroup === group.id) ? [worker.id] : [],
      ),
    );
    expect(members.size).toBeGreaterThan(20);
    const now = `${today}T01:00:00.000Z`;
    const periods = hr['pay-periods']!.filter(({ payGroup, status }) => payGroup === group.id && status === 'open').map(
      ({ from, to, cutOff }) => ({
        past: localInstant(cutOff as string, group['timezone'] as string)! <= now,
        entries: entries.filter(
          ({ worker, outcome, date }) =>
            members.has(worker) && outcome === 'released' && (from as string) <= date && date <= (to as string),
        ).length,
      }),
    );
    expect(periods.some((period) => period.past && period.entries > 50)).toBe(true);
    expect(periods.some((period) => !period.past)).toBe(true);
  });

  it.each(DAYS)('seen from %s: every day of every pay group lies in one pay period', (today) => {
    const { hr } = demoFirm({ today });
    for (const { id } of hr['pay-groups']!) {
      const periods = hr['pay-periods']!.filter(({ payGroup }) => payGroup === id) as unknown as { from: string; to: string }[];
      for (let date = addDays(today, -40); date <= addDays(today, 14); date = addDays(date, 1))
        expect(periods.filter(({ from, to }) => from <= date && date <= to)).toHaveLength(1);
    }
    expect(new Set(hr['pay-periods']!.map((period) => period.id)).size).toBe(hr['pay-periods']!.length);
  });

  it('keeps one key per entry and plants every kind of fault', () => {
    const firm = demoFirm({ today: '2026-11-23' });
    expect(new Set(firm.entries.map((entry) => `${entry.connection} ${entry.key}`)).size).toBe(firm.entries.length);
    const { outcomes, reasons } = expectedCounts(firm);
    expect(outcomes).toMatchObject({ refused: 8, withdrawn: 1 });
    expect(reasons).toMatchObject({
      UNKNOWN_WORKER: 5,
      UNKNOWN_PROJECT: 4,
      UNKNOWN_TASK: 3,
      CLOSED_TASK: 4,
      INACTIVE_PROJECT: 5,
      NOT_ASSIGNED: 4,
      SELF_APPROVED: 5,
      UNMAPPED_ACTIVITY: 4,
      FUTURE_WORK_DATE: 3,
      PERIOD_CLOSED: 6,
      HOURS_OUT_OF_RANGE: 2,
      INTERCOMPANY_NOT_ALLOWED: 3,
      DAILY_LIMIT_EXCEEDED: 6,
      INACTIVE_WORKER: 3,
    });
    const limits = firm.timesheets.flatMap((sheet, n) => (sheet['hours'] === '7' ? [n] : []));
    expect(limits).toHaveLength(6);
    expect(Math.max(...limits)).toBeLessThan(100);
    expect(reasons['MISSING_COST_RATE']).toBeGreaterThan(10);
    expect(reasons['MISSING_EXCHANGE_RATE']).toBeGreaterThan(5);
  });
});
