import { EVENT_TYPES } from '@tieout/contracts';
import type { ConnectionId, Instant, WorkDate } from '@tieout/model';
import { appendAudit, appendOutbox, type NewEvent, type Tx } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { gauge } from '@tieout/telemetry';
import { v7 } from 'uuid';
import { lockForRun, putFindings, resolveDifferences } from '../adapters/postgres/difference.store.js';
import { putRun, type ReconciliationRun } from '../adapters/postgres/run.store.js';
import { acceptedShares, takeFindings, type StandingDifference, type TakenFinding } from '../domain/difference-state.js';
import { tiesOut, withAcceptances, type Comparison } from '../domain/tie-out.js';
import { differenceAudit, differenceFoundEvent } from './difference-records.js';

export interface TakenRun {
  readonly askedBy: string;
  readonly window: { readonly from: WorkDate; readonly to: WorkDate };
  /** Destinations where what was not found is gone. */
  readonly comparedInFull: readonly ConnectionId[];
  readonly asOf: Instant;
  readonly comparisons: readonly Comparison[];
  readonly failure: string | null;
}

interface Outcome {
  readonly run: ReconciliationRun;
  readonly events: readonly NewEvent[];
  readonly open: number;
}

/** Writes down what a run found, and what that makes of the differences that people accepted. */
export class RecordRun {
  #open = 0;

  constructor(private readonly runtime: ServiceRuntime) {
    gauge('tieout.reconciliation.differences', 'Open differences of the last run', () => this.#open);
  }

  async record(taken: TakenRun): Promise<ReconciliationRun> {
    const { database, clock, logger, name, policy } = this.runtime;
    const now = clock.now();
    const { run, open } = await database.transaction(async (tx) => {
      const outcome = taken.failure === null ? await this.#compared(tx, taken, now) : nothingCompared(taken, now);
      await putRun(tx, outcome.run);
      await appendAudit(
        tx,
        [
          {
            actor: taken.askedBy,
            action: 'reconciliation.run',
            subjectKind: 'reconciliation-run',
            subjectId: outcome.run.runId,
            legalEntityId: 'UNASSIGNED',
            after: {
              tiesOut: outcome.run.tiesOut,
              differences: outcome.open,
              accepted: outcome.run.accepted.reduce((sum, { count }) => sum + count, 0),
              failure: taken.failure,
            },
            policyDigest: policy.current().digest,
          },
        ],
        now,
      );
      await appendOutbox(tx, 'reconciliation', outcome.events, now);
      return outcome;
    });
    this.#open = open;
    const { runId, failure } = run;
    logger.info({ runId, tiesOut: run.tiesOut, differences: open, failure, service: name }, 'reconciliation run completed');
    return run;
  }

  async #compared(tx: Tx, taken: TakenRun, now: Instant): Promise<Outcome> {
    const runId = v7();
    const differences = taken.comparisons.flatMap((comparison) => comparison.differences);
    const keys = differences.map(({ differenceKey }) => differenceKey);
    const known = await lockForRun(tx, keys, taken.comparedInFull);
    const findings = takeFindings(known, differences);
    await putFindings(tx, runId, findings, now);
    await this.#auditLapsed(tx, findings, now);
    const resolved = await resolveDifferences(tx, taken.comparedInFull, keys, now);
    const accepted = acceptedOf(findings, known);
    const ids = new Set(accepted.map(({ difference }) => difference.differenceId));
    const run: ReconciliationRun = {
      ...runOf(taken, runId, now),
      tiesOut: taken.comparisons.length > 0 && taken.comparisons.every((comparison) => tiesOut(comparison, ids)),
      lines: taken.comparisons.flatMap((comparison) => withAcceptances(comparison, ids)),
      accepted: acceptedShares(accepted),
    };
    const events = [
      completedEvent(run),
      ...findings.filter(({ isNews }) => isNews).map(({ difference }) => differenceFoundEvent(difference, runId, now)),
      ...resolved.map((row): NewEvent => ({
        type: EVENT_TYPES.differenceResolved,
        scope: [row.legal_entity_id],
        body: {
          differenceKey: row.difference_key,
          runId,
          legalEntityId: row.legal_entity_id,
          resolvedAt: now,
          cause: 'gone',
        },
      })),
    ];
    return { run, events, open: differences.length - accepted.length };
  }

  /** Nobody opened these again: they are no longer what was accepted. */
  #auditLapsed(tx: Tx, findings: readonly TakenFinding[], now: Instant): Promise<void> {
    const { name, policy } = this.runtime;
    const records = findings.flatMap(({ difference, lapsed }) =>
      lapsed === null
        ? []
        : [
            differenceAudit(lapsed, {
              actor: `service:${name}`,
              action: 'difference.changed',
              reason: 'it is not what was accepted any more',
              policyDigest: policy.current().digest,
              after: {
                state: 'open',
                differenceId: difference.differenceId,
                detail: difference.detail,
                variance: difference.variance,
              },
            }),
          ],
    );
    return appendAudit(tx, records, now);
  }
}

const acceptedOf = (findings: readonly TakenFinding[], known: ReadonlyMap<string, StandingDifference>) =>
  findings.flatMap(({ difference, state }) => {
    const acceptance = state === 'accepted' ? known.get(difference.differenceKey)?.acceptance : null;
    return acceptance ? [{ difference, acceptance }] : [];
  });

const runOf = ({ asOf, window, askedBy, failure }: TakenRun, runId: string, now: Instant) => ({
  runId,
  asOf,
  completedAt: now,
  windowFrom: window.from,
  windowTo: window.to,
  askedBy,
  failure,
});

const nothingCompared = (taken: TakenRun, now: Instant): Outcome => ({
  run: { ...runOf(taken, v7(), now), tiesOut: false, lines: [], accepted: [] },
  events: [],
  open: 0,
});

const completedEvent = ({ runId, asOf, completedAt, tiesOut: agrees, lines }: ReconciliationRun): NewEvent => ({
  type: EVENT_TYPES.runCompleted,
  scope: ['ALL'],
  body: { runId, asOf, completedAt, tiesOut: agrees, lines: lines.map((line) => ({ ...line })) },
});
