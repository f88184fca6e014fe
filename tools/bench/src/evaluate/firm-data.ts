import type { Master, Subject } from './time-ingestion.js';

/** The size of the firm that Tieout is designed for. */
const WORKERS = 4_000;
const PROJECTS = 5_000;
const TASKS_PER_PROJECT = 20;
const ENTITIES = [
  { id: 'US01', currency: 'USD', zone: 'America/New_York', region: 'NA' },
  { id: 'DE01', currency: 'EUR', zone: 'Europe/Berlin', region: 'EMEA' },
  { id: 'IN01', currency: 'INR', zone: 'Asia/Kolkata', region: 'APAC' },
] as const;
const ALWAYS = '0001-01-01';
const DAY_MS = 86_400_000;
/** Of one worker on one day. */
const PER_DAY = 2;
/** Work dates lie at most so many days back. */
export const DAYS = 60;

const idOf = (n: number): string => `00000000-0000-5000-8000-${n.toString().padStart(12, '0')}`;
const entityOf = (n: number) => ENTITIES[n % ENTITIES.length]!;
export const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

class Objects {
  readonly all: Master[] = [];
  add(kind: string, code: string, legalEntityId: string, ...segments: readonly [string, Record<string, string>][]): void {
    this.all.push({
      kind,
      code,
      id: idOf(this.all.length),
      revision: 1,
      legalEntityId,
      timeline: segments.map(([validFrom, attributes]) => ({ validFrom, attributes: { code, ...attributes } })),
      crossReferences: [],
      attributeSources: {},
      ambiguous: false,
    });
  }
}

/** Master data with 100,000 tasks. */
export const masterData = (nowMs: number): readonly Master[] => {
  const objects = new Objects();
  for (const { id, currency, zone: timeZone, region } of ENTITIES) {
    objects.add('legal-entity', id, id, [ALWAYS, { currency, timeZone, region }]);
    objects.add('cost-centre', `CC-${id}`, id, [ALWAYS, { legalEntity: id }]);
    for (let month = -18; month < 6; month++) addPeriod(objects, id, nowMs, month);
  }
  for (let n = 0; n < WORKERS; n++) {
    const { id, currency } = entityOf(n);
    const worker = { legalEntity: id, costCentre: `CC-${id}`, type: n % 10 === 0 ? 'contractor' : 'employee' };
    objects.add('worker', `E${n}`, id, [ALWAYS, { ...worker, activeFrom: '2020-01-01' }]);
    const rate = (amount: number) => ({ worker: `E${n}`, amount: amount.toFixed(2), currency });
    objects.add('cost-rate', `E${n}`, id, [ALWAYS, rate(40 + (n % 60))], [dateOf(nowMs - 200 * DAY_MS), rate(42.5 + (n % 60))]);
  }
  for (let n = 0; n < PROJECTS; n++) addProject(objects, n, nowMs);
  return objects.all;
};

const addPeriod = (objects: Objects, legalEntity: string, nowMs: number, month: number): void => {
  const now = new Date(nowMs);
  const start = dateOf(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + month, 1));
  const end = dateOf(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + month + 1, 0));
  const state = month < -1 ? 'closed' : month === -1 ? 'closing' : 'open';
  const period = { legalEntity, startDate: start, endDate: end, state };
  objects.add('accounting-period', `${legalEntity}/${start.slice(0, 7)}`, legalEntity, [ALWAYS, period]);
};

const addProject = (objects: Objects, n: number, nowMs: number): void => {
  const { id, currency } = entityOf(n);
  const code = `P${n}`;
  // One in fifty has ended, and time on it is held.
  const ended: Record<string, string> = n % 50 === 49 ? { activeTo: dateOf(nowMs - 90 * DAY_MS) } : {};
  const project = { legalEntity: id, billable: String(n % 3 !== 0), client: `C${n % 400}`, ...ended };
  objects.add('project', code, id, [ALWAYS, project]);
  objects.add('bill-rate', code, id, [ALWAYS, { project: code, amount: `${120 + (n % 80)}.00`, currency }]);
  for (let t = 0; t < TASKS_PER_PROJECT; t++)
    objects.add('task', `${code}/T${t}`, id, [ALWAYS, { project: code, name: `Task ${t}` }]);
};

/** Approved entries of the last days, each on a project of its worker's legal entity; always the same for the same count. */
export const subjects = (count: number, nowMs: number): readonly Subject[] =>
  Array.from({ length: count }, (_, n) => {
    const worker = (n * 7919) % WORKERS;
    const slot = (n * 104_729) % Math.floor(PROJECTS / ENTITIES.length);
    const project = slot * ENTITIES.length + (worker % ENTITIES.length);
    const workMs = nowMs - (1 + (Math.floor(n / WORKERS / PER_DAY) % (DAYS - 1))) * DAY_MS;
    return {
      content: {
        workerCode: `E${worker}`,
        projectCode: `P${project}`,
        taskCode: `T${n % TASKS_PER_PROJECT}`,
        activity: 'Consulting',
        payCode: 'REG',
        workDate: dateOf(workMs),
        hours: ['4', '3.75', '4.5', '3.25', '0.5'][n % 5],
      },
      approval: { by: `E${(worker + 3) % WORKERS}`, at: new Date(workMs + DAY_MS / 2).toISOString() },
      correction: false,
      versionReceivedAt: new Date(workMs + DAY_MS / 2).toISOString(),
      day: { otherHours: n % 2 === 0 ? '0' : '3.5', intervals: [] },
    };
  });
