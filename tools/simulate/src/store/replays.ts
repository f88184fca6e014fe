import { documentMove, type PlanTarget, type PostingRow, type Replay, type ReplaySelection } from '@tieout/delivery';
import type { Tx } from '@tieout/persistence';
import { targetKey, type StoredDocument, type Tables } from './tables.js';

type ReplayStore = ConstructorParameters<typeof Replay>[1];

/** The port as PostgreSQL fulfils it, in memory; by entry and by destination, which is what the simulated people ask for. */
export class SimulatedReplays implements ReplayStore {
  constructor(private readonly tables: Tables) {}

  async targets(_tx: Tx, selection: ReplaySelection): Promise<{ targets: PlanTarget[]; next: undefined }> {
    return { targets: this.tables.targets.where((row) => isMeant(row, selection)), next: undefined };
  }

  async confirmed(_tx: Tx, selection: ReplaySelection, after: string | undefined): Promise<string[]> {
    if (after !== undefined) return [];
    return this.tables.documents
      .where((row) => row.state === 'confirmed' && this.#isMeant(row, selection))
      .map((row) => row.documentKey);
  }

  async rejected(_tx: Tx, selection: ReplaySelection): Promise<PostingRow[]> {
    return this.tables.postings.where((row) => row.state === 'rejected' && isMeant(row, selection));
  }

  async recheck(_tx: Tx, documentKeys: readonly string[]): Promise<void> {
    const { from, to } = documentMove('recheck');
    for (const key of documentKeys)
      if (from.includes(this.tables.documents.get(key)!.state))
        this.tables.changeDocument(key, { state: to, nextAttemptAtMs: this.tables.nowMs() });
  }

  async planAgain(_tx: Tx, targets: readonly PlanTarget[]): Promise<void> {
    for (const target of targets)
      if (this.tables.targets.get(targetKey(target))?.planning === 'clean')
        this.tables.targets.change(targetKey(target), { planning: 'dirty' });
  }

  #isMeant(document: StoredDocument, selection: ReplaySelection): boolean {
    if (selection.by === 'destination') return document.destination === selection.destination;
    return document.postingKeys.some((key) => isMeant(this.tables.postings.get(key)!, selection));
  }
}

const isMeant = (row: { readonly entryId: string; readonly destination: string }, selection: ReplaySelection): boolean =>
  selection.by === 'entries' ? selection.entryIds.includes(row.entryId) : row.destination === selection.destination;
