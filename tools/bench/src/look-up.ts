import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { QUESTIONS, type EmployeeLookUpAnswerV1, type ProjectValidationAnswerV1 } from '@tieout/contracts';
import type { Cleanup } from './cleanup.js';
import type { BenchConfig } from './config.js';
import { dateOf, masterData, subjects } from './evaluate/firm-data.js';
import { percentile, perSecond } from './figures.js';
import { startLookUpBed, type LookUpBed } from './look-up/look-up-bed.js';
import { cpuMs } from './usage.js';

export interface LookUpFigures {
  readonly masterObjects: number;
  readonly tasks: number;
  readonly ways: readonly WayFigures[];
}
export interface WayFigures {
  readonly way: string;
  /** With so many asked at once as make the service busy. */
  readonly capacity: number;
  /** What was asked per second for `p50Ms` and `p99Ms`: as wanted, or half of the capacity where that is less. */
  readonly perSecond: number;
  readonly answers: number;
  /** From the moment when the question was due, so that a queue before the service counts too. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  /** Processor time of the service for one answer, ms: what varies least with what else the machine does. */
  readonly cpuMs: number | null;
}

const WANTED_PER_SECOND = 2_000;
const AT_ONCE = 32;
const SECONDS = { full: 20, quick: 5 } as const;
const WARM_UP = 2_000;
const TICK_MS = 2;
const DAY_MS = 86_400_000;

type Ask = (n: number) => Promise<void>;

/** Project validations and employee look-ups, over NATS and HTTP, by the running service; master data with 100,000 tasks. */
export const benchLookUp = async (config: BenchConfig, cleanup: Cleanup, say: (text: string) => void): Promise<LookUpFigures> => {
  const nowMs = Date.now();
  const objects = masterData(nowMs);
  const bed = await startLookUpBed(objects, cleanup);
  const seconds = config.quick ? SECONDS.quick : SECONDS.full;
  const ways: WayFigures[] = [];
  for (const [way, ask] of Object.entries(waysOf(bed, nowMs))) {
    await atOnce(ask, WARM_UP);
    const cpuBefore = cpuMs(bed.process.pid);
    const began = performance.now();
    const burst = Math.max(WARM_UP, 500 * seconds);
    await atOnce(ask, burst);
    const capacity = (burst * 1_000) / (performance.now() - began);
    const cpuAfter = cpuMs(bed.process.pid);
    const rate = Math.min(WANTED_PER_SECOND, Math.floor(capacity / 2));
    const times = await evenly(ask, rate, seconds);
    ways.push({
      ...{ way, capacity, perSecond: rate, answers: times.length },
      ...{ p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99), mostMs: Math.max(...times) },
      cpuMs: cpuBefore === undefined || cpuAfter === undefined ? null : (cpuAfter - cpuBefore) / burst,
    });
    say(`look-up: ${way}: ${perSecond(rate)}, p99 ${percentile(times, 0.99).toFixed(1)} ms; at most ${perSecond(capacity)}`);
  }
  return { masterObjects: objects.length, tasks: objects.filter(({ kind }) => kind === 'task').length, ways };
};

const waysOf = (bed: LookUpBed, nowMs: number): Readonly<Record<string, Ask>> => {
  const asked = subjects(10_000, nowMs).map(({ content: { projectCode, workerCode, taskCode } }) => ({
    project: projectCode,
    worker: workerCode,
    task: taskCode!,
    on: dateOf(nowMs - DAY_MS),
  }));
  const at = (n: number) => asked[n % asked.length]!;
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE * 2 });
  const get = (path: string) => httpGet(`${bed.url}${path}`, bed.bearer, agent);
  return {
    'project validation, NATS': async (n) => wholeAnswer(await bed.questions.ask(QUESTIONS.projectValidation, at(n))),
    'project validation, HTTP': async (n) =>
      wholeAnswer((await get(`/look-up/project?${new URLSearchParams(at(n)).toString()}`)) as ProjectValidationAnswerV1),
    'employee look-up, NATS': async (n) =>
      found(await bed.questions.ask(QUESTIONS.employeeLookUp, { code: at(n).worker, on: at(n).on })),
    'employee look-up, HTTP': async (n) =>
      found((await get(`/look-up/employee?code=${at(n).worker}&on=${at(n).on}`)) as EmployeeLookUpAnswerV1),
  };
};

/** A look-up that found nothing would be quicker. */
const wholeAnswer = ({ project, worker, reasons }: ProjectValidationAnswerV1): void => {
  const odd = reasons.find(({ reason }) => reason !== 'INACTIVE_PROJECT');
  if (!project || !worker || odd) throw new Error(`a project validation answered ${JSON.stringify(odd ?? 'nobody')}`);
};
const found = (answer: EmployeeLookUpAnswerV1): void => {
  if (!answer.found) throw new Error(`an employee look-up found nobody: ${answer.detail ?? ''}`);
};

const httpGet = (url: string, authorization: string, agent: Agent): Promise<unknown> =>
  new Promise((resolve, reject) => {
    request(url, { agent, headers: { authorization } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text) as unknown);
        else reject(new Error(`GET ${url}: ${response.statusCode} ${text.slice(0, 300)}`));
      });
      response.on('error', reject);
    })
      .on('error', reject)
      .end();
  });

const atOnce = async (ask: Ask, count: number): Promise<void> => {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) await ask(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
};

/** So many per second, whether the last ones were answered or not. @returns milliseconds since each was due */
const evenly = async (ask: Ask, rate: number, seconds: number): Promise<number[]> => {
  const times: number[] = [];
  const open: Promise<void>[] = [];
  const began = performance.now();
  for (let n = 0; n < rate * seconds;) {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - began) * rate) / 1_000));
    for (; n < due; n++) {
      const dueAt = began + (n * 1_000) / rate;
      open.push(ask(n).then(() => void times.push(performance.now() - dueAt)));
    }
    await delay(TICK_MS);
  }
  await Promise.all(open);
  return times;
};
