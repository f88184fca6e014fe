import {
  isOut,
  postingMove,
  type Accounts,
  type Block,
  type PlannedLine,
  type Placement,
  type PostingEvent,
  type PostingRow,
  type Postings,
} from '@tieout/delivery';
import type { Tx } from '@tieout/persistence';
import { targetKey, type StoredPosting, type Tables } from './tables.js';

const UNPLACED = { documentKey: null, account: null, balancingAccount: null, postingPeriod: null, postingDate: null } as const;
const UNBLOCKED = { blockedReason: null, blockedDetail: null, recheck: false } as const;

interface LineKey {
  readonly postingKey: string;
}
interface TargetKey {
  readonly entryId: string;
  readonly destination: string;
}

/** The port as PostgreSQL fulfils it, in memory. */
export class SimulatedPostings implements Postings {
  constructor(private readonly tables: Tables) {}

  async lockOf(_tx: Tx, targets: readonly TargetKey[]): Promise<PostingRow[]> {
    const wanted = new Set(targets.map(targetKey));
    return this.tables.postings.where((row) => wanted.has(targetKey(row)));
  }

  async placesOf(tx: Tx, targets: readonly TargetKey[]): Promise<PostingRow[]> {
    return this.lockOf(tx, targets);
  }

  async insert(_tx: Tx, lines: readonly PlannedLine[], now: string): Promise<void> {
    for (const { anchorPeriod, reverses, ...line } of lines) {
      if (this.tables.postings.get(line.postingKey) !== undefined) throw new Error(`posting ${line.postingKey} exists already`);
      this.tables.postings.put(line.postingKey, {
        ...line,
        ...UNPLACED,
        ...UNBLOCKED,
        legalEntityId: line.content.legalEntityId,
        reverses: reverses ?? null,
        anchorPeriod: anchorPeriod ?? null,
        state: 'pending',
        refusedPeriods: {},
        message: null,
        traceparent: line.traceparent ?? null,
        createdAt: now,
        seq: this.tables.nextSequence(),
        notBeforeMs: 0,
      });
    }
  }

  async move(_tx: Tx, event: PostingEvent, lines: readonly (LineKey & { message?: string | null })[]): Promise<void> {
    const { from, to } = postingMove(event);
    const leaves = event === 'cancel' || event === 'retry';
    for (const { postingKey, message } of lines) {
      const row = this.tables.postings.get(postingKey);
      if (row === undefined || !from.includes(row.state)) continue;
      const documentKey = leaves ? null : row.documentKey;
      this.tables.postings.put(postingKey, { ...row, ...UNBLOCKED, state: to, message: message ?? null, documentKey });
    }
  }

  async release(_tx: Tx, lines: readonly LineKey[], refused: { period: string; revision: number } | undefined): Promise<void> {
    for (const { postingKey } of lines) {
      const row = this.tables.postings.get(postingKey);
      if (row === undefined || isOut(row.state)) continue;
      const refusedPeriods =
        refused === undefined ? row.refusedPeriods : { ...row.refusedPeriods, [refused.period]: refused.revision };
      this.tables.postings.put(postingKey, { ...row, ...UNPLACED, state: 'pending', refusedPeriods });
    }
  }

  async releaseDocuments(_tx: Tx, documentKeys: readonly string[]): Promise<void> {
    for (const row of this.#members(documentKeys))
      if (!isOut(row.state)) this.tables.postings.put(row.postingKey, { ...row, ...UNPLACED, state: 'pending' });
  }

  async lockFreezable(_tx: Tx, destination: string, limit: number): Promise<PostingRow[]> {
    const now = this.tables.nowMs();
    const rows = this.tables.postings.where(
      (row) => row.destination === destination && isFreezable(row) && row.notBeforeMs <= now,
    );
    return rows.sort((a, b) => a.rank - b.rank || a.seq - b.seq).slice(0, limit);
  }

  async accountsReversed(_tx: Tx, rows: readonly PostingRow[]): Promise<Map<string, Accounts>> {
    const accounts = new Map<string, Accounts>();
    for (const row of rows) {
      const reversed = row.reverses === null ? undefined : this.tables.postings.get(row.reverses);
      if (reversed?.account == null || reversed.balancingAccount === null) continue;
      accounts.set(row.postingKey, { account: reversed.account, balancingAccount: reversed.balancingAccount });
    }
    return accounts;
  }

  async place(_tx: Tx, placements: readonly Placement[]): Promise<void> {
    for (const { postingKey, documentKey, account, balancingAccount } of placements) {
      const row = this.tables.postings.get(postingKey);
      const document = this.tables.documents.get(documentKey);
      if (row === undefined || isOut(row.state) || document === undefined) continue;
      const { postingPeriod, postingDate } = document;
      this.tables.postings.put(postingKey, {
        ...row,
        ...UNBLOCKED,
        state: 'pending',
        documentKey,
        account,
        balancingAccount,
        postingPeriod,
        postingDate,
      });
    }
  }

  async block(_tx: Tx, blocks: readonly Block[]): Promise<void> {
    for (const { postingKey, reason, detail } of blocks)
      this.tables.postings.change(postingKey, { blockedReason: reason, blockedDetail: detail, recheck: false });
  }

  async defer(_tx: Tx, lines: readonly LineKey[], forMs: number): Promise<void> {
    for (const { postingKey } of lines)
      this.tables.postings.change(postingKey, { ...UNBLOCKED, notBeforeMs: this.tables.nowMs() + forMs });
  }

  async recheckBlocked(_tx: Tx, legalEntityIds?: readonly string[]): Promise<void> {
    for (const row of this.tables.postings.where(({ blockedReason, notBeforeMs }) => blockedReason !== null || notBeforeMs > 0))
      if (legalEntityIds === undefined || legalEntityIds.includes(row.legalEntityId))
        this.tables.postings.put(row.postingKey, { ...row, recheck: row.blockedReason !== null, notBeforeMs: 0 });
  }

  async forgetRefusal(_tx: Tx, lines: readonly LineKey[]): Promise<void> {
    for (const { postingKey } of lines) this.tables.postings.change(postingKey, { refusedPeriods: {}, recheck: true });
  }

  async lockByKeys(_tx: Tx, postingKeys: readonly string[]): Promise<PostingRow[]> {
    return postingKeys.flatMap((key) => this.tables.postings.get(key) ?? []);
  }

  async ofDocuments(_tx: Tx, documentKeys: readonly string[]): Promise<PostingRow[]> {
    return this.#members(documentKeys).sort((a, b) => (a.postingKey < b.postingKey ? -1 : 1));
  }

  #members(documentKeys: readonly string[]): StoredPosting[] {
    if (documentKeys.length === 0) return [];
    const wanted = new Set(documentKeys);
    return this.tables.postings.where((row) => row.documentKey !== null && wanted.has(row.documentKey));
  }
}

/** Owed, in no document, and not held back. */
export const isFreezable = (row: StoredPosting): boolean =>
  row.state === 'pending' && row.documentKey === null && (row.blockedReason === null || row.recheck);
