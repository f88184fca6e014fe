import { notify, type Log, type Tx } from '@tieout/persistence';
import { ATTR, currentTraceparent, inSpan, recordSpan } from '@tieout/telemetry';
import type { Attempt } from '../adapters/postgres/document.store.js';
import { toFrozenDocument } from '../adapters/postgres/document.table.js';
import type { DocumentRow } from '../adapters/postgres/document.table.js';
import type { PostingRow } from '../adapters/postgres/posting.table.js';
import type { FrozenDocument } from '../domain/freeze.js';
import { consequenceOf, outcomeOfError, type SendOutcome } from '../domain/outcomes.js';
import type { ConnectionHealth } from './connection-health.js';
import { LEASE_MARGIN_MS, leaseMsOf, withDeadline, type Destination } from './destination.js';
import { CHANNELS, tell, type Ledger } from './ledger.js';
import { WriteOutcome, type Held } from './write-outcome.js';

/** A claimed document. `fromMs`: monotonic time before the claim, from which the lease is reckoned. */
interface Job extends Held {
  readonly row: DocumentRow;
  readonly wasExposed: boolean;
  readonly fromMs: number;
}

interface Sent {
  readonly outcome: SendOutcome;
  readonly draftId: string | null;
  readonly error?: unknown;
}

/**
 * Sends frozen documents, as many at a time as the destination takes. Each request is preceded by a committed attempt under a lease and a
 * fence; what comes back after the fence is lost is recorded as an attempt and changes nothing.
 */
export class SendDocuments {
  readonly #inFlight = new Set<Promise<void>>();
  readonly #write: WriteOutcome;

  constructor(
    private readonly ledger: Ledger,
    private readonly destination: Destination,
    private readonly health: ConnectionHealth,
    private readonly log: Log,
  ) {
    this.#write = new WriteOutcome(ledger, destination);
  }

  async run(): Promise<'more' | 'idle'> {
    const { slots } = this.destination;
    if (this.#inFlight.size >= slots.size) await Promise.race(this.#inFlight);
    const free = Math.min(slots.free, slots.size - this.#inFlight.size);
    if (free <= 0) return 'idle';
    const jobs = await this.#claim(free);
    for (const job of jobs) {
      const sending: Promise<void> = slots
        .use(() => this.#send(job))
        // The lease runs out, and the outcome is looked up.
        .catch((error: unknown) =>
          this.log.error({ err: error, document: job.row.documentKey }, 'post document: its outcome could not be stored'),
        )
        .finally(() => this.#inFlight.delete(sending));
      this.#inFlight.add(sending);
    }
    return jobs.length > 0 ? 'more' : 'idle';
  }

  /** Waits for the requests that are under way. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
  }

  async #claim(limit: number): Promise<Job[]> {
    const { database, connections, documents, postings, clock, instance } = this.ledger;
    const { id, capabilities } = this.destination;
    return database.transaction(async (tx) => {
      const fromMs = performance.now();
      const connection = await connections.lock(tx, id);
      if (connection.resting) return [];
      // After a failure one document at a time tries whether the destination is back.
      const room = (connection.failures > 0 ? 1 : capabilities.maxConcurrency) - (await documents.countInFlight(tx, id));
      if (room <= 0) return [];
      const claims = await documents.claim(tx, id, Math.min(limit, room), leaseMsOf(capabilities));
      if (claims.length === 0) return [];
      // The queue is shorter: what did not fill a document may freeze now.
      await notify(tx, CHANNELS.freeze);
      const keys = claims.map(({ row }) => row.documentKey);
      await postings.moveDocuments(tx, 'send', keys, clock.now());
      const members = Map.groupBy(await postings.ofDocuments(tx, keys), (member) => member.documentKey);
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
      return claims.map(({ row, wasExposed }) => ({ row, wasExposed, fromMs, members: members.get(row.documentKey) ?? [] }));
    });
  }

  #firstStep(row: DocumentRow): string {
    if (this.destination.capabilities.protocol !== 'draft-then-post') return 'post';
    return row.draftId === null ? 'create-draft' : 'post-draft';
  }

  async #send(job: Job): Promise<void> {
    const { row, members } = job;
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
        const document = toFrozenDocument(row, members);
        const sent = document.contentHash === row.contentHash ? await this.#request(job, document) : changed(job);
        if (sent === 'lost') return;
        await this.ledger.database.transaction((tx) => this.#record(tx, job, document, sent));
        this.#spanPerLine(members, startMs, sent.outcome);
      },
    );
  }

  /** @returns what came of it, or `lost` when somebody else holds the document by now. */
  async #request(job: Job, document: FrozenDocument): Promise<Sent | 'lost'> {
    const { capabilities } = this.destination;
    const target = this.destination.target();
    if (capabilities.protocol !== 'draft-then-post')
      return { ...(await this.#call(job.fromMs, () => target.post!(document))), draftId: null };
    let { draftId } = job.row;
    let { fromMs } = job;
    if (draftId === null) {
      const drafted = await this.#call(job.fromMs, () => target.createDraft!(document));
      if (drafted.outcome.kind !== 'drafted') return { outcome: drafted.outcome, error: drafted.error, draftId: null };
      draftId = drafted.outcome.draftId;
      fromMs = performance.now();
      if (!(await this.#storeDraft(job.row, draftId))) {
        // Not ours any more, and never posted: whoever holds the document has, or makes, a draft of their own.
        await target.discardDraft?.(draftId).catch(() => undefined);
        return 'lost';
      }
    }
    const id = draftId;
    return { ...(await this.#call(fromMs, () => target.postDraft!(id, document))), draftId };
  }

  /** One writing request, only while the lease is sure to outlive it. */
  async #call<O>(fromMs: number, request: () => Promise<O>): Promise<{ outcome: O | SendOutcome; error?: unknown }> {
    const { requestTimeoutMs } = this.destination.capabilities;
    if (performance.now() - fromMs > LEASE_MARGIN_MS)
      return { outcome: { kind: 'not-executed', message: 'not sent: the claim was too old' } };
    try {
      return { outcome: await withDeadline('write', requestTimeoutMs, request) };
    } catch (error) {
      return { outcome: outcomeOfError(error), error };
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

  async #record(tx: Tx, job: Job, document: FrozenDocument, sent: Sent): Promise<void> {
    const { documents, clock, instance } = this.ledger;
    const row = await documents.lockFenced(tx, job.row);
    const late = row === undefined;
    const step = this.#firstStep({ ...job.row, draftId: sent.draftId });
    await documents.appendAttempts(
      tx,
      [attempt(job.row, step, `${late ? 'late: ' : ''}${sent.outcome.kind}`, detailOf(sent.outcome))],
      instance,
      clock.now(),
    );
    if (late) return;
    const held: Held = { row, members: job.members };
    const consequence = consequenceOf(document, sent.outcome);
    const { capabilities } = this.destination;
    if (consequence.kind === 'posted') await this.#write.posted(tx, held, consequence);
    else if (consequence.kind === 'rejected') await this.#write.rejected(tx, held, document, consequence);
    else if (consequence.kind === 'unknown') {
      const settleMs = capabilities.requestTimeoutMs + capabilities.settleMs;
      await this.#write.unknown(tx, row, { event: 'lose', why: 'no-answer', message: consequence.message, settleMs });
    } else {
      const exposed = job.wasExposed || sent.draftId !== null;
      await this.#write.returned(tx, held, { exposed, draftId: sent.draftId, message: consequence.message });
    }
    if (sent.error !== undefined) await this.health.failed(tx, this.destination.id, sent.error);
    else if (sent.outcome.kind !== 'not-executed') await this.health.answered(tx, this.destination.id);
  }

  /** Each hour's own trace shows the document that it went into. */
  #spanPerLine(members: readonly PostingRow[], startMs: number, outcome: SendOutcome): void {
    const endMs = this.ledger.clock.epochMs();
    const documentSpan = currentTraceparent();
    for (const member of members) {
      recordSpan('post line', {
        parent: member.traceparent,
        links: [documentSpan],
        startMs,
        endMs,
        attributes: {
          [ATTR.entryId]: member.entryId,
          [ATTR.postingKey]: member.postingKey,
          [ATTR.releaseNo]: member.releaseNo,
          [ATTR.document]: member.documentKey ?? '',
          [ATTR.destination]: member.destination,
          [ATTR.legalEntity]: member.legalEntityId,
          ...(outcome.kind === 'posted' && { 'tieout.external_id': outcome.externalId }),
        },
        ...(outcome.kind !== 'posted' && { error: outcome.message }),
      });
    }
  }
}

const attempt = (row: DocumentRow, step: string, outcome: string, detail?: string): Attempt => ({
  documentKey: row.documentKey,
  fence: row.fence,
  step,
  outcome,
  detail,
});

const detailOf = (outcome: SendOutcome): string => (outcome.kind === 'posted' ? outcome.externalId : outcome.message);

/** Its lines are not what was frozen: never sent, and a person must look at every line. */
const changed = (job: Job): Sent => {
  const message = `document ${job.row.documentKey} no longer has the content it was frozen with`;
  return {
    outcome: { kind: 'rejected', cause: 'other', message, lines: job.members.map(({ postingKey }) => ({ postingKey, message })) },
    draftId: job.row.draftId,
  };
};
