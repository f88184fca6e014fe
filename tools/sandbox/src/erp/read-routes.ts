import type { FastifyInstance } from 'fastify';
import type { Panel } from '../kit/panel.js';
import { VendorError } from '../kit/system.js';
import { headOf } from './booking.js';
import type { ErpState } from './erp-state.js';
import type { ErpJournal } from './erp-words.js';
import type { Place } from './journal-index.js';

/** Numbers that one request may ask for. */
const MAX_IDS = 100;
const MAX_PAGE = 1000;
/** A page of whole journals ends after so many lines, whatever the limit says: a journal may have hundreds. */
const MAX_PAGE_LINES = 5_000;
/** Journals on a page of an answer that ignores its filters. */
const UNFILTERED_PAGE = 200;

type Row = Readonly<Record<string, unknown>>;
interface Page {
  readonly items: readonly Row[];
  readonly next: string | null;
}
interface WindowQuery {
  readonly from?: string;
  readonly to?: string;
  readonly company?: string;
  readonly after?: string;
  readonly limit?: string;
}

const limitOf = (limit: string | undefined): number => Math.min(Math.max(1, Number(limit ?? MAX_PAGE) || MAX_PAGE), MAX_PAGE);
/** `date:position:line`; of the first page `0000:0:0`. */
const placeOf = (after = '0000:0:0'): Place & { readonly line: number } => {
  const [date = '', position, line] = after.split(':');
  return { date, position: Number(position ?? 0) || 0, line: Number(line ?? 0) || 0 };
};

/** Reading the books: by reference, by number, by line, by posting date. */
export class JournalReader {
  constructor(
    private readonly state: ErpState,
    private readonly panel: Panel,
  ) {}

  visible(journal: ErpJournal): boolean {
    const { readLagMs } = this.panel.settings;
    return readLagMs === 0 || Date.parse(journal.postedAt) + readLagMs <= Date.now();
  }
  byReference(reference: string): Row {
    if (this.panel.settings.protocol === 'none')
      throw new VendorError(400, 'QUERY', 'journals cannot be found by reference in this system');
    const posted = this.state.byReference(reference).filter((journal) => this.visible(journal));
    const drafts = this.state.draftsOf(reference).filter((journal) => this.visible(journal));
    return {
      items: [
        ...posted.map((journal) => ({ ...headOf(journal), state: 'posted' })),
        ...drafts.map((journal) => ({ ...headOf(journal), state: 'draft' })),
        ...this.state.queued(reference).map((ticket) => this.#queued(ticket)),
      ],
      next: null,
    };
  }
  byNumbers(ids: string, lines: string | undefined): Row {
    const wanted = ids.split(',').filter((id) => id !== '');
    if (wanted.length > MAX_IDS) throw new VendorError(400, 'QUERY', `at most ${MAX_IDS} ids`);
    const found = wanted.flatMap((id) => this.state.journals.get(id) ?? this.state.drafts.get(id) ?? []);
    return {
      items: found
        .filter((journal) => this.visible(journal))
        .map((journal) => ({
          ...journal,
          state: this.#stateOf(journal),
          ...(lines === 'figures' && {
            lines: journal.lines.map(({ lineRef, quantity, value }) => ({ lineRef, quantity, value })),
          }),
        })),
      next: null,
    };
  }
  /** Everything, newest first: what comes when the ERP does not look at what it was asked. */
  unfiltered(after: string | undefined, withLines: boolean): Page {
    const standing = [...this.state.journals.values(), ...this.state.drafts.values()]
      .filter((journal) => this.visible(journal))
      .sort((a, b) => Number(b.journalNo) - Number(a.journalNo));
    const start = Number(after ?? 0) || 0;
    const end = start + UNFILTERED_PAGE;
    const queued = withLines || start > 0 ? [] : this.state.queued().map((ticket) => this.#queued(ticket));
    return {
      items: [
        ...queued,
        ...standing
          .slice(start, end)
          .map((journal) => ({ ...(withLines ? journal : headOf(journal)), state: this.#stateOf(journal) })),
      ],
      next: end < standing.length ? String(end) : null,
    };
  }
  #stateOf({ journalNo }: ErpJournal): 'draft' | 'posted' {
    return this.state.drafts.has(journalNo) ? 'draft' : 'posted';
  }
  #queued(ticket: string): Row {
    return { ticket, reference: this.state.tickets.get(ticket)!.journal.reference, state: 'queued' };
  }
  journals({ from = '0000', to = '9999', company, after, limit }: WindowQuery): Page {
    const items: Row[] = [];
    let lines = 0;
    for (const { date, position, journal } of this.state.between(from, to, placeOf(after))) {
      if ((company !== undefined && journal.company !== company) || !this.visible(journal)) continue;
      if (items.length === limitOf(limit) || lines > MAX_PAGE_LINES) return { items, next: `${date}:${position}:0` };
      items.push({ ...journal, state: 'posted' });
      lines += journal.lines.length;
    }
    return { items, next: null };
  }
  lines({ from = '0000', to = '9999', company, after, limit }: WindowQuery): Page {
    const start = placeOf(after);
    const max = limitOf(limit);
    const items: Row[] = [];
    for (const { date, position, journal } of this.state.between(from, to, start)) {
      if ((company !== undefined && journal.company !== company) || !this.visible(journal)) continue;
      const { lines, ...head } = journal;
      const first = date === start.date && position === start.position ? start.line : 0;
      for (let n = first; n < lines.length; n += 1) {
        if (items.length === max) return { items, next: `${date}:${position}:${n}` };
        items.push({ ...head, ...lines[n]! });
      }
    }
    return { items, next: null };
  }
  byLineRef(lineRef: string): Page {
    const items = this.state
      .byLineRef(lineRef)
      .filter((journal) => this.visible(journal))
      .flatMap(({ lines, ...head }) =>
        lines
          .filter((line) => line.lineRef === lineRef || line.members?.some((member) => member.lineRef === lineRef))
          .map((line) => ({ ...head, ...line })),
      );
    return { items, next: null };
  }
}

export const readRoutes = (app: FastifyInstance, state: ErpState, panel: Panel): void => {
  const reader = new JournalReader(state, panel);
  /** A query as the ERP takes it: filters and paging may be lost on the way. */
  const heard = (query: WindowQuery): WindowQuery => {
    const { after, ...filters } = query;
    const kept = panel.take('ignore-filters', 'reads') ? {} : filters;
    return { ...kept, ...(after !== undefined && !panel.take('ignore-paging', 'reads') && { after }) };
  };

  app.get<{ Querystring: WindowQuery & { reference?: string; ids?: string; lines?: string } }>('/journals', (request) => {
    const { reference, ids, lines, ...window } = request.query;
    if (reference === undefined && ids === undefined) {
      if (window.from === undefined || window.to === undefined)
        throw new VendorError(400, 'QUERY', 'give reference, ids, or from and to');
      return reader.journals(heard(window));
    }
    if (panel.take('ignore-filters', 'reads')) {
      const after = panel.take('ignore-paging', 'reads') ? undefined : window.after;
      return reader.unfiltered(after, ids !== undefined);
    }
    return reference === undefined ? reader.byNumbers(ids!, lines) : reader.byReference(reference);
  });
  app.get<{ Querystring: WindowQuery & { lineRef?: string } }>('/journal-lines', (request) => {
    const { lineRef, ...window } = request.query;
    return lineRef === undefined ? reader.lines(heard(window)) : reader.byLineRef(lineRef);
  });
};
