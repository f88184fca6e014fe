import { isOut, lineStateIn, type ConnectionRow, type DocumentRow, type PlanTarget, type PostingRow } from '@tieout/delivery';
import type { NewEvent } from '@tieout/persistence';
import type { Period } from '../periods.js';
import { Journal, Log, Table } from './table.js';

export type StoredTarget = PlanTarget & {
  readonly planning: 'dirty' | 'waiting' | 'clean';
  readonly rank: number;
  readonly order: number;
};

export interface StoredPosting extends PostingRow {
  readonly seq: number;
  /** Blocked, and to be looked at again. */
  readonly recheck: boolean;
  readonly notBeforeMs: number;
}

export interface StoredDocument extends DocumentRow {
  readonly leaseUntilMs: number | null;
  /** Who claimed it last. */
  readonly instance: string | null;
  readonly nextAttemptAtMs: number | null;
  readonly absenceCountsAtMs: number | null;
  readonly discardDraft: boolean;
  /** What it was frozen with, until it is read back. */
  readonly content: string | null;
}

/** One database, as all replicas share it. Its clock is its own. */
export class Tables {
  readonly journal = new Journal();
  readonly releases = new Table<{ releaseNo: number }>(this.journal);
  readonly targets = new Table<StoredTarget>(this.journal);
  readonly postings = new Table<StoredPosting>(this.journal);
  readonly documents = new Table<StoredDocument>(this.journal);
  readonly connections = new Table<ConnectionRow>(this.journal);
  /** What we know of the periods. */
  readonly periods = new Table<Period>(this.journal);
  readonly events = new Log<NewEvent>(this.journal);
  readonly attempts = new Log<{ documentKey: string; outcome: string }>(this.journal);
  #sequence = 0;

  /** A document, and with its state that of every line that it holds. */
  changeDocument(documentKey: string, change: Partial<StoredDocument>): void {
    this.documents.change(documentKey, change);
    if (change.state === undefined) return;
    const state = lineStateIn(change.state);
    for (const row of this.postings.where((line) => line.documentKey === documentKey && !isOut(line.state)))
      if (row.state !== state) this.postings.change(row.postingKey, { state });
  }

  constructor(readonly nowMs: () => number) {}

  nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }
}

export const targetKey = ({ entryId, destination }: { entryId: string; destination: string }): string =>
  `${entryId} ${destination}`;
