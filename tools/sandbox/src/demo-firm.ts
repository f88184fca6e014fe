import { addDays } from '@tieout/model';
import { csvFolder, type DemoFile } from './demo/csv-files.js';
import { makeDeals, type ExpectedProject } from './demo/deals.js';
import { addMonths, demoDays, lastOfMonth, monthOf, type DemoDays } from './demo/days.js';
import { regularEntries, type DemoConnection, type DemoEntry, type EntryDraft, type ExpectedOutcome } from './demo/entries.js';
import { payrollOf } from './demo/pay.js';
import { ENTITIES, hrLists, makeWorkers } from './demo/people.js';
import { dayKey, malformedTimesheets, plantFaults } from './demo/planted-faults.js';
import { DRIFTED, makeProjects, psaLists, staffing } from './demo/projects.js';
import { Random } from './demo/random.js';
import type { ErpPeriod } from './erp/erp-state.js';
import type { ListItem } from './kit/list-store.js';
import type { PayPeriod } from './payroll/payroll-state.js';

export type { DemoConnection, DemoEntry, DemoFile, ExpectedOutcome };

/** A record that must be refused as malformed: by record key. */
export interface ExpectedRefusal {
  readonly connection: DemoConnection;
  readonly recordKey: string;
}

/** Everything to load, and what must come of it. */
export interface DemoFirm {
  readonly today: string;
  readonly hr: Readonly<Record<string, readonly ListItem[]>>;
  readonly psa: Readonly<Record<string, readonly ListItem[]>>;
  readonly crm: Readonly<Record<string, readonly ListItem[]>>;
  /** What must become of the won deals: projects, each exactly once in PSA and ERP, and deals that lack something. */
  readonly handoffs: { readonly projects: readonly ExpectedProject[]; readonly incomplete: readonly string[] };
  /** Timesheets for the PSA's import, the malformed ones among them. */
  readonly timesheets: readonly Readonly<Record<string, unknown>>[];
  readonly erp: {
    readonly companies: readonly { readonly code: string; readonly currency: string }[];
    readonly periods: readonly ErpPeriod[];
    readonly accounts: readonly string[];
    /** What the ERP says of projects, which are the PSA's. */
    readonly projects: readonly { readonly number: string; readonly customer: string }[];
  };
  /** Keys of the drifts that must be told: every one of them is an open case item. */
  readonly drifts: readonly string[];
  readonly payroll: {
    readonly employees: readonly string[];
    readonly payCodes: readonly string[];
    readonly periods: readonly PayPeriod[];
  };
  readonly files: readonly DemoFile[];
  /** Final state of every entry, with the verdict that the demo bundle must give it. */
  readonly entries: readonly DemoEntry[];
  readonly refused: readonly ExpectedRefusal[];
}

/** The accounts of the demo bundle's account determination. */
const ACCOUNTS = ['1400', '2100', '2150', '2190', '2400', '5100', '5110', '5200', '5900', '6100'];

/** Closed before the month in which the two weeks begin, open from there on. */
const makePeriods = (days: DemoDays): ErpPeriod[] => {
  const firstOpen = monthOf(addDays(days.today, -14));
  const periods: ErpPeriod[] = [];
  for (let from = addMonths(`${firstOpen}-01`, -2); from <= addMonths(days.today, 1); from = addMonths(from, 1))
    for (const { code } of ENTITIES)
      periods.push({
        company: code,
        name: monthOf(from),
        from,
        to: lastOfMonth(from),
        state: monthOf(from) < firstOpen ? 'closed' : 'open',
      });
  return periods;
};

const toTimesheet = ({
  key,
  worker,
  outcome: _o,
  reasons: _r,
  connection: _c,
  revision: _v,
  legalEntityId: _l,
  ...entry
}: DemoEntry): Record<string, unknown> => ({
  id: key,
  employee: worker,
  ...entry,
});

const numbered = (drafts: readonly EntryDraft[], connection: DemoConnection, prefix: string): DemoEntry[] =>
  drafts.map((draft, n) => ({ ...draft, connection, revision: 1, key: `${prefix}-${String(n + 1).padStart(6, '0')}` }));

/** A firm of 200 people in three legal entities with two weeks of time before `today`. Pure: same seed and day, same firm. */
export const demoFirm = (options: { readonly today: string; readonly seed?: number }): DemoFirm => {
  const days = demoDays(options.today);
  const random = new Random(options.seed ?? 1);
  const workers = makeWorkers(random);
  const projects = makeProjects();
  const staff = staffing(workers, projects, random);
  const planted = plantFaults({ days, workers, projects, staff });

  const regular = workers.map((worker) => ({ worker, drafts: [...regularEntries(worker, { days, workers, staff, random })] }));
  const kept = (byFile: boolean): EntryDraft[] =>
    regular
      .filter(({ worker }) => worker.byFile === byFile)
      .flatMap(({ drafts }) => drafts.filter((draft) => !planted.replaces.has(dayKey(draft.worker, draft.date))));
  // Planted ones first: the three entries that break a daily limit must be read in one page. Read apart, the first of them would be
  // released before the others are known, and rightly stay so.
  const inPsa = numbered([...planted.entries, ...kept(false)], 'psa', 'TS');
  const csv = csvFolder(numbered(kept(true), 'timesheets-csv', 'CT'), days.today);
  const malformed = malformedTimesheets(days);
  const hr = hrLists(workers, days);
  const { crm, ...handoffs } = makeDeals(workers, days);
  return {
    today: days.today,
    hr,
    crm,
    handoffs,
    payroll: payrollOf(hr),
    psa: psaLists(
      projects,
      staff,
      workers.filter(({ trait }) => trait === 'manager'),
      days,
    ),
    timesheets: [...inPsa.map(toTimesheet), ...malformed],
    erp: {
      companies: ENTITIES.map(({ code, currency }) => ({ code, currency })),
      periods: makePeriods(days),
      accounts: ACCOUNTS,
      projects: [DRIFTED],
    },
    drifts: [`drift:project:${DRIFTED.number}:client:erp`],
    files: csv.files,
    entries: [...inPsa, ...csv.entries],
    refused: [
      ...malformed.map((record) => ({ connection: 'psa' as const, recordKey: String(record['id']) })),
      ...csv.refused.map((recordKey) => ({ connection: 'timesheets-csv' as const, recordKey })),
    ],
  };
};

/** Counts by outcome and by reason: what a summary must show. */
export const expectedCounts = (
  firm: DemoFirm,
): { readonly outcomes: Record<string, number>; readonly reasons: Record<string, number> } => {
  const outcomes: Record<string, number> = { refused: firm.refused.length };
  const reasons: Record<string, number> = {};
  for (const entry of firm.entries) {
    outcomes[entry.outcome] = (outcomes[entry.outcome] ?? 0) + 1;
    for (const reason of entry.reasons) reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return { outcomes, reasons };
};
