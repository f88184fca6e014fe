import type { NewEvent, Tx } from '@tieout/persistence';
import { halvesOf, sealed, postingLineOf, type NewDocument } from '../domain/freeze.js';
import type { Consequence } from '../domain/outcomes.js';
import type { Destination } from './destination.js';
import { frozenNote, placementsOf } from './freeze-documents.js';
import { CHANNELS, tell, type AuditNote } from './ledger.js';
import { documentPosted, documentResolved, documentUnknown, lineRejected } from './ledger-events.js';
import type { Ledger } from './ports.js';
import { toMemberLine, type DocumentRow, type Member, type UnknownWhy } from './rows.js';

type Posted = Extract<Consequence, { kind: 'posted' }>;
type Rejected = Extract<Consequence, { kind: 'rejected' }>;

/** Presence counts at any time, so the first look-up need not wait for the settle time. */
const FIRST_LOOK_UP_MS = 500;
const FIRST_ASK_MS = 1_000;

/** A document that the caller has locked, under its fence, with its lines. */
export interface Held {
  readonly row: DocumentRow;
  readonly members: readonly Member[];
  /** Of the span that sent it. */
  readonly traceparent?: string | undefined;
}

/** Writes what came of documents: states of documents and lines, audit, events, and who must plan again, in the caller's transaction. */
export class WriteOutcome {
  constructor(
    private readonly ledger: Ledger,
    private readonly destination: Destination,
  ) {}

  async posted(tx: Tx, all: readonly (Held & { readonly outcome: Posted })[]): Promise<void> {
    if (all.length === 0) return;
    const { documents, postings, clock, rules } = this.ledger;
    const now = clock.now();
    const refused = all.flatMap(({ members, outcome }) => withMessages(members, outcome.refused));
    await postings.move(tx, 'refuse', refused, now);
    await documents.accept(
      tx,
      all.map(({ row, outcome, traceparent }) => ({
        documentKey: row.documentKey,
        externalId: outcome.externalId,
        traceparent,
      })),
      { postedAt: now, confirmAfterMs: this.destination.capabilities.readLagMs },
    );
    await documents.forgetContents(
      tx,
      all.filter(({ outcome }) => outcome.refused.length > 0).map(({ row }) => row.documentKey),
    );
    await tell(tx, this.ledger, {
      audit: [
        ...all.map((held) =>
          note(held, 'document.posted', {
            state: 'posted',
            externalId: held.outcome.externalId,
            postingKeys: held.outcome.accepted,
          }),
        ),
        ...refused.map(refusedNote),
      ],
      events: [
        ...all.map(({ row, members, outcome, traceparent }): NewEvent => {
          const accepted = new Set(outcome.accepted);
          const booked = members.filter((member) => accepted.has(member.postingKey));
          return { ...documentPosted(rules, row, booked, outcome.externalId, row.postedAt ?? now), traceparent };
        }),
        ...all.filter(({ row }) => hasCase(row)).map(({ row }): NewEvent => documentResolved(rules, row, 'adopted', now)),
        ...refused.map((line): NewEvent => lineRejected(rules, line, line.message, now)),
      ],
    });
    await this.#wakePlanner(
      tx,
      all.flatMap(({ members }) => members),
    );
  }

  async rejected(tx: Tx, held: Held, outcome: Rejected): Promise<void> {
    const { row, members } = held;
    const { documents, postings, clock, rules, notices } = this.ledger;
    const now = clock.now();
    const refused = withMessages(members, outcome.refused);
    const freed = new Set(outcome.freed);
    // Lines first: those that are refused stay refused when their document is.
    await postings.move(tx, 'refuse', refused, now);
    await documents.refuse(tx, row.documentKey, outcome.message);
    const halves = outcome.bisect ? this.#halves(row, members) : [];
    if (outcome.bisect) await this.#placeHalves(tx, halves, row.documentKey, now);
    else {
      const closed = outcome.closedPeriod;
      await postings.release(
        tx,
        members.filter((member) => freed.has(member.postingKey)),
        closed === undefined
          ? undefined
          : { period: closed, revision: await rules.periodRevision(tx, row.legalEntityId, closed) },
      );
    }
    await tell(tx, this.ledger, {
      audit: [
        { ...note(held, 'document.rejected', { state: 'rejected', freed: outcome.freed }), reason: outcome.message },
        ...refused.map(refusedNote),
        ...halves.map((half) => frozenNote(half, row.documentKey)),
      ],
      events: [
        ...(hasCase(row) ? [documentResolved(rules, row, 'rejected', now)] : []),
        ...refused.map((line): NewEvent => lineRejected(rules, line, line.message, now)),
      ],
    });
    await this.#wakePlanner(tx, members);
    await notices.wake(tx, outcome.bisect ? CHANNELS.send : CHANNELS.freeze);
  }

  /** Lines that no longer stand, of a document that does: owed again, under their own keys. */
  async freed(tx: Tx, { row, members }: Held, keys: readonly string[]): Promise<void> {
    const { documents, postings, notices } = this.ledger;
    const lines = members.filter(({ postingKey, state }) => state === 'unknown' && keys.includes(postingKey));
    await postings.release(tx, lines, undefined);
    await documents.forgetContents(tx, [row.documentKey]);
    await tell(tx, this.ledger, {
      audit: [
        {
          ...note({ row, members }, 'document.lines-taken-out', { freed: lines.map((line) => line.postingKey) }),
          reason: `${lines.length} lines of ${row.externalId} no longer stand there: they are sent again`,
        },
      ],
      events: [],
    });
    await this.#wakePlanner(tx, lines);
    await notices.wake(tx, CHANNELS.freeze);
  }

  /** Taken, to be booked later: the lines stay on their way. */
  async queued(tx: Tx, held: Held, ticket: string): Promise<void> {
    const { documents, clock } = this.ledger;
    await documents.queue(tx, held.row.documentKey, { ticket, since: clock.now(), askAfterMs: FIRST_ASK_MS });
    await tell(tx, this.ledger, { audit: [note(held, 'document.queued', { state: 'queued', ticket })], events: [] });
  }

  /** Nothing was executed, or nothing stands there: the very same document goes out again. */
  async returned(tx: Tx, held: Held, o: { exposed: boolean; draftId: string | null; message: string }): Promise<void> {
    const { row, members } = held;
    const { documents, clock, rules, notices } = this.ledger;
    const now = clock.now();
    await documents.giveBack(tx, row.documentKey, o);
    await tell(tx, this.ledger, {
      audit: [
        {
          ...note(held, 'document.returned', { state: 'frozen', exposed: o.exposed, draftId: o.draftId }),
          reason: o.message,
        },
      ],
      events: hasCase(row) ? [documentResolved(rules, row, 'not-booked', now)] : [],
    });
    if (!o.exposed) await this.#wakePlanner(tx, members);
    await notices.wake(tx, CHANNELS.send);
  }

  /** `lose`: no answer. `doubt`: it was posted, but does not stand there as sent. */
  async unknown(
    tx: Tx,
    row: DocumentRow,
    o: { event: 'lose' | 'doubt'; why: UnknownWhy; message: string; settleMs: number; fromLease?: boolean },
  ): Promise<void> {
    const { documents, clock, rules } = this.ledger;
    const now = clock.now();
    await documents.lose(tx, row.documentKey, { ...o, since: now, lookAfterMs: FIRST_LOOK_UP_MS });
    await tell(tx, this.ledger, {
      audit: [{ ...note({ row, members: [] }, 'document.unknown', { state: 'unknown', why: o.why }), reason: o.message }],
      events: [documentUnknown(rules, row, 'OUTCOME_UNKNOWN', o.message, now)],
    });
  }

  /** Only a person can bring it on: says so once. */
  async needsPerson(
    tx: Tx,
    row: DocumentRow,
    o: { why: 'duplicate' | 'no-look-up' | 'no-answer'; message: string; externalIds?: readonly string[] },
  ): Promise<void> {
    if (row.unknownWhy === o.why) return;
    const { documents, clock, rules } = this.ledger;
    await documents.nameWhy(tx, row.documentKey, o.why, o.message);
    const reason = o.why === 'duplicate' ? 'DUPLICATE_IN_DESTINATION' : 'OUTCOME_UNKNOWN';
    await tell(tx, this.ledger, {
      audit: [
        {
          ...note({ row, members: [] }, `document.${o.why}`, { state: row.state, why: o.why, externalIds: o.externalIds }),
          reason: o.message,
        },
      ],
      events: [documentUnknown(rules, row, reason, o.message, row.unknownSince ?? clock.now())],
    });
  }

  #halves(row: DocumentRow, members: readonly Member[]): NewDocument[] {
    return halvesOf(members.map(toMemberLine)).map((half) => ({
      // The posting date stays: the halves are the same booking, cut to find the bad line.
      ...sealed({ ...row, documentKey: this.ledger.newKey(), lines: half.map(postingLineOf) }, row.summary ?? undefined),
      group: row.group ?? undefined,
      held: false,
      rank: row.rank,
      lane: row.lane,
      summary: row.summary ?? undefined,
      members: half,
    }));
  }

  async #placeHalves(tx: Tx, halves: readonly NewDocument[], splitFrom: string, now: string): Promise<void> {
    const { documents, postings } = this.ledger;
    await documents.insert(tx, halves, now, splitFrom);
    await postings.place(tx, placementsOf(halves), now);
  }

  async #wakePlanner(tx: Tx, members: readonly Member[]): Promise<void> {
    const entryIds = members.map((member) => member.entryId);
    if (await this.ledger.targets.wake(tx, this.destination.id, entryIds)) await this.ledger.notices.wake(tx, CHANNELS.plan);
  }
}

/** Somebody was told that its outcome is not known. */
const hasCase = ({ state, unknownWhy }: DocumentRow): boolean =>
  state === 'unknown' || (state === 'queued' && unknownWhy !== null);

const note = ({ row, traceparent }: Held, action: string, after: unknown): AuditNote => ({
  action,
  subjectKind: 'document',
  subjectId: row.documentKey,
  legalEntityId: row.legalEntityId,
  before: { state: row.state },
  after,
  traceparent: traceparent ?? row.traceparent ?? undefined,
});

type RefusedRow = Member & { message: string };

const withMessages = (members: readonly Member[], refused: readonly { postingKey: string; message: string }[]): RefusedRow[] => {
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
