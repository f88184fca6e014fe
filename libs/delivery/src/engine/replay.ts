import type { NewEvent, Tx } from '@tieout/persistence';
import { plan } from '../domain/plan.js';
import type { LineContent } from '../domain/ledger.js';
import { sizeOf, ungated, type Gate } from './gate.js';
import { CHANNELS, tell } from './ledger.js';
import { lineCleared } from './ledger-events.js';
import { lockLines, targetKey } from './lock-lines.js';
import type { Ledger } from './ports.js';
import { toLedgerLine, type PlanTarget, type PostingRow } from './rows.js';

/** What shall be gone through again. A destination narrows the others down. */
export type ReplaySelection =
  | { readonly by: 'time'; readonly from: string; readonly to: string; readonly destination?: string | undefined }
  | { readonly by: 'entries'; readonly entryIds: readonly string[]; readonly destination?: string | undefined }
  | { readonly by: 'documents'; readonly documentKeys: readonly string[]; readonly destination?: string | undefined }
  | { readonly by: 'destination'; readonly destination: string };

export interface ReplayStore {
  targets(
    tx: Tx,
    selection: ReplaySelection,
    after: string | undefined,
    limit: number,
  ): Promise<{ targets: PlanTarget[]; next: string | undefined }>;
  /** Keys of confirmed documents, some at a time. */
  confirmed(tx: Tx, selection: ReplaySelection, after: string | undefined, limit: number): Promise<string[]>;
  rejected(tx: Tx, selection: ReplaySelection): Promise<PostingRow[]>;
  recheck(tx: Tx, documentKeys: readonly string[]): Promise<void>;
  planAgain(tx: Tx, targets: readonly PlanTarget[]): Promise<void>;
}

export interface ReplayAnswer {
  readonly dryRun: boolean;
  /** Read back again; what no longer stands is sent again under its own key. */
  readonly documentsToReadBack: number;
  readonly linesToRetry: number;
  readonly targets: number;
  readonly linesToPost: number;
  readonly linesToReverse: number;
  readonly linesToCancel: number;
}

const BATCH = 500;

/**
 * Goes through a part of the ledger again: what is confirmed is read back, what was rejected is owed again, and every target is
 * compared with its lines. Nothing is ever sent that the ledger does not owe, so it is safe at any moment and any number of times.
 */
export class Replay {
  constructor(
    private readonly ledger: Ledger,
    private readonly store: ReplayStore,
  ) {}

  async replay(selection: ReplaySelection, o: { dryRun: boolean; actor: string }, gate: Gate = ungated): Promise<ReplayAnswer> {
    if (!o.dryRun && gate !== ungated) await this.#ask(gate, selection);
    const documentsToReadBack = await this.#readBack(selection, o);
    // Before lines are owed again: those leave the documents by which they may have been selected.
    const planned = await this.#plan(selection, o);
    const linesToRetry = await this.#retry(selection, o);
    return { dryRun: o.dryRun, documentsToReadBack, linesToRetry, ...planned };
  }

  /** As large as a dry run says. It has many transactions, and is one command. */
  async #ask(gate: Gate, selection: ReplaySelection): Promise<void> {
    const { database } = this.ledger;
    const touched: LineContent[] = [];
    await this.#plan(selection, { dryRun: true }, touched);
    await database.transaction(async (tx) => {
      const rejected = await this.store.rejected(tx, selection);
      await gate(tx, sizeOf([...touched, ...rejected.map(({ content }) => content)]));
    });
  }

  async #readBack(selection: ReplaySelection, o: { dryRun: boolean; actor: string }): Promise<number> {
    const { database } = this.ledger;
    let after: string | undefined;
    for (let count = 0; ;) {
      const keys = await database.transaction(async (tx) => {
        const batch = await this.store.confirmed(tx, selection, after, BATCH);
        if (o.dryRun || batch.length === 0) return batch;
        await this.store.recheck(tx, batch);
        await tell(tx, this.ledger, {
          audit: [replayed(o.actor, `${batch.length} documents are read back again`, selection)],
          events: [],
        });
        return batch;
      });
      count += keys.length;
      after = keys.at(-1);
      if (keys.length < BATCH) return count;
    }
  }

  async #retry(selection: ReplaySelection, o: { dryRun: boolean; actor: string }): Promise<number> {
    const { database, postings, clock, rules, notices } = this.ledger;
    return database.transaction(async (tx) => {
      const rows = await this.store.rejected(tx, selection);
      if (o.dryRun || rows.length === 0) return rows.length;
      const now = clock.now();
      await postings.move(tx, 'retry', rows, now);
      await postings.forgetRefusal(tx, rows);
      await tell(tx, this.ledger, {
        audit: [replayed(o.actor, `${rows.length} rejected lines are owed again`, selection)],
        events: rows.map((row): NewEvent => lineCleared(rules, row, now)),
      });
      await notices.wake(tx, CHANNELS.freeze);
      return rows.length;
    });
  }

  async #plan(selection: ReplaySelection, o: { dryRun: boolean }, touched: LineContent[] = []) {
    const { database, notices } = this.ledger;
    const sum = { targets: 0, linesToPost: 0, linesToReverse: 0, linesToCancel: 0 };
    let after: string | undefined;
    do {
      after = await database.transaction(async (tx) => {
        const { targets, next } = await this.store.targets(tx, selection, after, BATCH);
        await this.#count(tx, targets, sum, touched);
        if (!o.dryRun && targets.length > 0) {
          await this.store.planAgain(tx, targets);
          await notices.wake(tx, CHANNELS.plan);
        }
        return next;
      });
    } while (after !== undefined);
    return sum;
  }

  async #count(
    tx: Tx,
    targets: readonly PlanTarget[],
    sum: { targets: number; linesToPost: number; linesToReverse: number; linesToCancel: number },
    touched: LineContent[],
  ): Promise<void> {
    // As the planner does.
    const { documents, lines } = await lockLines(tx, this.ledger, targets);
    sum.targets += targets.length;
    for (const target of targets) {
      const rows = lines.get(targetKey(target)) ?? [];
      const decision = plan(
        target,
        rows.map((row) => toLedgerLine(row, row.documentKey !== null && documents.get(row.documentKey)?.exposed === true)),
        this.ledger.rules.correction,
      );
      if (decision.kind === 'wait') continue;
      const reversals = decision.emit.filter((line) => line.kind === 'reversal').length;
      sum.linesToReverse += reversals;
      sum.linesToPost += decision.emit.length - reversals;
      sum.linesToCancel += decision.cancel.length;
      touched.push(...decision.emit.map(({ content }) => content));
    }
  }
}

const replayed = (actor: string, what: string, selection: ReplaySelection) => ({
  actor,
  action: 'posting.replayed',
  subjectKind: 'replay',
  subjectId: selection.by,
  legalEntityId: 'UNASSIGNED',
  after: selection,
  reason: what,
});
