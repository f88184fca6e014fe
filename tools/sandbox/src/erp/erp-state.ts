import { AppendLog } from '../kit/append-log.js';
import { VendorError } from '../kit/system.js';
import type { Dimension, ErpJournal, ErpLine, ErpPeriod, LineProblem, NewJournal, Ticket, VendorProblem } from './erp-words.js';
import { JournalIndex, type Place } from './journal-index.js';
import { DATE, MasterLists } from './master-lists.js';

export type { ErpJournal, ErpLine, ErpPeriod, NewJournal } from './erp-words.js';

/** What is booked; `sent` and `refused` where that is not what was sent. */
interface Booking {
  readonly journal: ErpJournal;
  readonly key?: string | undefined;
  readonly ticket?: string | undefined;
  readonly sent?: readonly ErpLine[] | undefined;
  readonly refused?: readonly LineProblem[] | undefined;
}
/** How to book: under which key, for which ticket, and what is left out or changed. */
export type BookingOptions = Omit<Booking, 'journal' | 'sent'> & { readonly lines?: readonly ErpLine[] };

type ErpRecord =
  | { readonly t: 'company'; readonly code: string; readonly currency: string }
  | { readonly t: 'period'; readonly period: ErpPeriod }
  | { readonly t: 'dimension'; readonly dimension: Dimension; readonly codes: readonly string[] }
  | ({ readonly t: 'journal' } & Booking)
  | { readonly t: 'replaced'; readonly journal: ErpJournal }
  | { readonly t: 'draft'; readonly journal: ErpJournal }
  | { readonly t: 'draft-posted'; readonly journalNo: string; readonly postedAt: string }
  | { readonly t: 'draft-deleted'; readonly journalNo: string }
  | { readonly t: 'ticket'; readonly ticket: string; readonly journal: NewJournal; readonly key?: string | undefined }
  | { readonly t: 'ticket-refused'; readonly ticket: string; readonly error: VendorProblem }
  | { readonly t: 'tamper'; readonly journalNo: string; readonly lineRef: string; readonly change: Partial<ErpLine> | null };

/** What a key was used for first. */
export interface KeyUse {
  readonly content: NewJournal;
  readonly journalNo?: string | undefined;
  readonly ticket?: string | undefined;
  readonly refused?: readonly LineProblem[] | undefined;
}

/** Companies, periods, dimensions and journals of the sandbox ERP. */
export class ErpState {
  readonly masters = new MasterLists();
  /** Posted ones only. */
  readonly journals = new Map<string, ErpJournal>();
  readonly drafts = new Map<string, ErpJournal>();
  readonly tickets = new Map<string, Ticket>();
  readonly index = new JournalIndex();
  readonly #byKey = new Map<string, KeyUse>();
  readonly #queued = new Map<string, Set<string>>();
  readonly #log: AppendLog<ErpRecord>;
  #lastNo = 0;

  constructor(dataFile?: string) {
    this.#log = new AppendLog(dataFile);
    this.#log.replay((record) => this.#apply(record));
  }
  close(): void {
    this.#log.close();
  }
  get companies(): MasterLists['companies'] {
    return this.masters.companies;
  }
  get periods(): MasterLists['periods'] {
    return this.masters.periods;
  }
  get dimensions(): MasterLists['dimensions'] {
    return this.masters.dimensions;
  }
  putCompany(code: string, currency: string): void {
    this.#write({ t: 'company', code, currency });
  }
  putPeriod(period: ErpPeriod): void {
    if (!DATE.test(period.from) || !DATE.test(period.to) || !['open', 'closing', 'closed'].includes(period.state))
      throw new VendorError(400, 'PERIOD_INVALID', 'a period needs from, to and a state of open, closing or closed');
    this.#write({ t: 'period', period });
  }
  addCodes(dimension: Dimension, codes: readonly string[]): void {
    this.#write({ t: 'dimension', dimension, codes });
  }
  /** Changes or removes what stands in the books, past all rules: for reconciliation to find. */
  tamper(journalNo: string, lineRef: string, change: Partial<ErpLine> | null): void {
    this.#write({ t: 'tamper', journalNo, lineRef, change });
  }
  nextNo(): string {
    this.#lastNo += 1;
    return String(this.#lastNo);
  }
  /** What the key was used for earlier. @throws VendorError 409 when that was other content. */
  useOf(key: string, journal: NewJournal): KeyUse | undefined {
    const use = this.#byKey.get(key);
    if (use && !sameContent(use.content, journal))
      throw new VendorError(409, 'IDEMPOTENCY_KEY_REUSED', 'the Idempotency-Key was used for another journal');
    return use;
  }
  /** Books without looking whether it stands already: the reference is not unique here, as in many real systems. */
  book(journal: NewJournal, { lines = journal.lines, key, ticket, refused }: BookingOptions = {}): ErpJournal {
    const booked = { ...contentOf(journal), lines, journalNo: this.nextNo(), postedAt: new Date().toISOString() };
    const sent = lines === journal.lines ? undefined : journal.lines;
    this.#write({ t: 'journal', journal: booked, key, ticket, sent, refused });
    return booked;
  }
  /** Puts other content under the number of a posted journal. */
  replace(standing: ErpJournal, journal: NewJournal): ErpJournal {
    const replaced = { ...standing, ...contentOf(journal), lines: journal.lines };
    if (!sameContent(standing, journal)) this.#write({ t: 'replaced', journal: replaced });
    return replaced;
  }
  draft(journal: NewJournal): ErpJournal {
    const made = { ...contentOf(journal), lines: journal.lines, journalNo: this.nextNo(), postedAt: new Date().toISOString() };
    this.#write({ t: 'draft', journal: made });
    return made;
  }
  postDraft(journalNo: string): ErpJournal {
    this.#write({ t: 'draft-posted', journalNo, postedAt: new Date().toISOString() });
    return this.journals.get(journalNo)!;
  }
  deleteDraft(journalNo: string): void {
    this.#write({ t: 'draft-deleted', journalNo });
  }
  /** Takes a journal for later. @returns its ticket. */
  enqueue(journal: NewJournal, key?: string): string {
    const ticket = `T${this.nextNo()}`;
    this.#write({ t: 'ticket', ticket, journal, key });
    return ticket;
  }
  refuse(ticket: string, error: VendorProblem): void {
    this.#write({ t: 'ticket-refused', ticket, error });
  }
  /** Tickets that still wait, of one reference or of all. */
  queued(reference?: string): readonly string[] {
    const references = reference === undefined ? [...this.#queued.keys()] : [reference];
    return references.flatMap((name) => [...(this.#queued.get(name) ?? [])]);
  }
  /** Posted ones only. */
  byReference(reference: string): ErpJournal[] {
    return this.index.byReference(reference).flatMap((no) => this.journals.get(no) ?? []);
  }
  draftsOf(reference: string): ErpJournal[] {
    return this.index.byReference(reference).flatMap((no) => this.drafts.get(no) ?? []);
  }
  byLineRef(lineRef: string): ErpJournal[] {
    return this.index.byLineRef(lineRef, this.journals.values()).map((no) => this.journals.get(no)!);
  }
  *between(from: string, to: string, start: Place): Generator<Place & { readonly journal: ErpJournal }> {
    for (const { date, position, journalNo } of this.index.between(from, to, start)) {
      const journal = this.journals.get(journalNo)!;
      // Replaced by one with another date: it stands there.
      if (journal.journalDate === date) yield { date, position, journal };
    }
  }
  #write(record: ErpRecord): void {
    this.#log.append(record);
    this.#apply(record);
  }
  #apply(record: ErpRecord): void {
    switch (record.t) {
      case 'company':
        return void this.companies.set(record.code, { code: record.code, currency: record.currency });
      case 'period':
        return void this.periods.set(`${record.period.company}/${record.period.name}`, record.period);
      case 'dimension':
        for (const code of record.codes) this.dimensions[record.dimension].add(code);
        return;
      case 'journal':
        return this.#applyBooking(record);
      case 'replaced':
        return this.#applyReplaced(record.journal);
      case 'draft':
        this.drafts.set(record.journal.journalNo, record.journal);
        return this.#number(record.journal);
      case 'draft-posted':
        return this.#applyPosted({ ...this.drafts.get(record.journalNo)!, postedAt: record.postedAt });
      case 'draft-deleted':
        return this.#applyDeleted(record.journalNo);
      case 'ticket':
        return this.#applyTicket(record);
      case 'ticket-refused':
        return this.#settle(record.ticket, { state: 'refused', error: record.error });
      case 'tamper':
        return this.#applyTamper(record);
    }
  }
  #applyBooking({ journal, key, ticket, sent, refused }: Booking): void {
    this.#number(journal);
    this.journals.set(journal.journalNo, journal);
    this.index.addPosted(journal);
    const content = sent ? { ...journal, lines: sent } : journal;
    if (key !== undefined) this.#byKey.set(key, { content, journalNo: journal.journalNo, refused });
    if (ticket !== undefined)
      this.#settle(ticket, { state: 'booked', journalNo: journal.journalNo, ...(refused && { refused }) });
  }
  #applyReplaced(journal: ErpJournal): void {
    const old = this.journals.get(journal.journalNo)!;
    this.journals.set(journal.journalNo, journal);
    if (old.journalDate !== journal.journalDate) this.index.addPosted(journal);
  }
  #applyPosted(journal: ErpJournal): void {
    this.drafts.delete(journal.journalNo);
    this.journals.set(journal.journalNo, journal);
    this.index.addPosted(journal);
  }
  #applyDeleted(journalNo: string): void {
    this.index.dropReference(this.drafts.get(journalNo)?.reference ?? '', journalNo);
    this.drafts.delete(journalNo);
  }
  #applyTicket({ ticket, journal, key }: Extract<ErpRecord, { t: 'ticket' }>): void {
    this.#lastNo = Math.max(this.#lastNo, Number(ticket.slice(1)));
    this.tickets.set(ticket, { ticket, journal, state: 'queued' });
    this.#queued.set(journal.reference, (this.#queued.get(journal.reference) ?? new Set()).add(ticket));
    if (key !== undefined) this.#byKey.set(key, { content: journal, ticket });
  }
  #settle(ticket: string, change: Partial<Ticket>): void {
    const { journal } = this.tickets.get(ticket)!;
    this.tickets.set(ticket, { ticket, journal, state: 'queued', ...change });
    const waiting = this.#queued.get(journal.reference);
    waiting?.delete(ticket);
    if (waiting?.size === 0) this.#queued.delete(journal.reference);
  }
  #applyTamper({ journalNo, lineRef, change }: Extract<ErpRecord, { t: 'tamper' }>): void {
    const journal = this.journals.get(journalNo);
    if (!journal) return;
    const lines = journal.lines.flatMap((line) =>
      line.lineRef !== lineRef ? [line] : change === null ? [] : [{ ...line, ...change }],
    );
    this.journals.set(journalNo, { ...journal, lines });
  }
  #number(journal: ErpJournal): void {
    this.#lastNo = Math.max(this.#lastNo, Number(journal.journalNo));
    this.index.addReference(journal.reference, journal.journalNo);
  }
}

const contentOf = ({ reference, company, period, journalDate, currency }: NewJournal): Omit<NewJournal, 'lines'> => ({
  reference,
  company,
  period,
  journalDate,
  currency,
});
/** Compared only where a key or reference comes a second time: booking itself pays nothing for it. */
const sameContent = (a: NewJournal, b: NewJournal): boolean =>
  JSON.stringify([contentOf(a), a.lines]) === JSON.stringify([contentOf(b), b.lines]);
