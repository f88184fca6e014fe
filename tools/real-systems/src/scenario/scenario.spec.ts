import { describe, expect, it } from 'vitest';
import { costCents, decimalOf, hundredthsOf } from './amounts.js';
import { addDays, calendarFor, isWorkday, monthOf } from './dates.js';
import { makeScenario, type PlannedEntry, type Situation } from './scenario.js';

const everyDay = (from: string, count: number): string[] => Array.from({ length: count }, (_, i) => addDays(from, i));
const count = (entries: readonly PlannedEntry[], situation: Situation): number =>
  entries.filter((entry) => entry.situation === situation).length;

describe('the three weeks', () => {
  const bad = (holds: (today: string) => boolean): string[] => everyDay('2026-01-01', 800).filter((today) => !holds(today));

  it('lie in the past, on any day, and not further back than the bundle looks', () => {
    expect(bad((today) => calendarFor(today).to < today && calendarFor(today).from > addDays(today, -70))).toEqual([]);
  });

  it('begin in a closed month and have ten open work days or more', () => {
    const straddles = (today: string): boolean => {
      const { closedMonth, closedDays, openDays } = calendarFor(today);
      const closed = closedDays.length > 0 && closedDays.every((day) => isWorkday(day) && monthOf(day) === closedMonth);
      return closed && openDays.length >= 10 && openDays.every((day) => isWorkday(day) && monthOf(day) > closedMonth);
    };
    expect(bad(straddles)).toEqual([]);
  });
});

describe('the scenario', () => {
  it.each(['2026-11-23', '2026-03-05', '2027-01-02', '2028-02-29'])('on %s is what the run promises', (today) => {
    const { entries, people, projects, stranger } = makeScenario(today);
    expect([entries.length, people.length, projects.length]).toEqual([400, 20, 8]);
    expect(
      (['unapproved', 'unknown-person', 'ended-project', 'closed-period'] as const).map((one) => count(entries, one)),
    ).toEqual([40, 5, 5, 10]);
    expect(entries.filter((entry) => entry.person === stranger)).toHaveLength(5);
    expect(new Set(entries.map((entry) => entry.person.code)).size).toBe(20);
    expect(new Set(entries.map((entry) => entry.project.code)).size).toBe(8);
    expect(
      new Set(entries.map((entry) => [entry.person.code, entry.project.code, entry.date, entry.hundredths].join())).size,
    ).toBe(400);
  });

  it.each(['2026-11-23', '2027-03-25', '2028-02-29'])('on %s leaves room in every day for a longer entry', (today) => {
    const perDay = new Map<string, number>();
    for (const { person, date, hundredths } of makeScenario(today).entries)
      perDay.set(`${person.code} ${date}`, (perDay.get(`${person.code} ${date}`) ?? 0) + hundredths);
    expect(Math.max(...perDay.values())).toBeLessThan(1600 - 500);
  });
});

describe('amounts', () => {
  const person = {
    code: 'E1',
    prices: [
      { from: '2020-01-01', price: '40.1234' },
      { from: '2026-11-10', price: '50' },
    ],
  };
  it.each([
    ['2026-11-09', 100, 4012n],
    ['2026-11-10', 150, 7500n],
    ['2026-11-09', 1250, 50154n],
  ])('on %s %d hundredths cost %d cents', (date, hundredths, cents) => expect(costCents(person, date, hundredths)).toBe(cents));

  it('rounds half a cent up', () =>
    expect(costCents({ code: 'E1', prices: [{ from: '2020-01-01', price: '0.0150' }] }, '2026-01-01', 100)).toBe(2n));
  it.each(['-12.05', '0.00', '0.07', '1234567.89'])('%s stays itself', (text) =>
    expect(decimalOf(hundredthsOf(text))).toBe(text),
  );
  it('takes no third place', () => expect(() => hundredthsOf('1.005')).toThrow('two places'));
});
