import type { BookedDocument } from '@tieout/connector-kit';
import { UNASSIGNED, type EntryId } from '@tieout/model';
import type { NewEvent, Tx } from '@tieout/persistence';
import { uuidOf } from './adopt-lines.js';
import { LEASE_MARGIN_MS, type Destination } from './destination.js';
import type { LineContent } from '../domain/ledger.js';
import { dissolve } from './dissolve.js';
import { CHANNELS, tell } from './ledger.js';
import { lineCleared } from './ledger-events.js';
import { bookedEvents, ledgerPages, type BookedRow, type LedgerImport, type WantedOfEntry } from './ledger-import.js';
import type { Ledger } from './ports.js';
import { linesOf, sortLines, type RestoredLines } from './restore-lines.js';
import { toFreezable, toFrozenDocument, type PostingRow } from './rows.js';
import { RECOGNISING, RESTORE_LOCKS, RESTORED } from './went-back.js';

export interface RestoreAnswer {
  readonly dryRun: boolean;
  readonly destination: string;
  /** Documents of ours that stand there. */
  readonly documents: number;
  /** Documents that the ledger had not sent, or had forgotten, and that stand there. */
  readonly documentsTaken: number;
  readonly linesAdopted: number;
  readonly linesForgotten: number;
  /**
   * Lines with a reference of ours that cannot be written back, each with the reason: the destination keeps too little of them, the ledger
   * owes something else under their key, or another document holds them. While there are any, sending stays locked.
   */
  readonly unreadable: readonly string[];
}

interface Order {
  readonly from: string;
  readonly to: string;
  readonly dryRun: boolean;
  readonly actor: string;
}

/** Documents that are on their way are resolved by their own look-up; those that are booked are known. */
const FORGOTTEN_STATES: readonly (string | undefined)[] = [undefined, 'frozen', 'dissolved', 'rejected'];

/**
 * After PostgreSQL went back to an earlier point: writes into the ledger what stands in the destination and the ledger does not know.
 * Sending stays locked until the caller opens it, which is when the feed has caught up with its sources again.
 */
export class RestoreLedger {
  constructor(
    private readonly ledger: Ledger,
    private readonly imports: LedgerImport,
  ) {}

  /** @throws Fault when the destination cannot be read now; asked again, it goes on where it was */
  async restore(destination: Destination, o: Order): Promise<RestoreAnswer | { readonly refused: string }> {
    const { database } = this.ledger;
    const { id } = destination;
    if (destination.target().readLedger === undefined)
      return { refused: `"${id}" cannot list what stands in it: compare its books with the ledger by hand` };
    const no = o.dryRun ? undefined : await database.transaction((tx) => this.#lock(tx, destination));
    if (no !== undefined) return { refused: no };
    const sum = { documents: 0, documentsTaken: 0, linesAdopted: 0, linesForgotten: 0, unreadable: [] as string[] };
    const standing = new Map<string, string>();
    for await (const page of ledgerPages(this.ledger, destination, o)) {
      const ours = page.filter((document) => document.state === 'posted' && uuidOf(document.reference).length > 0);
      sum.documents += ours.length;
      for (const took of await database.transaction((tx) => this.#take(tx, { id, ours, standing }, o))) {
        sum.documentsTaken += 1;
        sum.linesAdopted += took.adopted.length;
        sum.linesForgotten += took.forgotten.length;
        sum.unreadable.push(...took.unreadable);
      }
    }
    if (!o.dryRun)
      await database.transaction(async (tx) => {
        const { connections, notices } = this.ledger;
        const { locked } = await connections.lock(tx, id);
        if (sum.unreadable.length > 0 && locked === RESTORED) await connections.setLock(tx, id, RECOGNISING);
        await this.imports.planAll(tx, id);
        await notices.wake(tx, CHANNELS.plan);
      });
    return { dryRun: o.dryRun, destination: id, ...sum };
  }

  /**
   * Nothing is sent from here on, and what left before has arrived or never will: only then does what is not there count as not booked.
   * What was frozen before the backup may have been sent after it, under another division into documents: it freezes anew.
   */
  async #lock(tx: Tx, { id, capabilities }: Destination): Promise<string | undefined> {
    const { connections } = this.ledger;
    const { locked } = await connections.lock(tx, id);
    if (locked === null) await connections.setLock(tx, id, RESTORED);
    else if (!RESTORE_LOCKS.includes(locked))
      return `sending to "${id}" is locked for another reason: ${locked}. Ask again when it is open`;
    const { lockedForMs } = await connections.lock(tx, id);
    const { requestTimeoutMs, settleMs, readLagMs } = capabilities;
    const leftMs = requestTimeoutMs + LEASE_MARGIN_MS + settleMs + readLagMs - (lockedForMs ?? Infinity);
    if (leftMs > 0)
      return `requests of before the lock may still arrive at "${id}": it stays locked; ask again in ${Math.ceil(leftMs / 1000)} s`;
    await dissolve(tx, this.ledger, await this.imports.unsent(tx, id), 'the ledger is derived again from the destination');
    return undefined;
  }

  async #take(
    tx: Tx,
    { id, ours, standing }: { id: string; ours: readonly BookedDocument[]; standing: Map<string, string> },
    o: Order,
  ): Promise<RestoredLines[]> {
    const rows = await this.ledger.documents.lock(
      tx,
      ours.flatMap(({ reference }) => uuidOf(reference)),
    );
    const states = new Map(rows.map((row) => [row.documentKey, row.state]));
    const all: RestoredLines[] = [];
    for (const document of ours) {
      if (!FORGOTTEN_STATES.includes(states.get(document.reference!.toLowerCase()))) continue;
      const sorted = sortLines(document, { destination: id, ...(await this.#known(tx, id, document)), standing });
      // Whole or not at all: asked again, what is half known would pass for known.
      if (!o.dryRun && sorted.unreadable.length === 0) await this.#write(tx, { id, document }, sorted, o.actor);
      all.push(sorted);
    }
    return all;
  }

  /** What the ledger has of the document's keys, and has and wants of its entries. */
  async #known(tx: Tx, destination: string, document: BookedDocument): Promise<{ rows: PostingRow[]; wanted: WantedOfEntry[] }> {
    const { postings } = this.ledger;
    const lines = linesOf(document);
    const entryIds = [...new Set(lines.flatMap(({ entryId }) => uuidOf(entryId)))].sort();
    const ofEntries = await postings.lockOf(
      tx,
      entryIds.map((entryId) => ({ entryId: entryId as EntryId, destination, releaseNo: 0, wanted: [] })),
    );
    const found = new Set<string>(ofEntries.map((row) => row.postingKey));
    const others = lines.flatMap(({ postingKey }) => uuidOf(postingKey)).filter((key) => !found.has(key));
    const ofKeys = others.length === 0 ? [] : await postings.lockByKeys(tx, others);
    return { rows: [...ofEntries, ...ofKeys], wanted: await this.imports.wanted(tx, destination, entryIds) };
  }

  async #write(
    tx: Tx,
    { id, document }: { id: string; document: BookedDocument },
    { adopted, forgotten }: RestoredLines,
    actor: string,
  ): Promise<void> {
    const { imports, ledger } = this;
    const { clock, rules } = ledger;
    const now = clock.now();
    const lines = [...adopted, ...forgotten];
    if (lines.length === 0) return;
    const documentKey = document.reference!.toLowerCase();
    await this.#empty(tx, documentKey, adopted);
    const row = this.#bookedRow(id, document, lines, [
      ...adopted.map((line) => line.row.content),
      ...forgotten.map((line) => line.content),
    ]);
    await imports.insertForgotten(tx, forgotten, now);
    // Lines before their document: once it is confirmed, so is whatever it holds.
    await imports.adoptLines(tx, row, now);
    await imports.insertBooked(tx, [row], now);
    await this.#seal(tx, document, documentKey);
    const cleared = adopted.filter((line) => line.row.blockedReason !== null || line.row.state === 'rejected');
    const booked = await bookedEvents(tx, ledger, [documentKey]);
    await tell(tx, ledger, {
      audit: [
        {
          actor,
          action: 'document.restored',
          subjectKind: 'document',
          subjectId: documentKey,
          legalEntityId: row.legalEntityId,
          after: { state: 'confirmed', externalId: row.externalId, postingKeys: lines.map((line) => line.postingKey) },
        },
      ],
      events: [...booked, ...cleared.map((line): NewEvent => lineCleared(rules, line.row, now))],
    });
  }
  /** Lines that stand in one document cannot go out with another: whatever else holds them dissolves, also when it may have left before. */
  async #empty(tx: Tx, documentKey: string, adopted: RestoredLines['adopted']): Promise<void> {
    const { documents, postings } = this.ledger;
    const others = [...new Set(adopted.flatMap(({ row }) => row.documentKey ?? []))].filter((key) => key !== documentKey);
    const frozen = (await documents.lock(tx, others)).filter((row) => row.state === 'frozen').map((row) => row.documentKey);
    await documents.dissolve(tx, frozen);
    await postings.releaseDocuments(tx, frozen);
  }

  #bookedRow(id: string, document: BookedDocument, lines: BookedRow['lines'], contents: readonly LineContent[]): BookedRow {
    return {
      documentKey: document.reference!.toLowerCase(),
      destination: id,
      legalEntityId: document.legalEntityId ?? contents[0]?.legalEntityId ?? UNASSIGNED,
      currency: document.currency ?? contents[0]!.currency,
      postingPeriod: document.postingPeriod,
      postingDate:
        document.postingDate ??
        contents
          .map(({ workDate }) => workDate)
          .sort()
          .at(-1)!,
      externalId: document.externalId,
      lines,
    };
  }

  /** As it was frozen, as far as we know: read back later, or sent again, it is compared with this. */
  async #seal(tx: Tx, document: BookedDocument, documentKey: string): Promise<void> {
    const { documents, postings, rules } = this.ledger;
    const [row] = await documents.lock(tx, [documentKey]);
    const members = await postings.ofDocuments(tx, [documentKey]);
    if (row === undefined || members.length === 0) return;
    const summed = document.lines.some((line) => line.members !== undefined);
    const summary = summed ? (rules.summaryOf(row.destination, toFreezable(members[0]!)) ?? null) : null;
    await this.imports.seal(tx, documentKey, summary, toFrozenDocument({ ...row, summary }, members).contentHash);
  }
}
