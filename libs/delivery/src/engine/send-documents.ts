import type { Log, Tx } from '@tieout/persistence';
import { ATTR, currentTraceparent, inSpan } from '@tieout/telemetry';
import { notStarted } from '../domain/budget/budget-signal.js';
import type { FrozenDocument } from '../domain/freeze.js';
import { consequenceOf, outcomeOfError, type SendOutcome } from '../domain/outcomes.js';
import { carriedBy } from './carried.js';
import { LEASE_MARGIN_MS, leaseMsOf, OVER, withDeadline, type Destination } from './destination.js';
import { CHANNELS, tell } from './ledger.js';
import { spanPerLine } from './line-spans.js';
import { OutcomeWriter } from './outcome-writer.js';
import type { Attempt, Ledger } from './ports.js';
import type { DocumentRow } from './rows.js';
import { lockedWhy, RESTORE_LOCKS } from './went-back.js';
import { WriteOutcome, type Held } from './write-outcome.js';

/** A claimed document. `fromMs`: monotonic time before the claim, from which the lease is reckoned. */
interface Job extends Held {
  readonly document: FrozenDocument;
  readonly wasExposed: boolean;
  readonly fromMs: number;
}

/** Told once each. */
interface Progress {
  readonly asked: () => void;
  readonly answered: () => void;
}

type Turn = Pick<Job, 'fromMs'> & Pick<Progress, 'asked'> & { readonly rank: number };

interface Sent {
  readonly outcome: SendOutcome;
  readonly draftId: string | null;
}

interface Result {
  readonly job: Job;
  readonly sent: Sent;
  readonly traceparent: string | undefined;
}

/** Documents that one claim takes, where there are so many slots. */
const CLAIM_BATCH = 16;
/** Room for a claim appears a little before the slot: asking more rarely would leave slots idle. */
const ROOM_MS = 25;

/**
 * Sends frozen documents, as many at a time as the budget gives. Each request is preceded by a committed attempt under a lease and a
 * fence; what comes back after the fence is lost is recorded as an attempt and changes nothing.
 */
export class SendDocuments {
  readonly #inFlight = new Set<Promise<void>>();
  readonly #write: WriteOutcome;
  readonly #outcomes: OutcomeWriter<Result>;
  /** Claimed, and not yet before the budget. */
  #claimed = 0;
  /** Claimed, and without an answer yet; those whose outcome is being stored do not count. */
  #unanswered = 0;
  #someEnded = (): void => {};
  /** Said in the log already. */
  #stopped = false;

  constructor(
    private readonly ledger: Ledger,
    private readonly destination: Destination,
    private readonly log: Log,
  ) {
    this.#write = new WriteOutcome(ledger, destination);
    this.#outcomes = new OutcomeWriter(
      (fn) => ledger.database.transaction(fn),
      (tx, results) => this.#record(tx, results),
      log,
      ledger.timers,
    );
  }

  async run(): Promise<'more' | 'idle'> {
    const { budget, capabilities } = this.destination;
    // Claims come in batches too: while enough is under way to keep every slot busy, it is worth waiting for room for more of them.
    const enough = Math.min(CLAIM_BATCH, capabilities.maxConcurrency);
    while (this.#limit() < enough && this.#unanswered > capabilities.maxConcurrency) await this.#someRoom();
    if (this.#limit() <= 0) await this.#someRoom();
    const limit = this.#limit();
    if (limit <= 0) return budget.paused() === undefined ? 'more' : 'idle';
    const jobs = await this.#claim(limit);
    for (const job of jobs) this.#start(job);
    return jobs.length > 0 ? 'more' : 'idle';
  }

  /** Until a request ends, or the rate may have made room. */
  async #someRoom(): Promise<void> {
    if (this.#unanswered === 0 && this.#limit() > 0) return;
    const cut = new AbortController();
    const ended = new Promise<void>((resolve) => (this.#someEnded = resolve));
    await Promise.race([ended, this.ledger.timers.sleep(ROOM_MS, cut.signal)]);
    cut.abort(OVER);
  }

  /** Waits for the requests that are under way. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
  }

  /** The budget reckons with what waits for it already; what is claimed and not yet there, it cannot know. */
  #limit(): number {
    return Math.max(0, this.destination.budget.room() - this.#claimed);
  }

  #start(job: Job): void {
    this.#claimed += 1;
    this.#unanswered += 1;
    const asked = once(() => (this.#claimed -= 1));
    const answered = once(() => {
      this.#unanswered -= 1;
      this.#someEnded();
    });
    const sending: Promise<void> = this.#send(job, { asked, answered })
      // The lease runs out, and the outcome is looked up.
      .catch((error: unknown) =>
        this.log.error({ err: error, document: job.row.documentKey }, 'post document: its outcome could not be stored'),
      )
      .finally(() => {
        asked();
        answered();
        this.#inFlight.delete(sending);
      });
    this.#inFlight.add(sending);
  }

  async #claim(limit: number): Promise<Job[]> {
    const { database, documents, clock, instance, timers, notices } = this.ledger;
    const { id, capabilities } = this.destination;
    return database.transaction(async (tx) => {
      const fromMs = timers.monotonicMs();
      if (await this.#locked(tx)) return [];
      const except = await this.ledger.rules.frozenEntities(tx, id);
      const claims = await documents.claim(tx, id, { limit, leaseMs: leaseMsOf(capabilities), instance, except });
      if (claims.length === 0) return [];
      // The queue is empty: what did not fill a document may freeze now.
      if (claims.length < limit) await notices.wake(tx, CHANNELS.freeze);
      const carried = await carriedBy(
        tx,
        this.ledger,
        claims.map(({ row }) => row),
      );
      await documents.appendAttempts(
        tx,
        claims.map(({ row }) => attempt(row, this.#firstStep(row), 'started')),
        instance,
        clock.now(),
      );
      await tell(tx, this.ledger, {
        audit: claims.map(({ row }) => ({
          action: 'document.sending',
          subjectKind: 'document',
          subjectId: row.documentKey,
          legalEntityId: row.legalEntityId,
          before: { state: 'frozen' },
          after: { state: 'sending', fence: row.fence },
        })),
        events: [],
      });
      return claims.map(({ row, wasExposed }) => ({ row, wasExposed, fromMs, ...carried.get(row.documentKey)! }));
    });
  }

  async #locked(tx: Tx): Promise<boolean> {
    const { id } = this.destination;
    const why = await lockedWhy(tx, this.ledger, id);
    const stopped = why !== null && RESTORE_LOCKS.includes(why);
    if (stopped && !this.#stopped) this.log.error({ connection: id }, why);
    this.#stopped = stopped;
    return why !== null;
  }

  #firstStep(row: DocumentRow): string {
    if (this.destination.capabilities.protocol !== 'draft-then-post') return 'post';
    return row.draftId === null ? 'create-draft' : 'post-draft';
  }

  async #send(job: Job, { asked, answered }: Progress): Promise<void> {
    const { row, members, document } = job;
    const attributes = {
      [ATTR.document]: row.documentKey,
      [ATTR.destination]: row.destination,
      [ATTR.legalEntity]: row.legalEntityId,
    };
    await inSpan(
      'post document',
      {
        kind: 'client',
        parent: null,
        links: members.map((member) => member.traceparent ?? undefined),
        attributes: { ...attributes, 'tieout.lines': members.length },
      },
      async () => {
        const startMs = this.ledger.clock.epochMs();
        const sent = document.contentHash === row.contentHash ? await this.#request(job, asked) : changed(job);
        answered();
        if (sent === 'lost') return;
        await this.#outcomes.store({ job, sent, traceparent: currentTraceparent() });
        spanPerLine(members, sent.outcome, { startMs, endMs: this.ledger.clock.epochMs() });
      },
    );
  }

  /** @returns what came of it, or `lost` when somebody else holds the document by now. */
  async #request(job: Job, asked: () => void): Promise<Sent | 'lost'> {
    const { capabilities } = this.destination;
    const { document } = job;
    const target = this.destination.target();
    const turn: Turn = { fromMs: job.fromMs, rank: job.row.rank, asked };
    if (capabilities.protocol !== 'draft-then-post')
      return { ...(await this.#call(turn, () => target.post!(document))), draftId: null };
    let { draftId } = job.row;
    let { fromMs } = job;
    if (draftId === null) {
      const drafted = await this.#call(turn, () => target.createDraft!(document));
      if (drafted.outcome.kind !== 'drafted') return { outcome: drafted.outcome, draftId: null };
      draftId = drafted.outcome.draftId;
      fromMs = this.ledger.timers.monotonicMs();
      if (!(await this.#storeDraft(job.row, draftId))) {
        // Not ours any more, and never posted: whoever holds the document has, or makes, a draft of their own.
        await this.#discard(draftId);
        return 'lost';
      }
    }
    const id = draftId;
    return { ...(await this.#call({ ...turn, fromMs }, () => target.postDraft!(id, document))), draftId };
  }

  /** Costs a request like any other; a draft that stays books nothing. */
  async #discard(draftId: string): Promise<void> {
    const { capabilities, budget } = this.destination;
    const discard = async (): Promise<void> => this.destination.target().discardDraft?.(draftId);
    const request = budget.use('look-up', () =>
      withDeadline(this.ledger.timers, 'write', capabilities.requestTimeoutMs, discard),
    );
    await request.catch(() => undefined);
  }

  /** One writing request, when its turn comes, and only while the lease is sure to outlive it. */
  async #call<O>(turn: Turn, request: () => Promise<O>): Promise<{ outcome: O | SendOutcome }> {
    const { capabilities, budget } = this.destination;
    const { timers } = this.ledger;
    try {
      const started = async (): Promise<O> => {
        if (timers.monotonicMs() - turn.fromMs > LEASE_MARGIN_MS) throw notStarted('the claim was too old');
        return withDeadline(timers, 'write', capabilities.requestTimeoutMs, request);
      };
      const outcome = budget.use('send', started, turn.rank);
      turn.asked();
      return { outcome: await outcome };
    } catch (error) {
      return { outcome: outcomeOfError(error) };
    }
  }

  async #storeDraft(row: DocumentRow, draftId: string): Promise<boolean> {
    const { database, documents, clock, instance } = this.ledger;
    return database.transaction(async (tx) => {
      const stored = await documents.storeDraft(tx, row, draftId, leaseMsOf(this.destination.capabilities));
      const made = attempt(row, 'create-draft', stored ? 'drafted' : 'late: drafted', draftId);
      await documents.appendAttempts(
        tx,
        stored ? [made, attempt(row, 'post-draft', 'started', draftId)] : [made],
        instance,
        clock.now(),
      );
      return stored;
    });
  }

  async #record(tx: Tx, results: readonly Result[]): Promise<void> {
    const { documents, clock, instance } = this.ledger;
    const locked = new Map(
      (
        await documents.lockFenced(
          tx,
          results.map(({ job }) => job.row),
        )
      ).map((row) => [row.documentKey, row]),
    );
    await documents.appendAttempts(
      tx,
      results.map(({ job, sent }) => {
        const late = locked.has(job.row.documentKey) ? '' : 'late: ';
        const step = this.#firstStep({ ...job.row, draftId: sent.draftId });
        return attempt(job.row, step, `${late}${sent.outcome.kind}`, detailOf(sent.outcome));
      }),
      instance,
      clock.now(),
    );
    const ours = results.filter(({ job }) => locked.has(job.row.documentKey));
    const consequences = ours.map((result) => ({
      ...result,
      held: { row: locked.get(result.job.row.documentKey)!, members: result.job.members, traceparent: result.traceparent },
      consequence: consequenceOf(result.job.document, result.sent.outcome),
    }));
    await this.#write.posted(
      tx,
      consequences.flatMap(({ held, consequence }) => (consequence.kind === 'posted' ? [{ ...held, outcome: consequence }] : [])),
    );
    for (const { held, consequence, job, sent } of consequences) {
      if (consequence.kind === 'rejected') await this.#write.rejected(tx, held, consequence);
      else if (consequence.kind === 'queued') await this.#write.queued(tx, held, consequence.ticket);
      else if (consequence.kind === 'unknown') await this.#write.unknown(tx, held.row, this.#lost(consequence.message));
      else if (consequence.kind === 'returned') {
        const exposed = job.wasExposed || sent.draftId !== null;
        await this.#write.returned(tx, held, { exposed, draftId: sent.draftId, message: consequence.message });
      }
    }
  }

  #lost(message: string) {
    const { requestTimeoutMs, settleMs } = this.destination.capabilities;
    return { event: 'lose' as const, why: 'no-answer' as const, message, settleMs: requestTimeoutMs + settleMs };
  }
}

const once = (fn: () => void): (() => void) => {
  let done = false;
  return () => {
    if (!done) fn();
    done = true;
  };
};

const attempt = (row: DocumentRow, step: string, outcome: string, detail?: string): Attempt => ({
  documentKey: row.documentKey,
  fence: row.fence,
  step,
  outcome,
  detail,
});

const detailOf = (outcome: SendOutcome): string => {
  if (outcome.kind === 'posted') return outcome.externalId;
  return outcome.kind === 'accepted' ? outcome.ticket : outcome.message;
};

/** Its lines are not what was frozen: never sent, and a person must look at every line. */
const changed = ({ row, document: { lines } }: Job): Sent => {
  const message = `document ${row.documentKey} no longer has the content it was frozen with`;
  return {
    outcome: { kind: 'rejected', cause: 'other', message, lines: lines.map(({ postingKey }) => ({ postingKey, message })) },
    draftId: row.draftId,
  };
};
