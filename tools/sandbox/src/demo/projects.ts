import type { ListItem } from '../kit/list-store.js';
import type { DemoDays } from './days.js';
import { ENTITIES, type DemoEntity, type DemoWorker } from './people.js';
import type { Random } from './random.js';

export interface DemoProject {
  readonly code: string;
  readonly entity: DemoEntity;
  readonly billable: boolean;
  /** Takes time only from the people assigned to it. */
  readonly teamOnly: boolean;
  readonly ended: boolean;
}

export const TASKS = ['DELIVERY', 'MANAGEMENT'] as const;
/** Somebody in finance set another client on it in the ERP. */
export const DRIFTED = { number: 'US-P100', customer: 'C-224' } as const;
/** A task that was closed before the two weeks, on each entity's first project. */
export const CLOSED_TASK = 'PHASE-1';
const CLIENTS = 25;
const PER_WORKER = 3;

export const firstProject = (entity: DemoEntity): string => `${entity.prefix}-P100`;
export const endedProject = (entity: DemoEntity): string => `${entity.prefix}-OLD`;

/** ~60 projects: client work, one internal and one ended project per legal entity. */
export const makeProjects = (): DemoProject[] =>
  ENTITIES.flatMap((entity) => [
    ...Array.from({ length: entity.projects - 2 }, (_, n) => ({
      code: `${entity.prefix}-P${100 + n}`,
      entity,
      billable: n % 6 !== 5,
      teamOnly: n % 3 === 1,
      ended: false,
    })),
    { code: `${entity.prefix}-INTERNAL`, entity, billable: false, teamOnly: false, ended: false },
    { code: endedProject(entity), entity, billable: true, teamOnly: false, ended: true },
  ]);

/** Which projects each worker records time on. */
export const staffing = (
  workers: readonly DemoWorker[],
  projects: readonly DemoProject[],
  random: Random,
): Map<string, DemoProject[]> => {
  const byWorker = new Map<string, DemoProject[]>();
  for (const worker of workers) {
    const open = projects.filter((project) => project.entity === worker.entity && !project.ended);
    const chosen = new Set<DemoProject>();
    while (chosen.size < PER_WORKER) chosen.add(random.pick(open));
    byWorker.set(worker.code, [...chosen]);
  }
  return byWorker;
};

const projectItem = (project: DemoProject, n: number, days: DemoDays): ListItem => ({
  id: project.code,
  code: project.code,
  name: project.billable ? `Engagement ${project.code}` : `Internal ${project.code}`,
  company: project.entity.code,
  ...(project.billable && { client: `C-${200 + (n % CLIENTS)}` }),
  billable: project.billable,
  teamOnly: project.teamOnly,
  startsOn: days.longAgo,
  // What percent-of-completion is a percentage of.
  ...(project.billable && {
    plannedHours: String(400 + 40 * (n % 10)),
    plannedCost: ((400 + 40 * (n % 10)) * project.entity.cost[0]).toFixed(2),
    revenue: n % 4 === 0 ? 'POC' : 'TM',
  }),
  ...(project.ended && { endsOn: days.ended }),
});

const taskItem = (project: DemoProject, code: string, closedOn?: string): ListItem => ({
  id: `${project.code}-${code}`,
  project: project.code,
  code,
  name: code.toLowerCase(),
  ...(closedOn !== undefined && { closedOn }),
});

/** The PSA's lists without timesheets. */
export const psaLists = (
  projects: readonly DemoProject[],
  staff: ReadonlyMap<string, readonly DemoProject[]>,
  approvers: readonly DemoWorker[],
  days: DemoDays,
): Record<string, ListItem[]> => ({
  clients: Array.from({ length: CLIENTS }, (_, n) => ({ id: `C-${200 + n}`, number: `C-${200 + n}`, name: `Client ${200 + n}` })),
  projects: projects.map((project, n) => projectItem(project, n, days)),
  tasks: projects.flatMap((project) => [
    ...TASKS.map((code) => taskItem(project, code)),
    ...(project.code === firstProject(project.entity) ? [taskItem(project, CLOSED_TASK, days.ended)] : []),
  ]),
  assignments: [...staff].flatMap(([employee, own]) =>
    own
      .filter((project) => project.teamOnly)
      .map((project) => ({ id: `${project.code}-${employee}`, project: project.code, employee, from: days.longAgo })),
  ),
  'bill-rates': projects
    .filter((project) => project.billable)
    .map((project) => ({
      id: project.code,
      project: project.code,
      rates: [{ effective: days.longAgo, hourly: project.entity.bill.toFixed(2), currency: project.entity.currency }],
    })),
  approvers: approvers.map(({ code, entity }) => ({
    id: `${entity.code}-${code}`,
    employee: code,
    level: 'company',
    of: entity.code,
    from: days.longAgo,
  })),
  // What is billed by result: one half at the start, the other when it is done.
  milestones: projects
    .filter(({ billable, ended }, n) => billable && !ended && n % 4 === 0)
    .flatMap((project) =>
      ['START', 'ACCEPTANCE'].map((code, half) => ({
        id: `${project.code}-${code}`,
        project: project.code,
        code,
        title: code.toLowerCase(),
        amount: (200 * project.entity.bill).toFixed(2),
        currency: project.entity.currency,
        plannedFor: half === 0 ? days.longAgo : days.today,
        ...(half === 0 && { reachedOn: days.longAgo }),
        status: half === 0 ? 'reached' : 'planned',
      })),
    ),
});
