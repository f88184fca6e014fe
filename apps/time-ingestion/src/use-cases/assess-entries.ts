import { FEED_QUESTIONS, type SentEntriesAnswerV1 } from '@tieout/contracts';
import { isFault, UNASSIGNED } from '@tieout/model';
import { appendAudit, appendOutbox, type NewAuditRow, type NewEvent, type Tx } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import type { ServiceRuntime } from '@tieout/service-kit';
import { ATTR, counter, recordSpan } from '@tieout/telemetry';
import {
  claimForAssessment,
  dayEntries,
  lockMasterView,
  markEntries,
  putAssessed,
  putDecisions,
  type DecisionRow,
} from '../adapters/postgres/entry.store.js';
import type { TimeEntryRow } from '../adapters/postgres/entry.table.js';
import { overridesOf } from '../adapters/postgres/override.store.js';
import { assessIn, type Verdict } from '../domain/assess.js';
import { Assessment } from '../domain/assessment.js';
import { decide, type Decided, type Decision, type Standing, type Subject } from '../domain/decide.js';
import { NO_OTHERS, type DayContext } from '../domain/facts.js';
import type { MasterView } from '../domain/master-view.js';
import type { Override } from '../domain/override.js';
import { rulesDigestOf } from '../domain/rules-digest.js';
import { daysOf } from '../domain/worker-days.js';
import { masterViewOf } from './master-view-for.js';
import { auditOf, decisionRow, eventOf, type DecidedUnder, type Judged } from './verdict-records.js';

const BATCH = 500;
/** A feed that is away must not keep a batch, and its locks, for long. */
const SENT_ANSWER_MS = 2_000;
const ASK_AGAIN_MS = 60_000;

/** What a batch is assessed with, beside the entries themselves. */
interface Batch {
  readonly run: Assessment;
  readonly view: MasterView;
  readonly days: ReadonlyMap<string, DayContext>;
  readonly overrides: ReadonlyMap<string, Override>;
}

/** Takes the entries whose turn it is and writes verdict, audit and outbox in one transaction. */
export class AssessEntries {
  readonly #verdicts = counter('tieout.verdicts', 'Verdicts told, by kind');
  constructor(private readonly runtime: ServiceRuntime) {}

  /** One batch. @returns 'more' when the batch was full. */
  async run(): Promise<'more' | 'idle'> {
    const { database, clock } = this.runtime;
    const policy = this.runtime.policy.current();
    const entryIds = await database.transaction(async (tx) => {
      const startMs = clock.epochMs();
      const run = new Assessment(policy, clock.now());
      await lockMasterView(tx, 'read');
      const rows = await claimForAssessment(tx, BATCH, run.now);
      if (rows.length === 0) return [];
      const batch = await batchOf(tx, run, rows);
      const results = await this.#settleRates(rows.map((row) => judge(row, batch, ratesOf(policy))));
      await this.#store(tx, results, run, startMs);
      return rows.map((row) => row.entry_id);
    });
    // Another bundle came into force in the middle: whoever marked what it touches could not see first verdicts that were not there yet.
    if (entryIds.length > 0 && rulesDigestOf(this.runtime.policy.current()) !== rulesDigestOf(policy))
      await markEntries(database, entryIds);
    return entryIds.length === BATCH ? 'more' : 'idle';
  }

  /** Where only rates changed and policy corrects only what was not sent, the ERP's feed says what was. */
  async #settleRates(results: readonly JudgedOnce[]): Promise<readonly Judged[]> {
    const asking = results.filter(({ asksWhetherSent }) => asksWhetherSent);
    if (asking.length === 0) return results;
    const sent = await this.#sent(asking.map(({ row }) => row.entry_id));
    const again = new Date(this.runtime.clock.epochMs() + ASK_AGAIN_MS).toISOString();
    return results.map((result) => {
      if (!result.asksWhetherSent) return result;
      // Nobody to ask: what stands stays, and the question too.
      if (sent === undefined) return { ...result, assessed: { ...result.assessed, assessAfter: again } };
      return result.decideAgain(sent.has(result.row.entry_id) ? 'no' : 'yes');
    });
  }

  async #sent(entryIds: readonly string[]): Promise<ReadonlySet<string> | undefined> {
    try {
      const { sentEntries } = FEED_QUESTIONS.posting;
      const answer = await this.runtime.questions.ask<SentEntriesAnswerV1>(sentEntries, { entryIds }, SENT_ANSWER_MS);
      return new Set(answer.sent);
    } catch (error) {
      if (!isFault(error)) throw error;
      return undefined;
    }
  }

  async #store(tx: Tx, results: readonly Judged[], { policy, now }: Assessment, startMs: number): Promise<void> {
    const under: DecidedUnder = { policyDigest: policy.digest, decidedAt: now, service: this.runtime.name };
    const events: NewEvent[] = [];
    const audit: NewAuditRow[] = [];
    const decisions: DecisionRow[] = [];
    for (const result of results) {
      for (const decision of result.decisions) {
        const traceparent = this.#trace(result, decision, startMs);
        events.push(eventOf(result, decision, under, traceparent));
        decisions.push(decisionRow(result.row, decision));
        audit.push(auditOf(result, decision, under, traceparent));
        this.#verdicts.add(1, { kind: decision.kind });
      }
    }
    await putAssessed(
      tx,
      results.map((result) => result.assessed),
      { policyDigest: policy.digest, rulesDigest: rulesDigestOf(policy) },
    );
    await putDecisions(tx, decisions, policy.digest, now);
    await appendAudit(tx, audit, now);
    await appendOutbox(tx, 'time', events, now);
  }

  #trace({ row, assessed }: Judged, decision: Decision, startMs: number): string | undefined {
    const span = recordSpan(`${decision.kind} time entry`, {
      ...(row.traceparent !== null ? { parent: row.traceparent } : { parent: null }),
      startMs,
      endMs: this.runtime.clock.epochMs(),
      attributes: {
        [ATTR.entryId]: row.entry_id,
        [ATTR.legalEntity]: assessed.legalEntityId,
        [ATTR.workerKey]: row.content.workerCode,
        [ATTR.project]: row.content.projectCode,
        ...('releaseNo' in decision && { [ATTR.releaseNo]: decision.releaseNo }),
      },
    });
    return span ?? row.traceparent ?? undefined;
  }
}

const batchOf = async (tx: Tx, run: Assessment, rows: readonly TimeEntryRow[]): Promise<Batch> => {
  const approved = rows.filter((row) => row.approval !== null && !row.deleted);
  const view = await masterViewOf(
    tx,
    rows.map(({ content, approval }) => ({ ...content, approvedBy: approval?.by })),
  );
  const others = await dayEntries(
    tx,
    approved.map(({ content }) => ({ workerCode: content.workerCode, workDate: content.workDate })),
  );
  const overrides = await overridesOf(
    tx,
    approved.map((row) => row.entry_id),
  );
  return { run, view, days: daysOf(others), overrides };
};

type RatesAnew = Extract<Subject, { kind: 'approved' }>['ratesAnew'];
const ratesOf = ({ correctRatesAfterwards }: CompiledPolicy): RatesAnew =>
  correctRatesAfterwards === 'correct-posted' ? 'yes' : 'unknown';

interface JudgedOnce extends Judged {
  readonly asksWhetherSent: boolean;
  decideAgain(ratesAnew: RatesAnew): Judged;
}

const judge = (row: TimeEntryRow, { run, view, days, overrides }: Batch, ratesAnew: RatesAnew): JudgedOnce => {
  const standing = standingOf(row);
  if (row.approval === null || row.deleted) {
    const subject: Subject = { kind: 'not-approved', cause: row.deleted ? 'deleted' : 'unapproved' };
    const judged = judgedOf(row, decide(standing, subject), undefined);
    return { ...judged, asksWhetherSent: false, decideAgain: () => judged };
  }
  const verdict = assessIn(
    run,
    {
      content: row.content,
      approval: row.approval,
      correction: row.release_no > 0,
      versionReceivedAt: row.version_received_at,
      day: days.get(row.entry_id) ?? NO_OTHERS,
      override: overrides.get(row.entry_id),
      releasedPostingDate: row.released_version === row.version_no ? (row.released_posting_date ?? undefined) : undefined,
    },
    view.fresh(),
  );
  const decideWith = (rates: RatesAnew): Decided =>
    decide(standing, { kind: 'approved', versionNo: row.version_no, verdict, ratesAnew: rates });
  const decided = decideWith(ratesAnew);
  return {
    ...judgedOf(row, decided, verdict),
    asksWhetherSent: decided.asksWhetherSent,
    decideAgain: (rates) => judgedOf(row, decideWith(rates), verdict),
  };
};

const judgedOf = (row: TimeEntryRow, decided: Decided, verdict: Verdict | undefined): Judged => {
  const { standing, decisions, reassessAt } = decided;
  const isKnown = verdict !== undefined && verdict.legalEntityId !== UNASSIGNED;
  return {
    row,
    decisions,
    assessed: {
      entryId: row.entry_id,
      legalEntityId: isKnown ? verdict.legalEntityId : row.legal_entity_id,
      standing,
      refusals: standing.verdict === 'held' && verdict?.kind === 'held' ? verdict.refusals : null,
      dependsOn: verdict?.dependsOn ?? [],
      assessAfter: reassessAt ?? null,
    },
  };
};

const standingOf = (row: TimeEntryRow): Standing => ({
  verdict: row.verdict,
  releaseNo: row.release_no,
  decisionNo: row.decision_no,
  released:
    row.released_version === null || row.released_hash === null
      ? null
      : {
          versionNo: row.released_version,
          contentHash: row.released_hash,
          unratedHash: row.released_unrated_hash,
          postingDate: row.released_posting_date,
        },
  refusalsHash: row.refusals_hash,
});
