import { periodCode } from '@tieout/model';
import { notify, type NewEvent, type Tx } from '@tieout/persistence';
import { currentTraceparent } from '@tieout/telemetry';
import { v7 } from 'uuid';
import type { DocumentRow, UnknownWhy } from '../adapters/postgres/document.table.js';
import type { PostingRow } from '../adapters/postgres/posting.table.js';
import { splitDocument, type FrozenDocument } from '../domain/freeze.js';
import type { Consequence } from '../domain/outcomes.js';
import type { Destination } from './destination.js';
import { CHANNELS, tell, type AuditNote, type Ledger } from './ledger.js';
import { documentPosted, documentResolved, documentUnknown, lineRejected } from './ledger-events.js';

type Posted = Extract<Consequence, { kind: 'posted' }>;
type Rejected = Extract<Consequence, { kind: 'rejected' }>;

/** Presence counts at any time, so the first look-up need not wait for the settle time. */
const FIRST_LOOK_UP_MS = 500;

/** A document that the caller has locked, under its fence, with its lines. */
export interface Held {
  readonly row: DocumentRow;
  readonly members: readonly PostingRow[];
}

/** Writes what came of a document: states of document and lines, audit, events, and who must plan again, in the caller's transaction. */
export class WriteOutcome {
  constructor(
    private readonly ledger: Ledger,
    private readonly destination: Destination,
  ) {}

  async posted(tx: Tx, { row, members }: Held, outcome: Posted): Promise<void> {
    const { documents, postings, clock } = this.ledger;
    const now = clock.now();
    const refused = withMessages(members, outcome.refused);
    await postings.move(tx, 'refuse', refused, now);
    await postings.moveDocuments(tx, 'accept', [row.documentKey], now);
    await documents.accept(tx, row.documentKey, {
      externalId: outcome.externalId,
      postedAt: now,
      confirmAfterMs: this.destination.capabilities.readLagMs,
      traceparent: currentTraceparent(),
    });
    const accepted = new Set(outcome.accepted);
    const booked = members.filter((member) => accepted.has(member.postingKey));
    await tell(tx, this.ledger, {
      audit: [
        this.#note(row, 'document.posted', { state: 'posted', externalId: outcome.externalId, postingKeys: outcome.accepted }),
        ...refused.map(refusedNote),
      ],
      events: [
        documentPosted(row, booked, outcome.externalId, row.postedAt ?? now),
        ...(row.state === 'unknown' ? [documentResolved(row, 'adopted', now)] : []),
        ...refused.map((line): NewEvent => lineRejected(line, line.message, now)),
      ],
    });
    await this.#wakePlanner(tx, members);
  }

  async rejected(tx: Tx, { row, members }: Held, document: FrozenDocument, outcome: Rejected): Promise<void> {
    const { documents, postings, clock } = this.ledger;
    const now = clock.now();
    const refused = withMessages(members, outcome.refused);
    const freed = new Set(outcome.freed);
    await documents.refuse(tx, row.documentKey, outcome.message);
    await postings.move(tx, 'refuse', refused, now);
    await postings.moveDocuments(tx, 'return', [row.documentKey], now);
    const halves = outcome.bisect ? splitDocument(document, v7) : [];
    if (outcome.bisect) {
      await documents.insert(tx, halves, now, row.documentKey);
      await postings.place(
        tx,
        halves.flatMap((half) =>
          half.lines.map(({ postingKey, entryId, account, balancingAccount }) => ({
            documentKey: half.documentKey,
            postingKey,
            entryId,
            account,
            balancingAccount,
          })),
        ),
        now,
      );
    } else {
      await postings.release(
        tx,
        members.filter((member) => freed.has(member.postingKey)),
        outcome.closedPeriod === undefined
          ? undefined
          : { period: outcome.closedPeriod, revision: await this.#revisionOf(tx, row) },
      );
    }
    await tell(tx, this.ledger, {
      audit: [
        { ...this.#note(row, 'document.rejected', { state: 'rejected', freed: outcome.freed }), reason: outcome.message },
        ...refused.map(refusedNote),
        ...halves.map((half) => this.#frozenNote(half, row.documentKey)),
      ],
      events: [
        ...(row.state === 'unknown' ? [documentResolved(row, 'rejected', now)] : []),
        ...refused.map((line): NewEvent => lineRejected(line, line.message, now)),
      ],
    });
    await this.#wakePlanner(tx, members);
    await notify(tx, outcome.bisect ? CHANNELS.send : CHANNELS.freeze);
  }

  /** Nothing was executed, or nothing stands there: the very same document goes out again. */
  async returned(
    tx: Tx,
    { row, members }: Held,
    o: { exposed: boolean; draftId: string | null; message: string },
  ): Promise<void> {
    const { documents, postings, clock } = this.ledger;
    const now = clock.now();
    await documents.giveBack(tx, row.documentKey, o);
    await postings.moveDocuments(tx, 'return', [row.documentKey], now);
    await tell(tx, this.ledger, {
      audit: [
        {
          ...this.#note(row, 'document.returned', { state: 'frozen', exposed: o.exposed, draftId: o.draftId }),
          reason: o.message,
        },
      ],
      events: row.state === 'unknown' ? [documentResolved(row, 'not-booked', now)] : [],
    });
    if (!o.exposed) await this.#wakePlanner(tx, members);
    await notify(tx, CHANNELS.send);
  }

  /** `lose`: no answer. `doubt`: it was posted, but does not stand there as sent. */
  async unknown(
    tx: Tx,
    row: DocumentRow,
    o: { event: 'lose' | 'doubt'; why: UnknownWhy; message: string; settleMs: number },
  ): Promise<void> {
    const { documents, postings, clock } = this.ledger;
    const now = clock.now();
    await documents.lose(tx, row.documentKey, { ...o, since: now, lookAfterMs: FIRST_LOOK_UP_MS });
    await postings.moveDocuments(tx, o.event, [row.documentKey], now);
    await tell(tx, this.ledger, {
      audit: [{ ...this.#note(row, 'document.unknown', { state: 'unknown', why: o.why }), reason: o.message }],
      events: [documentUnknown(row, 'OUTCOME_UNKNOWN', o.message, now)],
    });
  }

  async duplicate(tx: Tx, row: DocumentRow, externalIds: readonly string[]): Promise<void> {
    const message = `the destination holds ${externalIds.length} documents with this reference: ${externalIds.join(', ')}`;
    await this.ledger.documents.nameDuplicate(tx, row.documentKey, message);
    await tell(tx, this.ledger, {
      audit: [{ ...this.#note(row, 'document.duplicate', { state: 'unknown', why: 'duplicate', externalIds }), reason: message }],
      events: [documentUnknown(row, 'DUPLICATE_IN_DESTINATION', message, row.unknownSince ?? this.ledger.clock.now())],
    });
  }

  async #wakePlanner(tx: Tx, members: readonly PostingRow[]): Promise<void> {
    await this.ledger.targets.wake(
      tx,
      this.destination.id,
      members.map((member) => member.entryId),
    );
    await notify(tx, CHANNELS.plan);
  }

  /** What we knew of the period when the destination called it closed. */
  async #revisionOf(tx: Tx, row: DocumentRow): Promise<number> {
    const codes = [periodCode(row.legalEntityId, row.postingPeriod), row.postingPeriod];
    const known = await this.ledger.master.byCodes(
      tx,
      codes.map((code) => ({ kind: 'accounting-period' as const, code })),
    );
    return Math.max(0, ...[...known.values()].map((object) => object.revision));
  }

  #note(row: DocumentRow, action: string, after: unknown): AuditNote {
    return {
      action,
      subjectKind: 'document',
      subjectId: row.documentKey,
      legalEntityId: row.legalEntityId,
      before: { state: row.state },
      after,
      traceparent: currentTraceparent(),
    };
  }

  #frozenNote(half: FrozenDocument, splitFrom: string): AuditNote {
    return {
      action: 'document.frozen',
      subjectKind: 'document',
      subjectId: half.documentKey,
      legalEntityId: half.legalEntityId,
      after: {
        state: 'frozen',
        splitFrom,
        contentHash: half.contentHash,
        totals: half.totals,
        postingKeys: half.lines.map((line) => line.postingKey),
      },
    };
  }
}

type RefusedRow = PostingRow & { message: string };

const withMessages = (
  members: readonly PostingRow[],
  refused: readonly { postingKey: string; message: string }[],
): RefusedRow[] => {
  const messages = new Map(refused.map((line) => [line.postingKey, line.message]));
  return members
    .filter((member) => messages.has(member.postingKey))
    .map((member) => ({ ...member, message: messages.get(member.postingKey)! }));
};

const refusedNote = (line: RefusedRow): AuditNote => ({
  action: 'posting.rejected',
  subjectKind: 'posting',
  subjectId: line.postingKey,
  legalEntityId: line.legalEntityId,
  before: { state: line.state },
  after: { state: 'rejected' },
  reason: line.message,
  traceparent: line.traceparent ?? undefined,
});
