import type { BookedDocument, DraftOutcome, FoundDocument, PostingDocument, PostOutcome } from '@tieout/connector-kit';
import type { Random } from '../random.js';
import type { DestinationScript, Mischief, WriteFault } from '../script.js';
import { short, type Trace } from '../trace.js';
import type { VirtualTime } from '../virtual-time.js';
import { Books, shownState, type Booked } from './books.js';

/** Bookings of a destination that answers later. */
interface Job {
  readonly ticket: string;
  readonly document: PostingDocument;
  outcome: PostOutcome | undefined;
}

export interface Surroundings {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly random: Random;
  readonly healMs: number;
  readonly mischief: readonly Mischief[];
  readonly isOpen: (period: string) => boolean;
  readonly isBad: (project: string) => boolean;
}

const GONE: DraftOutcome & { kind: 'rejected' } = {
  kind: 'rejected',
  cause: 'other',
  message: 'there is no such draft',
  lines: [],
};

/** A destination's inside: books, keys, drafts, jobs, and what it does at the same time. */
export class DestinationServer {
  readonly books = new Books();
  readonly #jobs = new Map<string, Job>();
  readonly #open = new Set<{ readonly owner: object }>();
  #writes = 0;
  #reads = 0;
  /** References of which somebody was shown more than one posted document. */
  readonly shownTwice = new Set<string>();
  /** Times when more was asked at once than is allowed. */
  readonly overruns: string[] = [];

  constructor(
    readonly script: DestinationScript,
    private readonly index: number,
    private readonly world: Surroundings,
  ) {}

  /** The fault of the next write. */
  nextWriteFault(): WriteFault | undefined {
    this.#writes += 1;
    if (!this.#mischievous) return undefined;
    for (const each of this.world.mischief)
      if (each.kind === 'write' && each.destination === this.index && each.nth === this.#writes) return each.fault;
    return undefined;
  }

  nextReadFault(): 'refused' | 'answer-lost' | undefined {
    this.#reads += 1;
    if (!this.#mischievous) return undefined;
    for (const each of this.world.mischief)
      if (each.kind === 'read' && each.destination === this.index && each.nth === this.#reads) return each.fault;
    return undefined;
  }

  outage(): 'refused' | 'silent' | undefined {
    const now = this.world.time.nowMs;
    if (!this.#mischievous) return undefined;
    for (const each of this.world.mischief)
      if (each.kind === 'outage' && each.destination === this.index && each.fromMs <= now && now < each.toMs)
        return each.silent ? 'silent' : 'refused';
    return undefined;
  }

  /** A request arrives. `counted`: it left in time, so the budget had a say in it, and who sent it still lives. */
  enter(request: { readonly owner: object }, counted: boolean): void {
    if (!counted) return;
    this.#open.add(request);
    if (this.#open.size > this.script.slots)
      this.overruns.push(`${this.#open.size} requests at once at ${this.world.time.nowMs} ms, allowed are ${this.script.slots}`);
  }
  leave(request: { readonly owner: object }): void {
    this.#open.delete(request);
  }
  /** Connections of a process that died are closed. */
  abandon(owner: object): void {
    for (const request of this.#open) if (request.owner === owner) this.#open.delete(request);
  }

  post(document: PostingDocument, beyondUs: boolean): PostOutcome {
    if (!this.script.answersLater) return this.#book(document, beyondUs);
    const job = this.#keyed ? this.#jobs.get(document.documentKey) : undefined;
    if (job !== undefined) return { kind: 'accepted', ticket: job.ticket };
    const ticket = `T-${this.#jobs.size + 1}`;
    const made: Job = { ticket, document, outcome: undefined };
    this.#jobs.set(this.#keyed ? document.documentKey : ticket, made);
    const { time, random } = this.world;
    time.after(random.int(200, 6_000), () => (made.outcome = this.#book(document, beyondUs)));
    return { kind: 'accepted', ticket };
  }

  outcomeOf(ticket: string): PostOutcome {
    const job = [...this.#jobs.values()].find((each) => each.ticket === ticket);
    return job?.outcome ?? { kind: 'accepted', ticket };
  }

  createDraft(document: PostingDocument): DraftOutcome {
    const refusal = this.#refusalOf(document);
    if (refusal !== undefined && !this.script.partial) return refusal;
    const { externalId } = this.#enter(document, document.lines, 'draft', false);
    return { kind: 'drafted', draftId: externalId };
  }

  postDraft(draftId: string, document: PostingDocument): PostOutcome {
    const draft = this.books.byId(draftId);
    if (draft === undefined || draft.state === 'discarded') return GONE;
    if (draft.state === 'posted') return { kind: 'posted', externalId: draftId };
    if (!this.world.isOpen(draft.period)) return closed(draft.period);
    const refusal = this.#refusalOf(document);
    if (refusal !== undefined) return refusal;
    const { time } = this.world;
    draft.state = 'posted';
    draft.bookedAtMs = time.nowMs;
    draft.visibleAtMs = time.nowMs + this.#lag();
    draft.periodWasOpen = this.world.isOpen(draft.period);
    this.#tell(draft);
    return { kind: 'posted', externalId: draftId };
  }

  discardDraft(draftId: string): void {
    const draft = this.books.byId(draftId);
    if (draft?.state === 'draft') draft.state = 'discarded';
  }

  find(reference: string): FoundDocument[] {
    const now = this.world.time.nowMs;
    const found = this.books.documents.flatMap((booked): FoundDocument[] => {
      const state = booked.reference === reference ? shownState(booked, now) : undefined;
      return state === undefined ? [] : [{ externalId: booked.externalId, state }];
    });
    for (const job of this.#jobs.values())
      if (job.document.documentKey === reference && this.#isWorkingOn(job))
        found.push({ externalId: job.ticket, state: 'draft' });
    if (found.filter(({ state }) => state === 'posted').length > 1) this.shownTwice.add(reference);
    return found;
  }

  read(externalIds: readonly string[]): BookedDocument[] {
    const now = this.world.time.nowMs;
    return externalIds.flatMap((externalId) => {
      const booked = this.books.byId(externalId);
      const state = booked === undefined ? undefined : shownState(booked, now);
      if (booked === undefined || state === undefined) return [];
      return [{ externalId, state, postingPeriod: booked.period, lines: booked.lines, reference: booked.reference }];
    });
  }

  /** Until the booking shows, the job does: a reader never sees neither. */
  #isWorkingOn({ outcome }: Job): boolean {
    if (outcome === undefined) return true;
    const booked = outcome.kind === 'posted' ? this.books.byId(outcome.externalId) : undefined;
    return booked !== undefined && shownState(booked, this.world.time.nowMs) === undefined && booked.state === 'posted';
  }

  get #mischievous(): boolean {
    return this.world.time.nowMs < this.world.healMs;
  }

  get #keyed(): boolean {
    const { protocol, keyIgnored } = this.script;
    return protocol === 'upsert' || (protocol === 'idempotency-key' && !keyIgnored);
  }

  #book(document: PostingDocument, beyondUs: boolean): PostOutcome {
    const known = this.#keyed ? this.books.posted(document.documentKey) : undefined;
    if (known !== undefined) {
      if (known.contentHash !== document.contentHash) return other('this key was used for something else');
      return { kind: 'posted', externalId: known.externalId, refused: missing(document, known) };
    }
    if (!this.world.isOpen(document.postingPeriod)) return closed(document.postingPeriod);
    const refusal = this.#refusalOf(document);
    if (refusal !== undefined && !(this.script.partial && refusal.lines.length < document.lines.length)) return refusal;
    const refused = refusal?.lines ?? [];
    const bad = new Set(refused.map((line) => line.postingKey));
    const lines = document.lines.filter((line) => !bad.has(line.postingKey));
    return { kind: 'posted', externalId: this.#enter(document, lines, 'posted', beyondUs).externalId, refused };
  }

  #refusalOf(document: PostingDocument): (DraftOutcome & { kind: 'rejected' }) | undefined {
    const bad = document.lines.filter((line) => this.world.isBad(line.projectCode));
    if (bad.length === 0) return undefined;
    const message = 'there is no such project';
    const named = this.script.partial || this.script.namesLines;
    const lines = named ? bad.map(({ postingKey }) => ({ postingKey, message })) : [];
    return { kind: 'rejected', cause: 'invalid-line', message, lines };
  }

  #enter(document: PostingDocument, lines: PostingDocument['lines'], state: 'draft' | 'posted', beyondUs: boolean): Booked {
    const { nowMs } = this.world.time;
    const periodWasOpen = this.world.isOpen(document.postingPeriod);
    const booked = this.books.enter(document, { lines, state, nowMs, visibleAtMs: nowMs + this.#lag(), beyondUs, periodWasOpen });
    this.#tell(booked);
    return booked;
  }

  #lag(): number {
    return this.world.random.int(0, this.script.readLagMs);
  }

  #tell({ externalId, reference, period, lines, state }: Booked): void {
    const content = lines.map((line) => `${short(line.postingKey)} ${line.kind} ${line.leg} ${line.hours} h`).join(', ');
    const verb = state === 'draft' ? 'keeps draft' : 'books';
    this.world.trace.note(this.script.id, `${verb} ${externalId} (document ${short(reference)}) in ${period}: ${content}`);
  }
}

const closed = (period: string): PostOutcome & { kind: 'rejected' } => ({
  kind: 'rejected',
  cause: 'period-closed',
  message: `period ${period} is closed`,
  lines: [],
});
const other = (message: string): PostOutcome & { kind: 'rejected' } => ({ kind: 'rejected', cause: 'other', message, lines: [] });

/** Lines of the document that were refused when it was first booked. */
const missing = (document: PostingDocument, booked: Booked) => {
  const there = new Set(booked.lines.map((line) => line.postingKey));
  return document.lines
    .filter((line) => !there.has(line.postingKey))
    .map(({ postingKey }) => ({ postingKey, message: 'there is no such project' }));
};
