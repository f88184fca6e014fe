import type { Panel } from '../kit/panel.js';
import { VendorError } from '../kit/system.js';
import { book, screen } from './booking.js';
import type { ErpState } from './erp-state.js';
import type { LineProblem, NewJournal, VendorProblem } from './erp-words.js';

/** Books later what was answered with a ticket. What waited at the end of a process waits again at the next start. */
export class TicketQueue {
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly state: ErpState,
    private readonly panel: Panel,
  ) {
    for (const ticket of state.queued()) this.#later(ticket);
  }
  take(journal: NewJournal, key: string | undefined): string {
    const ticket = this.state.enqueue(journal, key);
    this.#later(ticket);
    return ticket;
  }
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
  #later(ticket: string): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#book(ticket);
    }, this.panel.settings.bookAfterMs);
    this.#timers.add(timer);
  }
  #book(ticket: string): void {
    const { journal } = this.state.tickets.get(ticket)!;
    if (this.panel.take('refuse-later'))
      return this.state.refuse(ticket, { code: 'LEDGER_REFUSED', message: 'the ledger refused the journal' });
    try {
      const screened = screen(this.state, this.panel, journal, true);
      if (screened.lines.length === 0) return this.state.refuse(ticket, linesInvalid(screened.refused));
      book(this.state, this.panel, journal, screened, { ticket });
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      this.state.refuse(ticket, { ...error.more, code: error.code, message: error.message });
    }
  }
}

const linesInvalid = (lines: readonly LineProblem[]): VendorProblem => ({
  code: 'LINES_INVALID',
  message: `${lines.length} line error(s)`,
  lines,
});
