import type { BookedDocument } from '@tieout/connector-kit';
import type { NewEvent, Tx } from '@tieout/persistence';
import type { Accounts } from '../domain/freeze.js';
import type { LineContent } from '../domain/ledger.js';
import { documentConfirmed, documentPosted } from './ledger-events.js';
import type { Ledger } from './ports.js';
import type { PostingRow } from './rows.js';

/** A document that stands in the destination already. */
export interface BookedRow {
  readonly documentKey: string;
  readonly destination: string;
  readonly legalEntityId: string;
  readonly currency: string;
  readonly postingPeriod: string;
  readonly postingDate: string;
  readonly externalId: string;
  readonly lines: readonly BookedPosting[];
}

export interface BookedPosting extends Accounts {
  readonly postingKey: string;
  readonly entryId: string;
}

/** A line of ours that the ledger forgot: written as the destination tells it. */
export interface ForgottenLine extends BookedPosting {
  readonly destination: string;
  readonly releaseNo: number;
  readonly leg: string;
  readonly kind: string;
  readonly reverses: string | undefined;
  readonly content: LineContent;
}

/** What adoption and restore write, beyond what the steps of every day need. */
export interface LedgerImport {
  /** Pending lines of kind `post` that no document holds. */
  openPosts(tx: Tx, destination: string): Promise<PostingRow[]>;
  /** Keys of frozen documents that never left. */
  unsent(tx: Tx, destination: string): Promise<string[]>;
  /** Documents as confirmed, with their keys and totals. Those that exist are left alone. */
  insertBooked(tx: Tx, documents: readonly BookedRow[], now: string): Promise<void>;
  /** Pending lines become confirmed members of a booked document. */
  adoptLines(tx: Tx, document: BookedRow, now: string): Promise<void>;
  insertForgotten(tx: Tx, lines: readonly ForgottenLine[], now: string): Promise<void>;
  /** Every target of the destination is planned again. */
  planAll(tx: Tx, destination: string): Promise<void>;
  lockedDestinations(tx: Tx): Promise<string[]>;
}

/** Pages of everything that stands there. */
export async function* ledgerPages(
  read: (
    cursor: string | undefined,
  ) => Promise<{ readonly documents: readonly BookedDocument[]; readonly next?: string | undefined }>,
): AsyncGenerator<readonly BookedDocument[]> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield page.documents;
    cursor = page.next;
  } while (cursor !== undefined);
}

/** Tells the others of documents that were taken into the ledger as booked. */
export const bookedEvents = async (
  tx: Tx,
  { documents, postings, rules, clock }: Ledger,
  keys: readonly string[],
): Promise<NewEvent[]> => {
  const now = clock.now();
  const rows = await documents.lock(tx, keys);
  const members = Map.groupBy(await postings.ofDocuments(tx, keys), (row) => row.documentKey);
  return rows.flatMap((row) => {
    const lines = members.get(row.documentKey) ?? [];
    return [
      documentPosted(rules, row, lines, row.externalId ?? '', row.postedAt ?? now),
      documentConfirmed(
        rules,
        row,
        lines.map((line) => line.postingKey),
        now,
      ),
    ];
  });
};
