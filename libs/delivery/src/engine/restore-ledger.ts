import type { BookedDocument, BookedLine } from '@tieout/connector-kit';
import { sameDecimal, UNASSIGNED, type Leg, type PostingKind } from '@tieout/model';
import type { Tx } from '@tieout/persistence';
import type { LineContent } from '../domain/ledger.js';
import { uuidOf } from './adopt-lines.js';
import { withDeadline, type Destination } from './destination.js';
import { dissolve } from './dissolve.js';
import { CHANNELS, tell } from './ledger.js';
import { bookedEvents, ledgerPages, type BookedRow, type ForgottenLine, type LedgerImport } from './ledger-import.js';
import type { Ledger } from './ports.js';
import type { PostingRow } from './rows.js';

export interface RestoreAnswer {
  readonly dryRun: boolean;
  readonly destination: string;
  /** Documents of ours that stand there. */
  readonly documents: number;
  /** Documents that the ledger had not sent, or had forgotten, and that stand there. */
  readonly documentsTaken: number;
  readonly linesAdopted: number;
  readonly linesForgotten: number;
  /** Lines with a reference of ours that cannot be written back: the destination keeps too little of them, or the ledger owes something else under their key. A person must look. */
  readonly unreadable: readonly string[];
}

/**
 * After PostgreSQL went back to an earlier point: writes into the ledger what stands in the destination and the ledger does not know.
 * Sending stays locked until the caller opens it, which is when the feed has caught up with its sources again.
 */
export class RestoreLedger {
  constructor(
    private readonly ledger: Ledger,
    private readonly imports: LedgerImport,
  ) {}

  async restore(
    destination: Destination,
    o: { from: string; to: string; dryRun: boolean; actor: string },
  ): Promise<RestoreAnswer | { readonly refused: string }> {
    const { database, timers } = this.ledger;
    const { id, budget, capabilities } = destination;
    if (destination.target().readLedger === undefined) return { refused: `"${id}" cannot list what stands in it` };
    const sum = { documents: 0, documentsTaken: 0, linesAdopted: 0, linesForgotten: 0, unreadable: [] as string[] };
    if (!o.dryRun) await database.transaction((tx) => this.#clear(tx, id));
    const pages = ledgerPages((cursor) =>
      budget.use('look-up', () =>
        withDeadline(timers, 'read', capabilities.requestTimeoutMs, () => destination.target().readLedger!(o, cursor)),
      ),
    );
    for await (const page of pages) {
      const ours = page.filter((document) => document.state === 'posted' && uuidOf(document.reference).length > 0);
      const took = await database.transaction((tx) => this.#take(tx, id, ours, o));
      sum.documents += ours.length;
      sum.documentsTaken += took.documents;
      sum.linesAdopted += took.adopted;
      sum.linesForgotten += took.forgotten;
      sum.unreadable.push(...took.unreadable);
    }
    if (!o.dryRun)
      await database.transaction(async (tx) => {
        await this.imports.planAll(tx, id);
        await this.ledger.notices.wake(tx, CHANNELS.plan);
      });
    return { dryRun: o.dryRun, destination: id, ...sum };
  }

  /** What was frozen before the backup may have been sent after it, under another division into documents: it freezes anew. */
  async #clear(tx: Tx, destination: string): Promise<void> {
    await this.ledger.connections.lock(tx, destination);
    await dissolve(
      tx,
      this.ledger,
      await this.imports.unsent(tx, destination),
      'the ledger is derived again from the destination',
    );
  }

  async #take(
    tx: Tx,
    destination: string,
    ours: readonly BookedDocument[],
    o: { dryRun: boolean; actor: string },
  ): Promise<{ documents: number; adopted: number; forgotten: number; unreadable: string[] }> {
    const { documents, postings } = this.ledger;
    const known = new Map(
      (
        await documents.lock(
          tx,
          ours.flatMap(({ reference }) => uuidOf(reference)),
        )
      ).map((row) => [row.documentKey, row]),
    );
    // Whatever left before the backup is resolved by its own look-up.
    const strange = ours.filter(({ reference }) => {
      const state = known.get(reference!.toLowerCase())?.state;
      return state === undefined || state === 'dissolved' || state === 'rejected';
    });
    const flat = strange.flatMap((document) => linesOf(document).map((line) => ({ document, line })));
    const rows = new Map(
      (
        await postings.lockByKeys(
          tx,
          flat.flatMap(({ line }) => uuidOf(line.postingKey)),
        )
      ).map((row) => [row.postingKey, row]),
    );
    const took = { documents: strange.length, adopted: 0, forgotten: 0, unreadable: [] as string[] };
    for (const document of strange) {
      const parts = sortLines(destination, document, rows);
      took.adopted += parts.adopted.length;
      took.forgotten += parts.forgotten.length;
      took.unreadable.push(...parts.unreadable);
      if (!o.dryRun) await this.#write(tx, destination, document, parts, o.actor);
    }
    return took;
  }

  async #write(tx: Tx, destination: string, document: BookedDocument, parts: Parts, actor: string): Promise<void> {
    const now = this.ledger.clock.now();
    const lines = [...parts.adopted, ...parts.forgotten];
    if (lines.length === 0) return;
    const row: BookedRow = {
      documentKey: document.reference!.toLowerCase(),
      destination,
      legalEntityId: document.legalEntityId ?? UNASSIGNED,
      currency: document.currency ?? '',
      postingPeriod: document.postingPeriod,
      postingDate: document.postingDate ?? '',
      externalId: document.externalId,
      lines,
    };
    await this.imports.insertForgotten(tx, parts.forgotten, now);
    await this.imports.insertBooked(tx, [row], now);
    await this.imports.adoptLines(tx, row, now);
    await tell(tx, this.ledger, {
      audit: [
        {
          actor,
          action: 'document.restored',
          subjectKind: 'document',
          subjectId: row.documentKey,
          legalEntityId: row.legalEntityId,
          after: { state: 'confirmed', externalId: row.externalId, postingKeys: lines.map((line) => line.postingKey) },
        },
      ],
      events: await bookedEvents(tx, this.ledger, [row.documentKey]),
    });
  }
}

interface Parts {
  readonly adopted: BookedRow['lines'][number][];
  readonly forgotten: ForgottenLine[];
  readonly unreadable: string[];
}

/** Postings of a document as the destination tells them; a summed line is told by its members. */
const linesOf = (document: BookedDocument): readonly BookedLine[] =>
  document.lines.flatMap((line) => line.members?.map((member) => ({ ...line, ...member })) ?? [line]);

const sortLines = (destination: string, document: BookedDocument, rows: ReadonlyMap<string, PostingRow>): Parts => {
  const parts: Parts = { adopted: [], forgotten: [], unreadable: [] };
  for (const line of linesOf(document)) {
    const accounts = { account: line.account ?? '', balancingAccount: line.balancingAccount ?? '' };
    const row = rows.get(line.postingKey);
    if (row !== undefined) {
      const same = sameDecimal(row.content.hours, line.hours) && sameDecimal(row.content.amount, line.amount);
      if (!same) parts.unreadable.push(`${document.externalId} ${line.postingKey}`);
      else if (row.state === 'pending') parts.adopted.push({ postingKey: row.postingKey, entryId: row.entryId, ...accounts });
      continue;
    }
    const content = line.members === undefined ? contentOf(document, line) : undefined;
    if (content === undefined) parts.unreadable.push(`${document.externalId} ${line.postingKey}`);
    else
      parts.forgotten.push({
        postingKey: line.postingKey,
        entryId: line.entryId!,
        destination,
        releaseNo: line.releaseNo!,
        leg: line.leg! satisfies Leg,
        kind: line.kind! satisfies PostingKind,
        reverses: line.reverses,
        content,
        ...accounts,
      });
  }
  return parts;
};

const contentOf = (document: BookedDocument, line: BookedLine): LineContent | undefined => {
  const { entryId, releaseNo, leg, kind, workerCode, projectCode, workDate } = line;
  const complete =
    entryId && releaseNo && leg && kind && workerCode && projectCode && workDate && document.legalEntityId && document.currency;
  if (!complete) return undefined;
  return {
    legalEntityId: document.legalEntityId!,
    workerCode: workerCode!,
    workerType: leg === 'contractor-accrual' ? 'contractor' : 'employee',
    projectCode: projectCode!,
    ...(line.taskCode !== undefined && { taskCode: line.taskCode }),
    ...(line.costCentre !== undefined && { costCentre: line.costCentre }),
    workDate: workDate!,
    hours: line.hours,
    amount: line.amount,
    currency: document.currency!,
    // Where the destination keeps it nowhere it does not matter: it decides accounts, and a reversal takes those of its line.
    billable: line.billable ?? false,
    ...(line.billAmount !== undefined && { billAmount: line.billAmount }),
    ...(line.billCurrency !== undefined && { billCurrency: line.billCurrency }),
    ...(line.payCode !== undefined && { payCode: line.payCode }),
  };
};
