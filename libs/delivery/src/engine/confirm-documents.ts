import type { BookedDocument } from '@tieout/connector-kit';
import { isFault } from '@tieout/model';
import type { NewEvent, Tx } from '@tieout/persistence';
import { differenceOf } from '../domain/outcomes.js';
import { carriedBy } from './carried.js';
import { LEASE_MARGIN_MS, withDeadline, type Destination } from './destination.js';
import { tell } from './ledger.js';
import { documentConfirmed } from './ledger-events.js';
import type { Ledger } from './ports.js';
import type { DocumentRow } from './rows.js';
import { WriteOutcome } from './write-outcome.js';

/** Documents per read-back, where the destination sets no limit of its own. */
const BATCH = 50;

/** Reads back what was posted: a 2xx is not proof. */
export class ConfirmDocuments {
  readonly #write: WriteOutcome;

  constructor(
    private readonly ledger: Ledger,
    private readonly destination: Destination,
  ) {
    this.#write = new WriteOutcome(ledger, destination);
  }

  async run(): Promise<'more' | 'idle'> {
    const { database, documents } = this.ledger;
    const { id, capabilities, budget } = this.destination;
    if (budget.paused('read-back') !== undefined) return 'idle';
    const limit = capabilities.maxReadBack ?? BATCH;
    const due = await database.transaction((tx) =>
      documents.takeDue(tx, id, { states: ['posted'], limit, holdMs: capabilities.requestTimeoutMs * 2 + LEASE_MARGIN_MS }),
    );
    if (due.length === 0) return 'idle';
    try {
      await this.#readBack(due);
    } catch (error) {
      // An answer that cannot be read may be one document's fault: then each is read alone.
      if (due.length > 1 && !isAway(error)) for (const row of due) await this.#readBack([row]).catch(() => undefined);
      // Whatever was not read is still posted, and due again when the hold is over.
      return 'idle';
    }
    return due.length === limit ? 'more' : 'idle';
  }

  async #readBack(due: readonly DocumentRow[]): Promise<void> {
    const { budget, capabilities } = this.destination;
    const ids = due.map((row) => row.externalId!);
    const booked = await budget.use('read-back', () =>
      withDeadline(this.ledger.timers, 'read', capabilities.requestTimeoutMs, () => this.destination.target().readBack(ids)),
    );
    await this.ledger.database.transaction((tx) =>
      this.#apply(tx, due, new Map(booked.map((document) => [document.externalId, document]))),
    );
  }

  async #apply(tx: Tx, due: readonly DocumentRow[], booked: ReadonlyMap<string, BookedDocument>): Promise<void> {
    const { documents, clock, rules } = this.ledger;
    const fences = new Map(due.map((row) => [row.documentKey, row.fence]));
    const keys = due.map((row) => row.documentKey);
    const rows = (await documents.lock(tx, keys)).filter(
      (row) => row.state === 'posted' && row.fence === fences.get(row.documentKey),
    );
    const carried = await carriedBy(tx, this.ledger, rows);
    const confirmed: DocumentRow[] = [];
    for (const row of rows) {
      const there = booked.get(row.externalId!);
      const difference = there === undefined ? undefined : differenceOf(carried.get(row.documentKey)!.document, there);
      if (there !== undefined && difference === undefined) confirmed.push(row);
      else await this.#doubt(tx, row, there, difference);
    }
    const now = clock.now();
    await documents.confirm(
      tx,
      confirmed.map((row) => row.documentKey),
      now,
    );
    await tell(tx, this.ledger, {
      audit: confirmed.map((row) => ({
        action: 'document.confirmed',
        subjectKind: 'document',
        subjectId: row.documentKey,
        legalEntityId: row.legalEntityId,
        before: { state: 'posted' },
        after: { state: 'confirmed' },
        traceparent: row.traceparent ?? undefined,
      })),
      events: confirmed.map((row): NewEvent => ({
        ...documentConfirmed(
          rules,
          row,
          carried.get(row.documentKey)!.members.map((member) => member.postingKey),
          now,
        ),
        traceparent: row.traceparent ?? undefined,
      })),
    });
  }

  async #doubt(tx: Tx, row: DocumentRow, there: BookedDocument | undefined, difference: string | undefined): Promise<void> {
    const { settleMs, readLagMs } = this.destination.capabilities;
    // A draft where a posted document should be is not posted: it is looked up and posted like one that was never answered.
    const absent = there === undefined || there.state === 'draft';
    await this.#write.unknown(tx, row, {
      event: 'doubt',
      why: absent ? 'not-found' : 'differs',
      message: absent ? `read back: ${row.externalId} is not there as posted` : `read back: ${difference}`,
      settleMs: settleMs + readLagMs,
    });
  }
}

const isAway = (error: unknown): boolean =>
  isFault(error, 'Unavailable') || isFault(error, 'RateLimited') || isFault(error, 'CredentialsRejected');
