import type { ReasonCode } from '@tieout/model';
import type { DemoDays } from './days.js';
import { approvedAt, approverOf, UNMAPPED_ACTIVITY, type EntryDraft } from './entries.js';
import { leftOn, type DemoWorker } from './people.js';
import { CLOSED_TASK, endedProject, firstProject, type DemoProject } from './projects.js';

const DAILY_LIMIT_HOURS = ['7', '7', '7'];

interface Firm {
  readonly days: DemoDays;
  readonly workers: readonly DemoWorker[];
  readonly projects: readonly DemoProject[];
  readonly staff: ReadonlyMap<string, readonly DemoProject[]>;
}

/** Hands out regular employees one by one, so that no two faults meet in one person's day. */
class Volunteers {
  #next = 0;
  readonly #pool: readonly DemoWorker[];
  constructor(workers: readonly DemoWorker[]) {
    this.#pool = workers.filter((worker) => worker.trait === undefined && worker.type === 'EMP');
  }
  take(count: number, where: (worker: DemoWorker) => boolean = () => true): DemoWorker[] {
    const taken: DemoWorker[] = [];
    while (taken.length < count) {
      const worker = this.#pool[this.#next];
      if (!worker) throw new RangeError('the demo firm has too few workers for its faults');
      this.#next += 1;
      if (where(worker)) taken.push(worker);
    }
    return taken;
  }
}

export interface Planted {
  readonly entries: readonly EntryDraft[];
  /** Worker and date whose regular entries give way to the planted ones. */
  readonly replaces: ReadonlySet<string>;
}

export const dayKey = (worker: string, date: string): string => `${worker}@${date}`;

/** Realistic mistakes, each with the reasons for which it must be held. */
export const plantFaults = (firm: Firm): Planted => {
  const { days, workers, projects, staff } = firm;
  const volunteers = new Volunteers(workers);
  const entries: EntryDraft[] = [];
  const replaces = new Set<string>();
  const day = (n: number): string => days.workdays[n % days.workdays.length]!;
  const extra = (worker: DemoWorker, reasons: readonly ReasonCode[], change: Partial<EntryDraft> = {}): void => {
    const date = change.date ?? day(entries.length);
    entries.push({
      worker: worker.code,
      project: firstProject(worker.entity),
      activity: 'Consulting',
      date,
      hours: '1.5',
      billable: true,
      status: 'approved',
      approvedBy: approverOf(worker, workers),
      approvedAt: approvedAt(date, days),
      legalEntityId: worker.entity.code,
      outcome: reasons.length > 0 ? 'held' : 'released',
      reasons: [...reasons].sort(),
      ...change,
    });
  };

  for (const [n, worker] of volunteers.take(5).entries())
    extra(worker, ['UNKNOWN_WORKER'], { worker: n < 3 ? 'E9901' : 'E9902', legalEntityId: 'UNASSIGNED', hours: '2' });
  for (const worker of volunteers.take(4)) extra(worker, ['UNKNOWN_PROJECT'], { project: `${worker.entity.prefix}-P999` });
  for (const worker of volunteers.take(3)) extra(worker, ['UNKNOWN_TASK'], { task: 'PHASE-9' });
  for (const worker of volunteers.take(4)) extra(worker, ['CLOSED_TASK'], { task: CLOSED_TASK });
  for (const worker of volunteers.take(5))
    extra(worker, ['INACTIVE_PROJECT'], { project: endedProject(worker.entity), date: days.beyondGrace });
  for (const worker of volunteers.take(4)) extra(worker, [], { project: endedProject(worker.entity), date: days.withinGrace });
  for (const worker of volunteers.take(4)) {
    const own = staff.get(worker.code)!;
    const closed = projects.find((project) => project.entity === worker.entity && project.teamOnly && !own.includes(project))!;
    extra(worker, ['NOT_ASSIGNED'], { project: closed.code });
  }
  for (const worker of volunteers.take(4)) extra(worker, ['SELF_APPROVED'], { approvedBy: worker.code });
  for (const worker of volunteers.take(3)) extra(worker, ['UNMAPPED_ACTIVITY'], { activity: UNMAPPED_ACTIVITY });
  for (const worker of volunteers.take(1))
    extra(worker, ['UNMAPPED_ACTIVITY', 'SELF_APPROVED'], { activity: UNMAPPED_ACTIVITY, approvedBy: worker.code });
  for (const worker of volunteers.take(3)) extra(worker, ['FUTURE_WORK_DATE'], { date: days.future });
  for (const worker of volunteers.take(6)) extra(worker, ['PERIOD_CLOSED'], { date: days.late });
  for (const worker of volunteers.take(2)) extra(worker, ['HOURS_OUT_OF_RANGE'], { hours: '0' });
  for (const worker of volunteers.take(3, (one) => one.entity.code === 'DE01'))
    extra(worker, ['INTERCOMPANY_NOT_ALLOWED'], { project: 'US-P100' });
  for (const worker of volunteers.take(2)) {
    const date = day(3);
    replaces.add(dayKey(worker.code, date));
    for (const hours of DAILY_LIMIT_HOURS) extra(worker, ['DAILY_LIMIT_EXCEEDED'], { date, hours });
  }
  for (const worker of workers.filter((one) => one.trait === 'left')) {
    const after = days.workdays.findLast((date) => date > leftOn(days))!;
    extra(worker, ['INACTIVE_WORKER'], { date: after });
  }
  return { entries, replaces };
};

/** Records that an old import left in the PSA: unreadable, each in its own way. */
export const malformedTimesheets = (days: DemoDays): Record<string, unknown>[] => {
  const base = {
    employee: 'E1030',
    project: 'US-P100',
    activity: 'Consulting',
    date: days.workdays[0],
    hours: '2',
    billable: true,
    status: 'approved',
    approvedBy: 'E1001',
  };
  const { employee: _employee, ...nobody } = base;
  return [
    { ...base, id: 'LEGACY-1', hours: '7,5' },
    { ...base, id: 'LEGACY-2', date: '31.02.2026' },
    { ...nobody, id: 'LEGACY-3' },
    { ...base, id: 'LEGACY-4', status: 'APPR' },
  ];
};
