import type {
  BookedDocument,
  FoundDocument,
  PostingCapabilities,
  PostingDocument,
  PostingLine,
  PostingTarget,
  PostOutcome,
} from '@tieout/connector-kit';
import { addDecimals, Fault } from '@tieout/model';

interface Batch {
  readonly ticket: string;
  readonly document: PostingDocument;
  readonly lines: readonly PostingLine[];
  state: 'queued' | 'acknowledged' | 'refused';
  readonly bad: readonly { readonly postingKey: string; readonly message: string }[];
}

export const CAPABILITIES: PostingCapabilities = {
  protocol: 'look-up',
  maxLinesPerDocument: 100,
  partialAcceptance: false,
  requestTimeoutMs: 2_000,
  settleMs: 0,
  readLagMs: 0,
  maxConcurrency: 2,
  answersLater: true,
};

/** A payroll bureau in memory: takes batches for later and acknowledges them when told to. */
export class FakeBureau {
  readonly batches: Batch[] = [];
  /** F37. */
  cutsNegatives = false;
  /** Takes the batch and says nothing. */
  losesAnswers = false;
  /** Gives a ticket, and nothing stands. */
  forgets = false;
  acknowledgesAtOnce = true;
  closedPeriods = new Set<string>();
  refuses: (line: PostingLine) => string | undefined = () => undefined;

  readonly target: PostingTarget = {
    verifyAccess: async () => {},
    post: async (document) => this.#take(document),
    outcomeOf: async (ticket) => this.#outcome(this.#batch(ticket)),
    findByReference: async (key): Promise<FoundDocument[]> =>
      this.batches
        .filter((batch) => batch.document.documentKey === key && batch.state !== 'refused')
        .map((batch) => ({ externalId: batch.ticket, state: batch.state === 'queued' ? 'draft' : 'posted' })),
    readBack: async (tickets): Promise<BookedDocument[]> =>
      this.batches.filter((batch) => tickets.includes(batch.ticket) && batch.state !== 'refused').map(bookedOf),
  };

  acknowledge(): void {
    for (const batch of this.batches)
      if (batch.state === 'queued') batch.state = batch.bad.length > 0 ? 'refused' : 'acknowledged';
  }

  /** "DE-M/2026-11 E1 NORMAL": signed hours that will be paid. */
  paid(): Record<string, string> {
    const lines = this.batches
      .filter(({ state }) => state === 'acknowledged')
      .flatMap((batch) => batch.lines.map((line) => ({ line, period: batch.document.postingPeriod })));
    const groups = Map.groupBy(lines, ({ line, period }) => `${period} ${line.workerCode} ${line.payCode}`);
    return Object.fromEntries(
      [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, of]) => [key, addDecimals(of.map(({ line }) => line.hours))]),
    );
  }

  /** Every line that any batch not refused holds: a key that is there twice is a duplicate. */
  keys(): string[] {
    return this.batches.filter(({ state }) => state !== 'refused').flatMap((batch) => batch.lines.map((line) => line.postingKey));
  }

  #take(document: PostingDocument): PostOutcome {
    if (this.closedPeriods.has(document.postingPeriod))
      return { kind: 'rejected', cause: 'period-closed', message: 'paid already', lines: [] };
    if (this.forgets) return { kind: 'accepted', ticket: 'NOWHERE' };
    const ticket = `B${this.batches.length + 1}`;
    const bad = document.lines.flatMap((line) => {
      const message = this.refuses(line);
      return message === undefined ? [] : [{ postingKey: line.postingKey, message }];
    });
    const lines = document.lines.map((line) =>
      this.cutsNegatives && line.hours.startsWith('-') ? { ...line, hours: '0' } : line,
    );
    this.batches.push({ ticket, document, lines, state: 'queued', bad });
    if (this.acknowledgesAtOnce) this.acknowledge();
    if (this.losesAnswers) throw new Fault('OutcomeUnknown', 'cut');
    return { kind: 'accepted', ticket };
  }

  #batch(ticket: string): Batch {
    const batch = this.batches.find((one) => one.ticket === ticket);
    if (batch === undefined) throw new Fault('OutcomeUnknown', `no batch ${ticket}`);
    return batch;
  }

  #outcome(batch: Batch): PostOutcome {
    if (batch.state === 'queued') return { kind: 'accepted', ticket: batch.ticket };
    if (batch.state === 'acknowledged') return { kind: 'posted', externalId: batch.ticket };
    return { kind: 'rejected', cause: 'invalid-line', message: 'the bureau refused the batch', lines: batch.bad };
  }
}

const bookedOf = ({ ticket, document, lines, state }: Batch): BookedDocument => ({
  externalId: ticket,
  state: state === 'acknowledged' ? 'posted' : 'draft',
  postingPeriod: document.postingPeriod,
  lines: lines.map(({ postingKey, hours, amount }) => ({ postingKey, hours, amount })),
});
