import { addDays, type ReasonCode } from '@tieout/model';
import type { TimesheetStatus } from '../psa/timesheet-store.js';
import { leftOn, type DemoWorker } from './people.js';
import type { DemoDays } from './days.js';
import { TASKS, type DemoProject } from './projects.js';
import type { Random } from './random.js';

export type DemoConnection = 'psa' | 'timesheets-csv';

/** What must become of a record. `refused` records never become entries; their key is the record's. */
export type ExpectedOutcome = 'released' | 'held' | 'not-approved' | 'withdrawn' | 'refused';

/** One record of time as the demo firm made it, and what must become of it. */
export interface DemoEntry {
  readonly connection: DemoConnection;
  /** Source id. */
  readonly key: string;
  readonly revision: number;
  readonly worker: string;
  readonly project: string;
  readonly task?: string | undefined;
  readonly activity: string;
  readonly date: string;
  readonly hours: string;
  readonly billable: boolean;
  readonly status: TimesheetStatus | 'withdrawn';
  readonly approvedBy?: string | undefined;
  readonly approvedAt?: string | undefined;
  readonly legalEntityId: string;
  readonly outcome: ExpectedOutcome;
  /** Sorted; empty unless held. */
  readonly reasons: readonly ReasonCode[];
}

export type EntryDraft = Omit<DemoEntry, 'key' | 'connection' | 'revision'>;

/** The activities that the demo bundle maps to pay codes. */
export const ACTIVITIES = ['Consulting', 'Development', 'Travel', 'Training', 'Internal'] as const;
export const UNMAPPED_ACTIVITY = 'Standby';

const SPLITS: readonly (readonly string[])[] = [
  ['8'],
  ['4', '4'],
  ['6.5', '1.5'],
  ['7.25', '0.75'],
  ['5', '2.5'],
  ['7.5'],
  ['3.25', '4.5'],
];
const UNAPPROVED: readonly TimesheetStatus[] = ['submitted', 'submitted', 'draft', 'rejected'];
const ABSENT_SHARE = 0.04;
const UNAPPROVED_SHARE = 0.06;

/** Who approves whom: a manager of the same legal entity, never oneself. */
export const approverOf = (worker: DemoWorker, workers: readonly DemoWorker[]): string => {
  const managers = workers.filter((other) => other.entity === worker.entity && other.trait === 'manager' && other !== worker);
  return managers[Number(worker.code.slice(1)) % managers.length]!.code;
};

/** In the night after the work date, so never in the future. */
export const approvedAt = (date: string, days: DemoDays): string =>
  `${date < days.today ? addDays(date, 1) : days.today}T00:05:00.000Z`;

const heldAlways = (worker: DemoWorker): readonly ReasonCode[] => {
  if (worker.trait === 'no-cost-rate') return ['MISSING_COST_RATE'];
  if (worker.trait === 'rate-without-exchange') return ['MISSING_EXCHANGE_RATE'];
  return [];
};

export interface RegularTime {
  readonly days: DemoDays;
  readonly workers: readonly DemoWorker[];
  readonly staff: ReadonlyMap<string, readonly DemoProject[]>;
  readonly random: Random;
}

/** Two weeks of ordinary time of one worker. */
export function* regularEntries(worker: DemoWorker, { days, workers, staff, random }: RegularTime): Generator<EntryDraft> {
  const own = staff.get(worker.code)!;
  const reasons = heldAlways(worker);
  for (const date of days.workdays) {
    if (worker.trait === 'left' && date > leftOn(days)) return;
    if (random.next() < ABSENT_SHARE) continue;
    for (const hours of random.pick(SPLITS)) {
      const project = random.pick(own);
      const status = random.next() < UNAPPROVED_SHARE ? random.pick(UNAPPROVED) : 'approved';
      const approved = status === 'approved';
      yield {
        worker: worker.code,
        project: project.code,
        ...(random.next() < 0.8 && { task: random.pick(TASKS) }),
        activity: project.billable ? random.pick(ACTIVITIES) : 'Internal',
        date,
        hours,
        billable: project.billable,
        status,
        ...(approved && { approvedBy: approverOf(worker, workers), approvedAt: approvedAt(date, days) }),
        legalEntityId: worker.entity.code,
        outcome: !approved ? 'not-approved' : reasons.length > 0 ? 'held' : 'released',
        reasons: approved ? reasons : [],
      };
    }
  }
}
