import {
  documentMove,
  type Attempt,
  type Claim,
  type DocumentContent,
  type DocumentRow,
  type Documents,
  type NewDocument,
  type UnknownWhy,
} from '@tieout/delivery';
import type { Tx } from '@tieout/persistence';
import type { StoredDocument, Tables } from './tables.js';

const SETTLED = { unknownWhy: null, unknownSince: null, absenceCountsAtMs: null, lookUps: 0 } as const;

/** The port as PostgreSQL fulfils it, in memory. */
export class SimulatedDocuments implements Documents {
  constructor(private readonly tables: Tables) {}

  async insert(_tx: Tx, documents: readonly NewDocument[], now: string, splitFrom?: string): Promise<void> {
    // Column by column, as SQL does: a document may carry more than its type says.
    for (const document of documents)
      this.tables.documents.put(document.documentKey, {
        ...NEVER_SENT,
        documentKey: document.documentKey,
        destination: document.destination,
        legalEntityId: document.legalEntityId,
        currency: document.currency,
        postingPeriod: document.postingPeriod,
        postingDate: document.postingDate,
        contentHash: document.contentHash,
        totals: document.totals,
        held: document.held,
        lane: document.lane,
        rank: document.rank,
        postingKeys: document.members.map((member) => member.postingKey),
        group: document.group ?? null,
        summary: document.summary ?? null,
        splitFrom: splitFrom ?? null,
        frozenAt: now,
        content: document.content,
      });
  }

  async contents(_tx: Tx, documentKeys: readonly string[]): Promise<Map<string, DocumentContent>> {
    return new Map(
      documentKeys.flatMap((key) => {
        const content = this.tables.documents.get(key)?.content;
        return content == null ? [] : [[key, { content, traceparents: [] }]];
      }),
    );
  }

  async forgetContents(_tx: Tx, documentKeys: readonly string[]): Promise<void> {
    for (const key of documentKeys) this.#change(key, { content: null });
  }

  async lock(_tx: Tx, documentKeys: readonly string[]): Promise<DocumentRow[]> {
    return documentKeys.flatMap((key) => this.tables.documents.get(key) ?? []).map((row) => this.#read(row));
  }

  async lockUnsent(_tx: Tx, periods: readonly { legalEntityId: string; code: string }[]): Promise<DocumentRow[]> {
    const fits = (row: DocumentRow): boolean =>
      row.state === 'frozen' &&
      !row.exposed &&
      periods.some((period) => period.legalEntityId === row.legalEntityId && period.code === row.postingPeriod);
    return this.tables.documents.where(fits).map((row) => this.#read(row));
  }

  async countFrozen(_tx: Tx, destination: string, most: number): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    let left = most;
    for (const row of this.tables.documents.all())
      if (row.destination === destination && row.state === 'frozen' && !row.held && (left -= 1) >= 0)
        counts[row.lane] = (counts[row.lane] ?? 0) + 1;
    return counts;
  }

  async claim(_tx: Tx, destination: string, o: Parameters<Documents['claim']>[2]): Promise<Claim[]> {
    const now = this.tables.nowMs();
    const due = this.tables.documents.where(
      (row) => row.destination === destination && isClaimable(row, now) && !o.except.includes(row.legalEntityId),
    );
    due.sort((a, b) => a.rank - b.rank || (a.documentKey < b.documentKey ? -1 : 1));
    return due.slice(0, o.limit).map((row) => {
      const { to } = documentMove('claim');
      const claimed = {
        state: to,
        exposed: true,
        fence: row.fence + 1,
        attempts: row.attempts + 1,
        leaseUntilMs: now + o.leaseMs,
        instance: o.instance,
      };
      return { row: this.#change(row.documentKey, claimed), wasExposed: row.exposed };
    });
  }

  async storeDraft(_tx: Tx, row: DocumentRow, draftId: string, leaseMs: number): Promise<boolean> {
    const stored = this.tables.documents.get(row.documentKey);
    if (stored?.fence !== row.fence || stored.state !== 'sending') return false;
    this.#change(row.documentKey, { draftId, leaseUntilMs: this.tables.nowMs() + leaseMs });
    return true;
  }

  async lockFenced(_tx: Tx, rows: readonly DocumentRow[]): Promise<DocumentRow[]> {
    return rows.flatMap((row) => {
      const stored = this.tables.documents.get(row.documentKey);
      return stored?.fence === row.fence && stored.state === row.state ? [this.#read(stored)] : [];
    });
  }

  async accept(
    _tx: Tx,
    documents: readonly { documentKey: string; externalId: string; traceparent: string | undefined }[],
    o: { postedAt: string; confirmAfterMs: number },
  ): Promise<void> {
    for (const { documentKey, externalId } of documents)
      this.#change(documentKey, {
        ...SETTLED,
        state: documentMove('accept').to,
        externalId,
        postedAt: this.tables.documents.get(documentKey)!.postedAt ?? o.postedAt,
        nextAttemptAtMs: this.tables.nowMs() + o.confirmAfterMs,
        leaseUntilMs: null,
        ticket: null,
        message: null,
      });
  }

  async refuse(_tx: Tx, documentKey: string, message: string): Promise<void> {
    const discardDraft = this.tables.documents.get(documentKey)!.draftId !== null;
    const state = documentMove('refuse').to;
    this.#change(documentKey, {
      state,
      message,
      leaseUntilMs: null,
      nextAttemptAtMs: null,
      ticket: null,
      discardDraft,
      content: null,
    });
  }

  async queue(_tx: Tx, documentKey: string, o: { ticket: string; since: string; askAfterMs: number }): Promise<void> {
    const nextAttemptAtMs = this.tables.nowMs() + o.askAfterMs;
    this.#change(documentKey, {
      state: documentMove('queue').to,
      ticket: o.ticket,
      leaseUntilMs: null,
      nextAttemptAtMs,
      lookUps: 0,
    });
  }

  async giveBack(_tx: Tx, documentKey: string, o: { exposed: boolean; draftId: string | null; message: string }): Promise<void> {
    this.#change(documentKey, {
      ...SETTLED,
      ...o,
      state: documentMove('return').to,
      leaseUntilMs: null,
      nextAttemptAtMs: this.tables.nowMs(),
      externalId: null,
      postedAt: null,
      ticket: null,
    });
  }

  async lose(_tx: Tx, documentKey: string, o: Parameters<Documents['lose']>[2]): Promise<void> {
    const now = this.tables.nowMs();
    const lease = this.tables.documents.get(documentKey)!.leaseUntilMs;
    this.#change(documentKey, {
      state: documentMove(o.event).to,
      fence: this.tables.documents.get(documentKey)!.fence + 1,
      unknownWhy: o.why,
      unknownSince: o.since,
      message: o.message,
      leaseUntilMs: null,
      lookUps: 0,
      ticket: null,
      absenceCountsAtMs: (o.fromLease ? Math.max(now, lease ?? now) : now) + o.settleMs,
      nextAttemptAtMs: now + o.lookAfterMs,
    });
  }

  async nameWhy(_tx: Tx, documentKey: string, why: UnknownWhy, message: string): Promise<void> {
    this.#change(documentKey, { unknownWhy: why, message });
  }

  async lookAgain(_tx: Tx, documentKey: string, delayMs: number): Promise<void> {
    const row = this.tables.documents.get(documentKey)!;
    const now = this.tables.nowMs();
    const counts = row.absenceCountsAtMs;
    const again = now + delayMs;
    const nextAttemptAtMs = counts !== null && counts > now ? Math.min(counts, again) : again;
    this.#change(documentKey, { lookUps: row.lookUps + 1, nextAttemptAtMs });
  }

  async lockExpired(_tx: Tx, destination: string, limit: number): Promise<DocumentRow[]> {
    const now = this.tables.nowMs();
    const expired = this.tables.documents.where((row) => row.destination === destination && isExpired(row, now));
    return expired.slice(0, limit).map((row) => this.#read(row));
  }

  async lockClaimedBy(_tx: Tx, destination: string, instance: string): Promise<DocumentRow[]> {
    const claimed = this.tables.documents.where(
      (row) => row.destination === destination && row.state === 'sending' && row.instance === instance,
    );
    return claimed.map((row) => this.#read(row));
  }

  async takeDue(
    _tx: Tx,
    destination: string,
    o: { states: readonly DocumentRow['state'][]; limit: number; holdMs: number },
  ): Promise<DocumentRow[]> {
    const now = this.tables.nowMs();
    const due = this.tables.documents.where(
      (row) =>
        row.destination === destination &&
        o.states.includes(row.state) &&
        row.nextAttemptAtMs !== null &&
        row.nextAttemptAtMs <= now,
    );
    due.sort((a, b) => a.nextAttemptAtMs! - b.nextAttemptAtMs!);
    return due
      .slice(0, o.limit)
      .map((row) => this.#change(row.documentKey, { fence: row.fence + 1, nextAttemptAtMs: now + o.holdMs }));
  }

  async confirm(_tx: Tx, documentKeys: readonly string[], now: string): Promise<void> {
    for (const key of documentKeys)
      this.#change(key, { state: documentMove('confirm').to, confirmedAt: now, nextAttemptAtMs: null, content: null });
  }

  async dissolve(_tx: Tx, documentKeys: readonly string[]): Promise<void> {
    for (const key of documentKeys) this.#change(key, { state: documentMove('dissolve').to, content: null });
  }

  async draftsToDiscard(_tx: Tx, destination: string, limit: number): Promise<{ documentKey: string; draftId: string }[]> {
    const rows = this.tables.documents.where((row) => row.destination === destination && row.discardDraft);
    return rows.slice(0, limit).map((row) => ({ documentKey: row.documentKey, draftId: row.draftId! }));
  }

  async draftDiscarded(_tx: Tx, documentKey: string): Promise<void> {
    this.#change(documentKey, { discardDraft: false });
  }

  async sign(_tx: Tx, documentKeys: readonly string[]): Promise<string[]> {
    const waiting = documentKeys.filter((key) => {
      const row = this.tables.documents.get(key);
      return row?.state === 'frozen' && row.held;
    });
    for (const key of waiting) this.#change(key, { held: false, exposed: true });
    return waiting;
  }

  async lastAttempt(): Promise<number> {
    return this.tables.attempts.rows.length;
  }

  async appendAttempts(_tx: Tx, attempts: readonly Attempt[]): Promise<void> {
    this.tables.attempts.append(attempts);
  }

  #change(documentKey: string, change: Partial<StoredDocument>): DocumentRow {
    this.tables.changeDocument(documentKey, change);
    return this.#read(this.tables.documents.get(documentKey)!);
  }

  #read(row: StoredDocument): DocumentRow {
    const counts = row.absenceCountsAtMs !== null && row.absenceCountsAtMs <= this.tables.nowMs();
    return counts === row.absenceCounts ? row : { ...row, absenceCounts: counts };
  }
}

export const isClaimable = (row: StoredDocument, nowMs: number): boolean =>
  row.state === 'frozen' && !row.held && (row.nextAttemptAtMs === null || row.nextAttemptAtMs <= nowMs);
export const isExpired = (row: StoredDocument, nowMs: number): boolean =>
  row.state === 'sending' && row.leaseUntilMs !== null && row.leaseUntilMs < nowMs;

const NEVER_SENT = {
  state: 'frozen',
  exposed: false,
  fence: 0,
  attempts: 0,
  ...SETTLED,
  draftId: null,
  discardDraft: false,
  ticket: null,
  externalId: null,
  absenceCounts: false,
  message: null,
  traceparent: null,
  postedAt: null,
  confirmedAt: null,
  leaseUntilMs: null,
  instance: null,
  nextAttemptAtMs: null,
} as const;
