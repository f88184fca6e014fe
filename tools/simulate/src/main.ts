import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HELP, readSimulateConfig, ROOT, type SimulateConfig } from './config.js';
import type { FailedSeed, Job, JobResult } from './jobs.js';
import { PLANTED_BUGS } from './planted/index.js';
import { shrunkStoryOf, storyOf } from './tell.js';
import { runJobs } from './workers.js';

const USAGE = 64;
/** Seeds that a worker takes at a time. */
const CHUNK = 50;
const STORIES = 3;
const TELL_EVERY_MS = 10_000;

const readConfig = (): SimulateConfig | undefined => {
  try {
    return readSimulateConfig(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return undefined;
  }
};

const runSeeds = async ({ seeds, from, minutes, workers }: SimulateConfig): Promise<number> => {
  const startedMs = Date.now();
  const untilMs = minutes === undefined ? Infinity : startedMs + minutes * 60_000;
  const end = minutes === undefined ? from + seeds : Infinity;
  const failed: FailedSeed[] = [];
  let [at, ran, hashSum, beyondUs, virtualMs, toldMs] = [from, 0, 0n, 0, 0, startedMs];
  const speed = (): number => ran / ((Date.now() - startedMs) / 1_000);
  const next = (): Job | undefined => {
    if (at >= end || Date.now() >= untilMs) return undefined;
    const job: Job = { kind: 'seeds', from: at, count: Math.min(CHUNK, end - at) };
    at += job.count;
    return job;
  };
  await runJobs(workers, next, (result: JobResult) => {
    ran += result.seeds;
    hashSum = (hashSum + result.hashSum) & 0xffff_ffff_ffff_ffffn;
    beyondUs += result.beyondUs;
    virtualMs += result.virtualMs;
    failed.push(...result.failed);
    if (Date.now() - toldMs < TELL_EVERY_MS) return;
    toldMs = Date.now();
    console.log(`${ran} seeds, ${failed.length} failed, ${speed().toFixed(0)} per second`);
  });
  failed.sort((a, b) => a.seed - b.seed);
  for (const { seed, failures } of failed.slice(0, STORIES)) console.log(`\n${await shrunkStoryOf(seed, failures)}`);
  const figures = {
    date: new Date(startedMs).toISOString(),
    from,
    seeds: ran,
    failed: failed.map(({ seed }) => seed),
    seconds: (Date.now() - startedMs) / 1_000,
    workers,
    seedsPerSecond: Math.round(speed()),
    simulatedHours: Math.round(virtualMs / 3_600_000),
    duplicatesBeyondUs: beyondUs,
    traceHash: hashSum.toString(16).padStart(16, '0'),
  };
  console.log(
    `\nseeds ${from} to ${from + ran - 1}: ${failed.length} failed of ${ran}, ${figures.seedsPerSecond} per second on ${workers} workers, ` +
      `${figures.simulatedHours} simulated hours, trace hash ${figures.traceHash}`,
  );
  console.log(
    `${beyondUs} documents stood twice where only look-up exists and a request slept on its way out, or a gateway repeated it`,
  );
  console.log(write(figures));
  console.log(`${ran - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
};

const runPlanted = async ({ seeds, from, workers }: SimulateConfig): Promise<number> => {
  const found = new Map<string, FailedSeed | undefined>();
  const left = [...PLANTED_BUGS];
  const next = (): Job | undefined => {
    const bug = left.shift();
    return bug && { kind: 'planted', bug: bug.name, from, count: seeds };
  };
  await runJobs(workers, next, ({ job, failed }) => {
    if (job.kind === 'planted') found.set(job.bug, failed[0]);
  });
  console.log('| planted bug | what is wrong | first seed | invariant |\n|---|---|---|---|');
  for (const { name, what } of PLANTED_BUGS) {
    const first = found.get(name);
    const invariants = [...new Set(first?.failures.map(({ invariant }) => invariant))].sort((a, b) => a - b);
    console.log(`| ${name} | ${what} | ${first?.seed ?? 'none'} | ${invariants.join(', ')} |`);
  }
  const seedsOf = Object.fromEntries(PLANTED_BUGS.map(({ name }) => [name, found.get(name)?.seed ?? null]));
  console.log(`\n${write({ date: new Date().toISOString(), planted: seedsOf, within: seeds })}`);
  const missed = PLANTED_BUGS.filter(({ name }) => found.get(name) === undefined).length;
  console.log(`${PLANTED_BUGS.length - missed} passed, ${missed} failed`);
  return missed === 0 ? 0 : 1;
};

/** @returns where it was written */
const write = (figures: { readonly date: string } & Readonly<Record<string, unknown>>): string => {
  const folder = join(ROOT, '.tieout', 'simulate');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${figures.date.replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify(figures, undefined, 2)}\n`);
  return file;
};

const run = async (config: SimulateConfig): Promise<number> => {
  if (config.seed === undefined) return config.planted ? runPlanted(config) : runSeeds(config);
  const bug = PLANTED_BUGS.find(({ name }) => name === config.bug);
  if (config.bug !== undefined && bug === undefined) {
    console.error(`there is no planted bug "${config.bug}": ${PLANTED_BUGS.map(({ name }) => name).join(', ')}`);
    return USAGE;
  }
  console.log(await storyOf(config.seed, bug));
  return 0;
};

const config = readConfig();
if (config?.help) console.log(HELP);
else process.exitCode = config ? await run(config) : USAGE;
