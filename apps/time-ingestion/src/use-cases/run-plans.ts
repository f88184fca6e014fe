import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PolicyPlanReportV1 } from '@tieout/contracts';
import { addDays, dateIn, UNASSIGNED } from '@tieout/model';
import { Database, type Tx } from '@tieout/persistence';
import { compilePolicy, type CompiledPolicy, type PolicyProblem } from '@tieout/policy';
import { readConfig, type ServiceRuntime } from '@tieout/service-kit';
import { counter } from '@tieout/telemetry';
import { overridesOf } from '../adapters/postgres/override.store.js';
import {
  countSince,
  endPlan,
  lastDayOfBatch,
  plannedRows,
  putPlanProgress,
  startNextPlan,
  type DayPosition,
  type PlanEnd,
  type PlannedRow,
  type StartedPlan,
} from '../adapters/postgres/plan.store.js';
import { assessIn } from '../domain/assess.js';
import { Assessment } from '../domain/assessment.js';
import { NO_OTHERS, type AssessmentSubject, type DayContext } from '../domain/facts.js';
import type { MasterView } from '../domain/master-view.js';
import type { Override } from '../domain/override.js';
import { changesOf, PlanTally } from '../domain/policy-plan.js';
import { daysOf } from '../domain/worker-days.js';
import { masterViewOf } from './master-view-for.js';

const LEASE = 'policy-plan';
const LEASE_MS = 30_000;
/** A batch keeps the event loop for some ten milliseconds: health and polls go on meanwhile. */
const BATCH = 250;
/** What ends the process each time would otherwise end it for ever. */
const MOST_STARTS = 5;
/** As many as a person reads; the rest is seen when these are mended. */
const SHOWN_PROBLEMS = 20;
const BEFORE_ALL: DayPosition = { workerCode: '', workDate: '0001-01-01' };

/** Two bundles on the same entries, the same master data and the same instant. */
interface Comparison {
  readonly active: Assessment;
  readonly candidate: Assessment;
}

/** Assesses recent approved entries under a candidate bundle and under the active one: one plan at a time in all replicas. */
export class RunPlans {
  readonly #plans = counter('tieout.policy.plans', 'Plans of candidate bundles, by how they ended');
  #stopping = false;
  constructor(private readonly runtime: ServiceRuntime) {}

  /** Lets go of the plan in hand: it begins anew wherever there is time for it. */
  leave(): void {
    this.#stopping = true;
  }

  /** @returns 'more' after a plan: another may wait. */
  async run(): Promise<'more' | 'idle'> {
    const { leases, instanceId, database, clock } = this.runtime;
    if ((await leases.tryAcquire(LEASE, instanceId, LEASE_MS)) === undefined) return 'idle';
    let isOurs = true;
    const renew = async (): Promise<void> => {
      isOurs = await leases.renew(LEASE, instanceId, LEASE_MS).catch(() => false);
    };
    const heartbeat = setInterval(() => void renew(), LEASE_MS / 3);
    try {
      const plan = await startNextPlan(database);
      if (plan === undefined) return 'idle';
      const end = await this.#planOf(plan, () => isOurs && !this.#stopping);
      // Taken over by another replica: its result counts.
      if (end === undefined) return 'idle';
      await endPlan(database, plan, end, clock.now());
      this.#plans.add(1, { state: end.state });
      return 'more';
    } finally {
      clearInterval(heartbeat);
      await leases.release(LEASE, instanceId);
    }
  }

  async #planOf(plan: StartedPlan, isOurs: () => boolean): Promise<PlanEnd | undefined> {
    if (plan.starts > MOST_STARTS)
      return failed(`the plan was begun ${MOST_STARTS} times and never came to its end; the log of time-ingestion says why`);
    const compiled = compilePolicy(Object.fromEntries(plan.files.map(({ name, text }) => [name, text])));
    if (!compiled.ok) return failed(shownProblems(compiled.problems));
    // Its own connection: however long the plan's reading takes, the hot path has all of its own.
    const { databaseUrl } = readConfig(this.runtime.env);
    const database = new Database({ url: databaseUrl, poolSize: 1, applicationName: `${this.runtime.name} plan` });
    try {
      const report = await this.#compare(database, plan, compiled.policy, isOurs);
      return report && { state: 'done', report };
    } finally {
      await database.close();
    }
  }

  async #compare(
    database: Database,
    plan: StartedPlan,
    candidate: CompiledPolicy,
    isOurs: () => boolean,
  ): Promise<PolicyPlanReportV1 | undefined> {
    const { days } = plan;
    const { clock, policy } = this.runtime;
    const startedMs = clock.epochMs();
    const now = clock.now();
    const active = policy.current();
    const since = addDays(dateIn(now, 'UTC'), -days);
    const total = await countSince(database, since);
    const tally = new PlanTally();
    let done = 0;
    let after: DayPosition | undefined = BEFORE_ALL;
    while (after !== undefined) {
      if (!isOurs()) return undefined;
      const position: DayPosition = after;
      const comparison = { active: new Assessment(active, now), candidate: new Assessment(candidate, now) };
      const batch = await database.transaction((tx) => readBatch(tx, since, position));
      for (const row of batch.rows) compareOne(row, batch, comparison, tally);
      done += batch.rows.length;
      after = batch.last;
      // A count from the beginning; entries that come in meanwhile are looked at too.
      await putPlanProgress(this.runtime.database, plan, { done, total: Math.max(done, total) });
      await nextTurn();
    }
    const seconds = (clock.epochMs() - startedMs) / 1_000;
    return tally.report({ activeDigest: active.digest, candidateDigest: candidate.digest, days, seconds });
  }
}

const failed = (problem: string): PlanEnd => ({ state: 'failed', problem });

const shownProblems = (problems: readonly PolicyProblem[]): string => {
  const shown = problems
    .slice(0, SHOWN_PROBLEMS)
    .map(({ file, line, column, message, fix }) => `${file}:${line}:${column}: ${message} -> ${fix}`);
  const more = problems.length - shown.length;
  return ['the candidate does not compile:', ...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
};

interface PlanBatch {
  readonly rows: readonly PlannedRow[];
  readonly last: DayPosition | undefined;
  readonly view: MasterView;
  readonly days: ReadonlyMap<string, DayContext>;
  readonly overrides: ReadonlyMap<string, Override>;
}

const readBatch = async (tx: Tx, since: string, after: DayPosition): Promise<PlanBatch> => {
  // A plan decides nothing: the database holds it to that.
  await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  const last = await lastDayOfBatch(tx, since, after, BATCH);
  const rows = await plannedRows(tx, since, after, last);
  const view = await masterViewOf(
    tx,
    rows.map(({ content, approval }) => ({ ...content, approvedBy: approval?.by })),
  );
  const overrides = await overridesOf(
    tx,
    rows.map((row) => row.entry_id),
  );
  return { rows, last, view, days: daysOf(rows), overrides };
};

const compareOne = (row: PlannedRow, batch: PlanBatch, { active, candidate }: Comparison, tally: PlanTally): void => {
  const subject = subjectOf(row, batch);
  const before = assessIn(active, subject, batch.view.fresh());
  const after = assessIn(candidate, subject, batch.view.fresh());
  const changes = changesOf({ verdict: before, policy: active.policy }, { verdict: after, policy: candidate.policy });
  const legalEntityId = before.legalEntityId === UNASSIGNED ? row.legal_entity_id : before.legalEntityId;
  tally.add({ entryId: row.entry_id, legalEntityId, content: row.content }, changes);
};

/** As it would be assessed if its turn came now. */
const subjectOf = (row: PlannedRow, { days, overrides }: PlanBatch): AssessmentSubject => ({
  content: row.content,
  approval: row.approval,
  correction: row.release_no > 0,
  versionReceivedAt: row.version_received_at,
  day: days.get(row.entry_id) ?? NO_OTHERS,
  override: overrides.get(row.entry_id),
  releasedPostingDate: row.released_version === row.version_no ? (row.released_posting_date ?? undefined) : undefined,
});
