import type { BookedDocument } from '@tieout/connector-kit';
import type { NewEvent, Tx } from '@tieout/persistence';
import type { Accounts } from '../domain/freeze.js';
import type { LineContent } from '../domain/ledger.js';
import type { SummaryField } from '../domain/summarise.js';
import { withDeadline, type Destination } from './destination.js';
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

/** Without accounts where the destination does not tell them: a reversal then asks policy. */
export interface BookedPosting extends Partial<Accounts> {
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

/** Which line of a predecessor's document a posting was adopted from. */
export interface AdoptedLine {
  readonly externalId: string;
  readonly lineKey: string;
  readonly postingKey: string;
}

export interface WantedOfEntry {
  readonly entryId: string;
  readonly leg: string;
  readonly kind: 'post';
  readonly content: LineContent;
}

/** What adoption and restore write, beyond what the steps of every day need. */
export interface LedgerImport {
  /** Locks pending lines of kind `post` that no document holds, or one that never left. */
  openPosts(tx: Tx, destination: string): Promise<PostingRow[]>;
  /** Keys of frozen documents that never left. */
  unsent(tx: Tx, destination: string): Promise<string[]>;
  /** Entries that are not planned yet, and documents that are on their way or will go out as they are. */
  unsettled(tx: Tx, destination: string): Promise<{ readonly entries: number; readonly documents: number }>;
  /** Documents as confirmed, with their keys and totals. Those that are booked or on their way are left alone. */
  insertBooked(tx: Tx, documents: readonly BookedRow[], now: string): Promise<void>;
  /** Lines that are owed, or were owed once, become confirmed members of a booked document. */
  adoptLines(tx: Tx, document: BookedRow, now: string): Promise<void>;
  /** How its lines are summed, and the hash of what it holds: only what has it may ever be sent again. */
  seal(tx: Tx, documentKey: string, summary: readonly SummaryField[] | null, contentHash: string): Promise<void>;
  /** What the targets of these entries want in the destination. */
  wanted(tx: Tx, destination: string, entryIds: readonly string[]): Promise<WantedOfEntry[]>;
  insertForgotten(tx: Tx, lines: readonly ForgottenLine[], now: string): Promise<void>;
  adoptedBefore(tx: Tx, destination: string, externalIds: readonly string[]): Promise<AdoptedLine[]>;
  rememberAdopted(tx: Tx, destination: string, lines: readonly AdoptedLine[]): Promise<void>;
  /** Documents that hold one of these lines, or held it once. */
  everCarried(tx: Tx, postingKeys: readonly string[]): Promise<string[]>;
  planEntries(tx: Tx, destination: string, entryIds: readonly string[]): Promise<void>;
  /** Every target of the destination is planned again. */
  planAll(tx: Tx, destination: string): Promise<void>;
  /** `why`: only those that are locked for this reason. */
  lockedDestinations(tx: Tx, why?: readonly string[]): Promise<string[]>;
  /** The ledger was derived again. @returns when, in milliseconds on the store's clock; later than ever before */
  derived(tx: Tx, destination: string): Promise<number>;
}

/** Pages of everything that stands there with a posting date in the window (inclusive). @throws Fault */
export async function* ledgerPages(
  { timers }: Pick<Ledger, 'timers'>,
  { budget, capabilities, target }: Destination,
  window: { readonly from: string; readonly to: string },
): AsyncGenerator<readonly BookedDocument[]> {
  let cursor: string | undefined;
  do {
    const from = cursor;
    const page = await budget.use('look-up', () =>
      withDeadline(timers, 'read', capabilities.requestTimeoutMs, () => target().readLedger!(window, from)),
    );
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
