import type {
  BookedDocument,
  BookedLine,
  DraftOutcome,
  FoundDocument,
  LedgerPage,
  PostingCapabilities,
  PostingDocument,
  PostingLine,
  PostingProtocol,
  PostingTarget,
  PostOutcome,
  Rejection,
} from '@tieout/connector-kit';
import { Fault } from '@tieout/model';

interface Booking {
  readonly externalId: string;
  state: 'draft' | 'posted';
  readonly document: PostingDocument;
  /** Absent: somebody else booked it. */
  readonly reference: string | undefined;
  lines: readonly PostingLine[];
}

/** What happens to the next write: the request is lost before or after it took effect, or never sent. */
export type Mishap = 'lost-before' | 'lost-after' | 'not-sent' | 'says-yes-writes-nothing';

/** A destination in memory that behaves, or misbehaves, as told. It does what it is asked as often as it is asked. */
export class FakeErp {
  readonly bookings: Booking[] = [];
  readonly mishaps: Mishap[] = [];
  readonly closedPeriods = new Set<string>();
  /** @returns why the line is refused. */
  refuses: (line: PostingLine) => string | undefined = () => undefined;
  /** Throws when these cannot be read. */
  readable: (ids: readonly string[]) => void = () => {};
  /** What becomes of documents under a ticket: undefined, still queued; `lost`, the ticket is not known any more. */
  tellsOf: (document: PostingDocument) => PostOutcome | 'lost' | undefined = () => undefined;
  answersLater = false;
  ledgerPageSize = 3;
  /** Throws when the ledger cannot be listed. */
  listable: () => void = () => {};
  namesLines = true;
  takesParts = false;
  writes = 0;
  /** Runs between a request's arrival and its effect. */
  whileWorking: (document: PostingDocument) => Promise<void> = async () => {};
  #nextId = 1;

  capabilities(protocol: PostingProtocol, over: Partial<PostingCapabilities> = {}): PostingCapabilities {
    return {
      protocol,
      maxLinesPerDocument: 100,
      partialAcceptance: this.takesParts,
      requestTimeoutMs: 2_000,
      settleMs: 0,
      readLagMs: 0,
      maxConcurrency: 2,
      answersLater: this.answersLater,
      ...over,
    };
  }

  target(protocol: PostingProtocol): PostingTarget {
    const reading = {
      verifyAccess: async () => {},
      findByReference: async (key: string): Promise<FoundDocument[]> =>
        this.bookings.filter((b) => b.document.documentKey === key).map(({ externalId, state }) => ({ externalId, state })),
      readLedger: async (window: { from: string; to: string }, cursor: string | undefined) =>
        this.#told(this.#page(window, Number(cursor ?? 0))),
      outcomeOf: async (ticket: string, document: PostingDocument): Promise<PostOutcome> => {
        const told = this.tellsOf(document);
        if (told === 'lost') throw new Fault('OutcomeUnknown', `ticket ${ticket} is not known`);
        return told ?? { kind: 'accepted', ticket };
      },
      readBack: async (ids: readonly string[]): Promise<BookedDocument[]> => {
        this.readable(ids);
        return this.bookings.filter((b) => ids.includes(b.externalId)).map(bookedOf);
      },
    };
    if (protocol === 'draft-then-post') {
      return {
        ...reading,
        createDraft: (document) => this.#write(document, () => this.#draft(document)),
        postDraft: (draftId, document) => this.#write(document, () => this.#postDraft(draftId)),
        discardDraft: async (draftId) => {
          const at = this.bookings.findIndex((b) => b.externalId === draftId && b.state === 'draft');
          if (at >= 0) this.bookings.splice(at, 1);
        },
      };
    }
    const post = (document: PostingDocument) => this.#write(document, () => this.#post(document, protocol));
    if (protocol !== 'none') return { ...reading, post };
    const { findByReference: _, ...blind } = reading;
    return { ...blind, post };
  }

  /** Posted lines by key: a key that is there twice is a duplicate. */
  postedLines(): PostingLine[] {
    return this.bookings.filter((b) => b.state === 'posted').flatMap((b) => b.lines);
  }

  /** Hours that stand per entry. */
  hoursOf(entryId: string): number {
    return this.postedLines()
      .filter((line) => line.entryId === entryId)
      .reduce((sum, line) => sum + Number(line.hours), 0);
  }

  book(document: PostingDocument, state: 'draft' | 'posted' = 'posted', lines = document.lines): Booking {
    const booking = { externalId: `B${this.#nextId++}`, state, document, lines, reference: document.documentKey };
    this.bookings.push(booking);
    return booking;
  }

  /** A predecessor's document: no reference of ours, line numbers of its own. */
  bookStrange(document: Omit<PostingDocument, 'documentKey' | 'contentHash' | 'totals'>): Booking {
    const strange = {
      ...document,
      documentKey: '',
      contentHash: '',
      totals: { count: 0, hours: '0', amounts: {}, hashTotal: '' },
    };
    const booking = {
      externalId: `OLD${this.#nextId++}`,
      state: 'posted' as const,
      document: strange as unknown as PostingDocument,
      lines: document.lines,
      reference: undefined,
    };
    this.bookings.push(booking);
    return booking;
  }

  /** Somebody deletes a document, or one line of it, behind our back. */
  remove(externalId: string, postingKey?: string): void {
    const at = this.bookings.findIndex((b) => b.externalId === externalId);
    const booking = this.bookings[at]!;
    booking.lines = postingKey === undefined ? [] : booking.lines.filter((line) => line.postingKey !== postingKey);
    if (booking.lines.length === 0) this.bookings.splice(at, 1);
  }

  /** Listed without what the ledger would need to write a line back. */
  tellsKeysOnly = false;
  #told(page: LedgerPage): LedgerPage {
    if (!this.tellsKeysOnly) return page;
    const documents = page.documents.map((document) => ({
      ...document,
      lines: document.lines.map(({ postingKey, hours, amount }) => ({ postingKey, hours, amount })),
    }));
    return { ...page, documents };
  }

  #page({ from, to }: { from: string; to: string }, at: number): LedgerPage {
    this.listable();
    const inWindow = this.bookings.filter(({ document: { postingDate } }) => from <= postingDate && postingDate <= to);
    const documents = inWindow.slice(at, at + this.ledgerPageSize).map(ledgerEntryOf);
    const next = at + this.ledgerPageSize;
    return { documents, ...(next < inWindow.length && { next: String(next) }) };
  }

  async #write<O>(document: PostingDocument, effect: () => O): Promise<O> {
    this.writes += 1;
    await this.whileWorking(document);
    const mishap = this.mishaps.shift();
    if (mishap === 'not-sent') throw new Fault('Unavailable', 'connection refused');
    if (mishap === 'lost-before') throw new Fault('OutcomeUnknown', 'cut');
    if (mishap === 'says-yes-writes-nothing') return { kind: 'posted', externalId: 'NOWHERE' } as O;
    const answer = effect();
    if (mishap === 'lost-after') throw new Fault('OutcomeUnknown', 'cut');
    return answer;
  }

  #post(document: PostingDocument, protocol: PostingProtocol): PostOutcome {
    if (this.answersLater) return { kind: 'accepted', ticket: `T-${document.documentKey}` };
    const native = protocol === 'idempotency-key' || protocol === 'upsert';
    const before = native ? this.bookings.find((b) => b.document.documentKey === document.documentKey) : undefined;
    if (before) return { kind: 'posted', externalId: before.externalId };
    const no = this.#rejection(document);
    if (no) return no;
    const refused = this.#refused(document.lines);
    const booking = this.book(
      document,
      'posted',
      document.lines.filter((line) => !refused.some((r) => r.postingKey === line.postingKey)),
    );
    return { kind: 'posted', externalId: booking.externalId, refused };
  }

  #draft(document: PostingDocument): DraftOutcome {
    return { kind: 'drafted', draftId: this.book(document, 'draft').externalId };
  }

  #postDraft(draftId: string): PostOutcome {
    const booking = this.bookings.find((b) => b.externalId === draftId);
    if (booking === undefined) return { kind: 'rejected', message: 'no such draft', cause: 'other', lines: [] };
    const no = this.#rejection(booking.document);
    if (no) return no;
    booking.state = 'posted';
    return { kind: 'posted', externalId: draftId };
  }

  #refused(lines: readonly PostingLine[]) {
    return lines.flatMap((line) => {
      const message = this.refuses(line);
      return message === undefined ? [] : [{ postingKey: line.postingKey, message }];
    });
  }

  #rejection(document: PostingDocument): Rejection | undefined {
    if (this.closedPeriods.has(document.postingPeriod))
      return { kind: 'rejected', message: `period ${document.postingPeriod} is closed`, cause: 'period-closed', lines: [] };
    const refused = this.#refused(document.lines);
    if (refused.length === 0 || this.takesParts) return undefined;
    return { kind: 'rejected', message: 'a line is invalid', cause: 'invalid-line', lines: this.namesLines ? refused : [] };
  }
}

const bookedOf = ({ externalId, state, document, lines }: Booking): BookedDocument => ({
  externalId,
  state,
  postingPeriod: document.postingPeriod,
  lines: lines.map(({ postingKey, hours, amount, members }) => ({ postingKey, hours, amount, ...(members && { members }) })),
});

const ledgerEntryOf = (booking: Booking): BookedDocument => {
  const { document, reference, lines } = booking;
  return {
    ...bookedOf(booking),
    ...(reference !== undefined && { reference }),
    legalEntityId: document.legalEntityId,
    currency: document.currency,
    postingDate: document.postingDate,
    // What an ERP keeps of a line; it has no place for `billable`.
    lines: lines.map(({ billable: _, currency: __, ...line }): BookedLine => line),
  };
};
