import type { FoundDocument, PostingCapabilities } from '@tieout/connector-kit';
import { isFault } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import { postingKeysOf } from '../domain/freeze.js';
import {
  backOffMs,
  consequenceOf,
  differenceOf,
  lookUpVerdict,
  type Consequence,
  type LookUpVerdict,
} from '../domain/outcomes.js';
import { withDeadline, LEASE_MARGIN_MS, type Destination } from './destination.js';
import type { Ledger } from './ports.js';
import { toFrozenDocument, type DocumentRow, type PostingRow } from './rows.js';
import { lockedWhy } from './went-back.js';
import { WriteOutcome, type Held } from './write-outcome.js';

const EXPIRED_BATCH = 50;
const DRAFTS_BATCH = 10;
const FIRST_LOOK_MS = 500;
const LATEST_LOOK_MS = 60_000;

const HOUR_MS = 3_600_000;
/** Bureaus and batch ledgers book within hours; one that needs longer to settle has longer to acknowledge, too. */
const ticketPatienceMs = ({ settleMs }: PostingCapabilities): number => Math.max(4 * HOUR_MS, 4 * settleMs);

type Verdict =
  | LookUpVerdict
  | { readonly kind: 'as-sent' }
  /** It stands as sent, but for lines that somebody took out of it. */
  | { readonly kind: 'taken-out' }
  /** What the destination says of a ticket. */
  | { readonly kind: 'told'; readonly consequence: Consequence }
  | { readonly kind: 'no-look-up' };
interface Finding {
  readonly verdict: Verdict;
  /** Postings that do not stand there, where the destination may take a part only. */
  readonly missing: readonly string[];
}

/** Finds out what became of documents without an answer: looks by reference, then adopts or sends the same document again. */
export class ResolveUnknown {
  readonly #write: WriteOutcome;

  constructor(
    private readonly ledger: Ledger,
    private readonly destination: Destination,
  ) {
    this.#write = new WriteOutcome(ledger, destination);
  }

  async run(): Promise<'more' | 'idle'> {
    const { database, documents } = this.ledger;
    const { id, budget, capabilities } = this.destination;
    // Its attempts would count up to where the store was, and hide from the senders that it went back.
    await database.transaction((tx) => lockedWhy(tx, this.ledger, id));
    const expired = await database.transaction((tx) => this.#expire(tx));
    if (budget.paused('look-up') !== undefined) return 'idle';
    const limit = capabilities.maxConcurrency;
    const due = await database.transaction((tx) =>
      documents.takeDue(tx, id, {
        states: ['unknown', 'queued'],
        limit,
        holdMs: capabilities.requestTimeoutMs * 2 + LEASE_MARGIN_MS,
      }),
    );
    await Promise.all(due.map((row) => this.#resolve(row)));
    await this.#discardDrafts();
    return due.length === limit || expired === EXPIRED_BATCH ? 'more' : 'idle';
  }

  /**
   * What the last life of this instance left on its way: that process is gone, so its outcomes are looked up at once. Absence still counts
   * only after the lease, since the destination may go on without its caller. Call it before the first claim.
   */
  async takeOver(): Promise<void> {
    const { database, documents, instance } = this.ledger;
    const { id, capabilities } = this.destination;
    const message = 'the process that sent it ended before it stored the outcome';
    await database.transaction(async (tx) => {
      for (const row of await documents.lockClaimedBy(tx, id, instance))
        await this.#write.unknown(tx, row, {
          event: 'lose',
          why: 'no-answer',
          message,
          settleMs: capabilities.settleMs,
          fromLease: true,
        });
    });
  }

  /** Senders that vanished. The lease outlived the request, so only the settle time is left to wait for. */
  async #expire(tx: Tx): Promise<number> {
    const { id, capabilities } = this.destination;
    const rows = await this.ledger.documents.lockExpired(tx, id, EXPIRED_BATCH);
    for (const row of rows) {
      const message = 'the sender vanished before it stored the outcome';
      await this.#write.unknown(tx, row, { event: 'lose', why: 'no-answer', message, settleMs: capabilities.settleMs });
    }
    return rows.length;
  }

  async #resolve(row: DocumentRow): Promise<void> {
    const { database, documents } = this.ledger;
    const again = backOffMs(row.lookUps + 1, FIRST_LOOK_MS, LATEST_LOOK_MS);
    let finding: Finding;
    try {
      finding = await this.#find(row);
    } catch (error) {
      // The budget learnt how it ended; here it only means: not yet. But a ticket that leads nowhere stays without an answer.
      const nowhere = row.state === 'queued' && isFault(error, 'OutcomeUnknown');
      await database.transaction(async (tx) => {
        if ((await documents.lockFenced(tx, [row])).length === 0) return;
        if (nowhere) return this.#ticketLost(tx, row, error.message);
        // An answer that contradicts what was sent: it is asked on, and a person need not wait for the patience to end.
        if (row.state === 'queued' && isFault(error, 'ContractBroken'))
          await this.#write.needsPerson(tx, row, { why: 'no-answer', message: error.message });
        return documents.lookAgain(tx, row.documentKey, again);
      });
      return;
    }
    const surplus = 'surplusDrafts' in finding.verdict ? finding.verdict.surplusDrafts : [];
    await database.transaction((tx) => this.#apply(tx, row, finding, again));
    const target = this.destination.target();
    for (const draftId of surplus) await this.#writing(async () => target.discardDraft?.(draftId)).catch(() => undefined);
  }

  #read<T>(request: () => Promise<T>): Promise<T> {
    return this.#call('read', request);
  }
  #writing<T>(request: () => Promise<T>): Promise<T> {
    return this.#call('write', request);
  }
  #call<T>(effect: 'read' | 'write', request: () => Promise<T>): Promise<T> {
    const { budget, capabilities } = this.destination;
    return budget.use('look-up', () => withDeadline(this.ledger.timers, effect, capabilities.requestTimeoutMs, request));
  }

  async #find(row: DocumentRow): Promise<Finding> {
    const target = this.destination.target();
    if (row.ticket !== null) return { verdict: await this.#ask(row, row.ticket), missing: [] };
    if (row.unknownWhy === 'differs') return this.#stillDiffers(row);
    if (target.findByReference === undefined) return { verdict: { kind: 'no-look-up' }, missing: [] };
    const { capabilities } = this.destination;
    const found: readonly FoundDocument[] = await this.#read(() => target.findByReference!(row.documentKey));
    const verdict = lookUpVerdict(found, {
      protocol: capabilities.protocol,
      draftId: row.draftId ?? undefined,
      absenceCounts: row.absenceCounts,
    });
    if (verdict.kind !== 'adopt' || !(capabilities.partialAcceptance || row.unknownWhy === 'not-found'))
      return { verdict, missing: [] };
    const [booked] = await this.#read(() => target.readBack([verdict.externalId]));
    // Found by its reference but not by its id: not there as long as it cannot be read back.
    if (booked === undefined) return { verdict: { kind: 'wait' }, missing: [] };
    if (!capabilities.partialAcceptance) return { verdict, missing: [] };
    const there = new Set(booked.lines.map((line) => line.postingKey));
    const sent = toFrozenDocument(row, await this.#members(row)).lines;
    return { verdict, missing: sent.filter((line) => !there.has(line.postingKey)).flatMap(postingKeysOf) };
  }

  async #ask(row: DocumentRow, ticket: string): Promise<Verdict> {
    const target = this.destination.target();
    const document = toFrozenDocument(row, await this.#members(row));
    const outcome = await this.#read(() => target.outcomeOf!(ticket, document));
    const consequence = consequenceOf(document, outcome);
    return consequence.kind === 'queued' ? { kind: 'wait' } : { kind: 'told', consequence };
  }

  /** From now on it is looked up by its reference, like any document without an answer. */
  async #ticketLost(tx: Tx, row: DocumentRow, message: string): Promise<void> {
    const { requestTimeoutMs, settleMs } = this.destination.capabilities;
    await this.#write.unknown(tx, row, { event: 'lose', why: 'no-answer', message, settleMs: requestTimeoutMs + settleMs });
  }

  /** Still queued: asked again, and after its patience it is a person's case too. */
  async #stillQueued(tx: Tx, row: DocumentRow): Promise<void> {
    const waitedMs = this.ledger.clock.epochMs() - Date.parse(row.unknownSince ?? this.ledger.clock.now());
    if (waitedMs >= ticketPatienceMs(this.destination.capabilities))
      await this.#write.needsPerson(tx, row, { why: 'no-answer', message: whatToAsk(row, waitedMs) });
  }

  /**
   * It stands there, otherwise than sent. Somebody may mend it there; and lines that were taken out of it, while the others stand as they
   * were sent, are owed again as soon as absence counts.
   */
  async #stillDiffers(row: DocumentRow): Promise<Finding> {
    const [booked] = await this.#read(() => this.destination.target().readBack([row.externalId!]));
    if (booked === undefined) return { verdict: { kind: 'wait' }, missing: [] };
    const { lines } = toFrozenDocument(row, await this.#members(row));
    const { postingPeriod } = row;
    if (differenceOf({ postingPeriod, lines }, booked) === undefined) return { verdict: { kind: 'as-sent' }, missing: [] };
    const there = new Set(booked.lines.map((line) => line.postingKey));
    const standing = lines.filter((line) => there.has(line.postingKey));
    const only =
      row.absenceCounts && standing.length > 0 && differenceOf({ postingPeriod, lines: standing }, booked) === undefined;
    if (!only) return { verdict: { kind: 'wait' }, missing: [] };
    return {
      verdict: { kind: 'taken-out' },
      missing: lines.filter((line) => !there.has(line.postingKey)).flatMap(postingKeysOf),
    };
  }

  async #apply(tx: Tx, taken: DocumentRow, { verdict, missing }: Finding, againMs: number): Promise<void> {
    const { documents, postings, clock, instance } = this.ledger;
    const [row] = await documents.lockFenced(tx, [taken]);
    const outcome = `${row === undefined ? 'late: ' : ''}${verdict.kind}`;
    await documents.appendAttempts(
      tx,
      [{ documentKey: taken.documentKey, fence: taken.fence, step: taken.ticket === null ? 'look-up' : 'ask', outcome }],
      instance,
      clock.now(),
    );
    if (row === undefined) return;
    const held = { row, members: await postings.ofDocuments(tx, [row.documentKey]) };
    switch (verdict.kind) {
      case 'adopt':
        return this.#adopt(tx, held, verdict.externalId, missing);
      case 'as-sent':
        return this.#adopt(tx, held, row.externalId!, missing);
      case 'taken-out':
        await this.#write.freed(tx, held, missing);
        return this.#adopt(
          tx,
          { row, members: held.members.filter(({ postingKey }) => !missing.includes(postingKey)) },
          row.externalId!,
          [],
        );
      case 'told':
        return this.#told(tx, held, verdict.consequence);
      case 'post-draft':
        return this.#write.returned(tx, held, {
          exposed: true,
          draftId: verdict.draftId,
          message: 'the destination has the draft, not yet posted',
        });
      case 'resend':
        return this.#write.returned(tx, held, {
          exposed: true,
          draftId: null,
          message: 'the destination has no document with this reference',
        });
      case 'duplicate': {
        const { externalIds } = verdict;
        const message = `the destination holds ${externalIds.length} documents with this reference: ${externalIds.join(', ')}`;
        await this.#write.needsPerson(tx, row, { why: 'duplicate', message, externalIds });
        return documents.lookAgain(tx, row.documentKey, LATEST_LOOK_MS);
      }
      case 'no-look-up':
        await this.#write.needsPerson(tx, row, { why: 'no-look-up', message: whatToCheck(row) });
        return documents.lookAgain(tx, row.documentKey, LATEST_LOOK_MS);
      case 'wait':
        if (row.state === 'queued') await this.#stillQueued(tx, row);
        return documents.lookAgain(tx, row.documentKey, againMs);
    }
  }

  async #adopt(tx: Tx, { row, members: all }: Held, externalId: string, missing: readonly string[]): Promise<void> {
    const gone = new Set(missing);
    const members = all.filter((member) => member.state === 'unknown');
    await this.#write.posted(tx, [
      {
        row,
        members,
        outcome: {
          kind: 'posted',
          externalId,
          accepted: members.map((member) => member.postingKey).filter((key) => !gone.has(key)),
          refused: members
            .filter((member) => gone.has(member.postingKey))
            .map(({ postingKey }) => ({ postingKey, message: 'the destination booked the document without this line' })),
        },
      },
    ]);
  }

  async #told(tx: Tx, held: Held, consequence: Consequence): Promise<void> {
    if (consequence.kind === 'posted') await this.#write.posted(tx, [{ ...held, outcome: consequence }]);
    else if (consequence.kind === 'rejected') await this.#write.rejected(tx, held, consequence);
    else if (consequence.kind === 'returned' || consequence.kind === 'unknown')
      await this.ledger.documents.lookAgain(tx, held.row.documentKey, LATEST_LOOK_MS);
  }

  async #members(row: DocumentRow): Promise<PostingRow[]> {
    return (await this.ledger.postings.ofDocuments(this.ledger.database, [row.documentKey])).filter(
      (member) => member.state === 'unknown' || member.state === 'sending',
    );
  }

  /** Drafts of refused documents book nothing, but somebody would wonder about them. */
  async #discardDrafts(): Promise<void> {
    const { database, documents } = this.ledger;
    const { id } = this.destination;
    for (const { documentKey, draftId } of await documents.draftsToDiscard(database, id, DRAFTS_BATCH)) {
      try {
        await this.#writing(async () => this.destination.target().discardDraft?.(draftId));
        await documents.draftDiscarded(database, documentKey);
      } catch {
        return;
      }
    }
  }
}

const whatToAsk = ({ documentKey, ticket, postingPeriod }: DocumentRow, waitedMs: number): string =>
  `Taken under ticket ${ticket} for period ${postingPeriod}, and not booked for ${Math.floor(waitedMs / HOUR_MS)} hours. It is asked on. ` +
  `Ask those who run the destination what became of the ticket; if it answers no more, say whether document ${documentKey} is booked ` +
  `(with its number) or not.`;

const whatToCheck = ({ documentKey, postingPeriod, postingDate, totals, currency }: DocumentRow): string =>
  `No answer came, and this destination cannot be asked. Look there for a document in period ${postingPeriod}, dated ${postingDate}, ` +
  `with ${totals.count} lines, ${totals.hours} hours and ${totals.amounts[currency] ?? '0'} ${currency}; ` +
  `then say whether document ${documentKey} is booked (with its number) or not.`;
