import { addDays, calendarFor, type Calendar } from './dates.js';

/** Hourly cost prices with their first day, ascending; 4 decimals, as Tryton keeps them. */
export type Prices = readonly { readonly from: string; readonly price: string }[];

export interface Person {
  readonly code: string;
  readonly prices: Prices;
}

export interface Project {
  readonly code: string;
  readonly name: string;
  /** Ended in the ERP long before the three weeks. */
  readonly endedOn?: string;
}

export type Situation = 'plain' | 'unapproved' | 'unknown-person' | 'ended-project' | 'closed-period';

export interface PlannedEntry {
  readonly situation: Situation;
  readonly person: Person;
  readonly project: Project;
  readonly date: string;
  /** Hundredths of an hour: Redmine keeps two decimals. */
  readonly hundredths: number;
  readonly approval: 'Draft' | 'Submitted' | 'Approved';
}

export interface Scenario {
  readonly calendar: Calendar;
  readonly people: readonly Person[];
  /** The one person whom the ERP does not know at first. */
  readonly stranger: Person;
  readonly projects: readonly Project[];
  readonly entries: readonly PlannedEntry[];
}

const COUNTS: Readonly<Record<Situation, number>> = {
  unapproved: 40,
  'unknown-person': 5,
  'ended-project': 5,
  'closed-period': 10,
  plain: 340,
};
const PEOPLE = 20;
const PROJECTS = 8;

const makePeople = (calendar: Calendar): Person[] =>
  Array.from({ length: PEOPLE }, (_, i) => ({
    code: `E${101 + i}`,
    prices: [
      // Odd fractions, so that hours times price has to be rounded.
      { from: '2020-01-01', price: `${38 + i}.${String(1375 + i * 211).slice(-4)}` },
      // Every third gets another price within the three weeks.
      ...(i % 3 === 0
        ? [
            {
              from: calendar.openDays[Math.floor(calendar.openDays.length / 2)]!,
              price: `${41 + i}.${String(2150 + i * 173).slice(-4)}`,
            },
          ]
        : []),
    ],
  }));

const makeProjects = (calendar: Calendar): Project[] =>
  Array.from({ length: PROJECTS }, (_, i) => ({
    code: `p-${101 + i}`,
    name: `Project ${i + 1}`,
    ...(i === PROJECTS - 1 && { endedOn: addDays(calendar.from, -120) }),
  }));

/** 400 entries of 20 people on 8 projects over 3 weeks. No two agree in person, project, day and hours, so that each line in the ERP can be told apart. */
export const makeScenario = (today: string): Scenario => {
  const calendar = calendarFor(today);
  const people = makePeople(calendar);
  const projects = makeProjects(calendar);
  const stranger = people.at(-1)!;
  const known = people.slice(0, -1);
  const ended = projects.at(-1)!;
  const running = projects.slice(0, -1);
  const situations = (Object.keys(COUNTS) as Situation[]).flatMap((situation) =>
    Array.from({ length: COUNTS[situation] }, () => situation),
  );
  const entries = situations.map((situation, n): PlannedEntry => {
    const days = situation === 'closed-period' ? calendar.closedDays : calendar.openDays;
    return {
      situation,
      person: situation === 'unknown-person' ? stranger : known[n % known.length]!,
      project: situation === 'ended-project' ? ended : running[n % running.length]!,
      // Each person goes from day to day with every round, so that no day of theirs overflows.
      date: days[((n % known.length) + Math.floor(n / known.length)) % days.length]!,
      // 0.51 to 4.50, each value used once: the n-th entry has its own hours.
      hundredths: 51 + n,
      approval: situation === 'unapproved' ? (n % 2 === 0 ? 'Draft' : 'Submitted') : 'Approved',
    };
  });
  return { calendar, people, stranger, projects, entries };
};
