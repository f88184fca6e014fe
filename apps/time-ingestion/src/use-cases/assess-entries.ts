import { EVENT_TYPES } from '@tieout/contracts';
import { addDecimals, UNASSIGNED, type Instant } from '@tieout/model';
import { appendAudit, appendOutbox, type NewAuditRow, type NewEvent, type Tx } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import type { ServiceRuntime } from '@tieout/service-kit';
import { ATTR, counter, recordSpan } from '@tieout/telemetry';
import {
  claimForAssessment,
  dayEntries,
  lockMasterView,
  putAssessed,
  putDecisions,
  type AssessedRow,
  type DecisionRow,
} from '../adapters/postgres/entry.store.js';
import type { TimeEntryRow } from '../adapters/postgres/entry.table.js';
import { assess } from '../domain/assess.js';
import { decide, type Decision, type Standing, type Subject } from '../domain/decide.js';
import type { DayContext } from '../domain/facts.js';
import type { MasterView } from '../domain/master-view.js';
import { keysOf, masterViewFor } from './master-view-for.js';

const BATCH = 500;

/** Takes the entries whose turn it is and writes verdict, audit and outbox in one transaction. */
export class AssessEntries {
  readonly #verdicts = counter('tieout.verdicts', 'Verdicts told, by kind');
  constructor(private readonly runtime: ServiceRuntime) {}

  /** One batch. @returns 'more' when the batch was full. */
  async run(): Promise<'more' | 'idle'> {
    const policy = this.runtime.policy.current();
    const count = await this.runtime.database.transaction(async (tx) => {
      const startMs = this.runtime.clock.epochMs();
      const now = this.runtime.clock.now();
      await lockMasterView(tx, 'read');
      const rows = await claimForAssessment(tx, BATCH, now);
      if (rows.length === 0) return 0;
      const view = await masterViewFor(tx, keysOf(rows.map(({ content }) => content)));
      const days = await this.#daysFor(tx, rows);
      const results = rows.map((row) => judge(row, view.fresh(), days, policy, now));
      await this.#store(tx, results, policy, now, startMs);
      return rows.length;
    });
    return count === BATCH ? 'more' : 'idle';
  }

  async #store(tx: Tx, results: readonly Judged[], policy: CompiledPolicy, now: Instant, startMs: number): Promise<void> {
    const events: NewEvent[] = [];
    const audit: NewAuditRow[] = [];
    const decisions: DecisionRow[] = [];
    for (const result of results) {
      for (const decision of result.decisions) {
        const traceparent = this.#trace(result, decision, startMs);
        events.push(eventOf(result, decision, policy.digest, now, traceparent));
        decisions.push(decisionRow(result.row, decision));
        audit.push(auditOf(result, decision, policy.digest, this.runtime.name, traceparent));
        this.#verdicts.add(1, { kind: decision.kind });
      }
    }
    await putAssessed(
      tx,
      results.map((result) => result.assessed),
      policy.digest,
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

  async #daysFor(tx: Tx, rows: readonly TimeEntryRow[]): Promise<ReadonlyMap<string, DayContext>> {
    const approved = rows.filter((row) => row.approval !== null && !row.deleted);
    const byDay = new Map<string, Awaited<ReturnType<typeof dayEntries>>>();
    const found = await dayEntries(
      tx,
      approved.map(({ content }) => ({ workerCode: content.workerCode, workDate: content.workDate })),
    );
    for (const entry of found) {
      const key = `${entry.worker_code}|${entry.work_date}`;
      byDay.set(key, [...(byDay.get(key) ?? []), entry]);
    }
    return new Map(
      approved.map((row) => {
        const others = (byDay.get(`${row.content.workerCode}|${row.content.workDate}`) ?? []).filter(
          (entry) => entry.entry_id !== row.entry_id,
        );
        const intervals = others.flatMap(({ content: { startedAt, endedAt } }) =>
          startedAt !== undefined && endedAt !== undefined ? [{ startedAt, endedAt }] : [],
        );
        return [row.entry_id, { otherHours: addDecimals(others.map((entry) => entry.hours)), intervals }];
      }),
    );
  }
}

interface Judged {
  readonly row: TimeEntryRow;
  readonly decisions: readonly Decision[];
  readonly assessed: AssessedRow;
}

const judge = (
  row: TimeEntryRow,
  view: MasterView,
  days: ReadonlyMap<string, DayContext>,
  policy: CompiledPolicy,
  now: Instant,
): Judged => {
  const standing = standingOf(row);
  let subject: Subject;
  let legalEntityId = row.legal_entity_id;
  let dependsOn: readonly string[] = [];
  let refusals: unknown = null;
  if (row.approval === null || row.deleted) {
    subject = { kind: 'not-approved', cause: row.deleted ? 'deleted' : 'unapproved' };
  } else {
    const day = days.get(row.entry_id) ?? { otherHours: '0', intervals: [] };
    const verdict = assess(
      {
        content: row.content,
        approval: row.approval,
        correction: row.release_no > 0,
        versionReceivedAt: row.version_received_at,
        day,
      },
      view,
      policy,
      now,
    );
    subject = { kind: 'approved', versionNo: row.version_no, verdict };
    if (verdict.legalEntityId !== UNASSIGNED) legalEntityId = verdict.legalEntityId;
    dependsOn = verdict.dependsOn;
    if (verdict.kind === 'held') refusals = verdict.refusals;
  }
  const { standing: next, decisions, reassessAt } = decide(standing, subject);
  return {
    row,
    decisions,
    assessed: {
      entryId: row.entry_id,
      legalEntityId,
      standing: next,
      refusals: next.verdict === 'held' ? refusals : null,
      dependsOn,
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
      : { versionNo: row.released_version, contentHash: row.released_hash },
  refusalsHash: row.refusals_hash,
});

const eventOf = (
  { row, assessed }: Judged,
  decision: Decision,
  policyDigest: string,
  decidedAt: Instant,
  traceparent: string | undefined,
): NewEvent => {
  const base = {
    entryId: row.entry_id,
    decisionNo: decision.decisionNo,
    versionNo: row.version_no,
    connection: row.connection,
    sourceId: row.source_id,
    legalEntityId: assessed.legalEntityId,
    policyDigest,
    decidedAt,
  };
  const scope = [assessed.legalEntityId];
  const approvedAt = row.approval?.at;
  switch (decision.kind) {
    case 'released':
      return {
        type: EVENT_TYPES.entryReleased,
        scope,
        traceparent,
        body: {
          ...base,
          releaseNo: decision.releaseNo,
          ...(approvedAt !== undefined && { approvedAt }),
          content: { ...decision.content, routes: [...decision.content.routes] },
        },
      } as NewEvent;
    case 'withdrawn':
      return {
        type: EVENT_TYPES.entryWithdrawn,
        scope,
        traceparent,
        body: { ...base, releaseNo: decision.releaseNo, cause: decision.cause },
      };
    case 'held': {
      const { workerCode, projectCode, workDate, hours } = row.content;
      return {
        type: EVENT_TYPES.entryHeld,
        scope,
        traceparent,
        body: {
          ...base,
          workerCode,
          projectCode,
          workDate,
          hours,
          ...(decision.cost && { amount: decision.cost.amount, currency: decision.cost.currency }),
          ...(approvedAt !== undefined && { approvedAt }),
          refusals: [...decision.refusals],
        },
      };
    }
  }
};

const decisionRow = (row: TimeEntryRow, decision: Decision): DecisionRow => ({
  entryId: row.entry_id,
  decisionNo: decision.decisionNo,
  versionNo: row.version_no,
  releaseNo: 'releaseNo' in decision ? decision.releaseNo : null,
  kind: decision.kind,
  body: decision,
});

const auditOf = (
  { row, assessed }: Judged,
  decision: Decision,
  policyDigest: string,
  service: string,
  traceparent: string | undefined,
): NewAuditRow => ({
  actor: `service:${service}`,
  action: `entry.${decision.kind}`,
  subjectKind: 'time-entry',
  subjectId: row.entry_id,
  legalEntityId: assessed.legalEntityId,
  before: { verdict: row.verdict, releaseNo: row.release_no },
  after: { verdict: assessed.standing.verdict, releaseNo: assessed.standing.releaseNo, versionNo: row.version_no },
  policyDigest,
  ...(decision.kind === 'held' && { reason: decision.refusals.map(({ reason }) => reason).join(',') }),
  ...(decision.kind === 'withdrawn' && { reason: decision.cause }),
  ...(traceparent !== undefined && { traceparent }),
});
