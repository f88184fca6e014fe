import type { NewEvent, Tx } from '@tieout/persistence';
import { freezeDocuments, type NewDocument, type PlacedLine, type Placing } from '../domain/freeze.js';
import type { Destination } from './destination.js';
import { CHANNELS, tell, type AuditNote } from './ledger.js';
import { lineBlocked, lineCleared } from './ledger-events.js';
import type { Pace } from './pace.js';
import type { Block, Ledger, Placement } from './ports.js';
import { toFreezable, type PostingRow } from './rows.js';

/** Lines are gathered for at most this long while more of them come in. */
const GATHER_MS = 200;
const GATHER_STEP_MS = 20;
const BATCH = 2_000;
/** Lines per batch while the sender has this many documents before it for each slot. */
const BUSY_BATCH = 200;
const QUEUE_PER_SLOT = 4;
/** A queue as long as this for each lane is long enough to know. */
const LANES = 5;
/** How long a line that is too early is left alone, so that it does not stand in the way of those that are not. */
const EARLY_MS = 2_000;

/** Puts pending lines of one destination into documents that never change again. */
export class FreezeDocuments {
  #gatheringSince: number | undefined;

  constructor(
    private readonly ledger: Ledger,
    private readonly destination: Destination,
    private readonly pace: Pace,
  ) {}

  async run(): Promise<'more' | 'idle'> {
    const { timers, database } = this.ledger;
    if (this.pace.gathering) {
      this.#gatheringSince ??= timers.monotonicMs();
      if (timers.monotonicMs() - this.#gatheringSince < GATHER_MS) {
        await timers.sleep(GATHER_STEP_MS);
        return 'more';
      }
    }
    this.#gatheringSince = undefined;
    return database.transaction((tx) => this.#batch(tx));
  }

  async #batch(tx: Tx): Promise<'more' | 'idle'> {
    const { postings, documents, rules, newKey, connections } = this.ledger;
    const { id, capabilities } = this.destination;
    // What is locked may be owed no longer when it opens: a predecessor booked it, or we did before a restore.
    if (((await connections.read(tx, id))?.locked ?? null) !== null) return 'idle';
    // The sender is busy: a document that is not full gains nothing by being frozen now, and what is urgent shall not wait for a long batch.
    const enough = QUEUE_PER_SLOT * capabilities.maxConcurrency;
    const waiting = await documents.countFrozen(tx, id, enough * LANES);
    const queue = Object.values(waiting).reduce((sum, documentsOfLane) => sum + documentsOfLane, 0);
    const limit = queue >= enough ? BUSY_BATCH : BATCH;
    const rows = await postings.lockFreezable(tx, id, limit);
    if (rows.length === 0) return 'idle';
    const place = await rules.placer(tx, rows, await postings.accountsReversed(tx, rows));
    const sorted = new Sorted();
    for (const row of rows) sorted.add(row, place(row));
    const frozen = freezeDocuments(sorted.placed, {
      destination: id,
      maxLines: capabilities.maxLinesPerDocument,
      onlyFull: (lane) => (waiting[lane] ?? 0) >= capabilities.maxConcurrency,
      newKey,
      summaryOf: (line) => rules.summaryOf(id, line),
    });
    for (const [forMs, early] of sorted.early) await postings.defer(tx, early, forMs);
    await this.#write(tx, rows, frozen, sorted);
    const moved = frozen.length + sorted.blocks.length + sorted.early.size > 0;
    return rows.length === limit && moved ? 'more' : 'idle';
  }

  async #write(tx: Tx, rows: readonly PostingRow[], frozen: readonly NewDocument[], sorted: Sorted): Promise<void> {
    const { blocks } = sorted;
    const early = [...sorted.early.values()].flat();
    const { documents, postings, clock, rules, notices } = this.ledger;
    const now = clock.now();
    const byKey = new Map(rows.map((row) => [row.postingKey, row]));
    const placements = placementsOf(frozen);
    await documents.insert(tx, frozen, now);
    await postings.place(tx, placements, now);
    await postings.block(tx, blocks, now);
    const news = blocks.filter((block) => byKey.get(block.postingKey)!.blockedReason !== block.reason);
    const unblocked = [...placements.map(({ postingKey }) => byKey.get(postingKey)!), ...early];
    const cleared = unblocked.filter((row) => row.blockedReason !== null);
    await tell(tx, this.ledger, {
      audit: [...frozen.map((document) => frozenNote(document)), ...news.map((block) => blockedNote(block, byKey))],
      events: [
        ...news.map((block): NewEvent => lineBlocked(rules, byKey.get(block.postingKey)!, block.reason, block.detail, now)),
        ...cleared.map((row): NewEvent => lineCleared(rules, row, now)),
      ],
    });
    if (frozen.length > 0) await notices.wake(tx, CHANNELS.send);
  }
}

class Sorted {
  readonly placed: PlacedLine[] = [];
  readonly blocks: Block[] = [];
  readonly early = new Map<number, PostingRow[]>();
  add(row: PostingRow, at: Placing): void {
    if (at.kind === 'placed') this.placed.push({ line: toFreezable(row), at, rank: row.rank, lane: row.lane });
    else if (at.kind === 'early') {
      const forMs = at.forMs ?? EARLY_MS;
      const alike = this.early.get(forMs);
      if (alike === undefined) this.early.set(forMs, [row]);
      else alike.push(row);
    } else this.blocks.push({ postingKey: row.postingKey, entryId: row.entryId, reason: at.reason, detail: at.detail });
  }
}

export const placementsOf = (documents: readonly NewDocument[]): Placement[] =>
  documents.flatMap(({ documentKey, members }) =>
    members.map(({ postingKey, entryId, account, balancingAccount }) => ({
      documentKey,
      postingKey,
      entryId,
      account,
      balancingAccount,
    })),
  );

export const frozenNote = (document: NewDocument, splitFrom?: string): AuditNote => ({
  action: 'document.frozen',
  subjectKind: 'document',
  subjectId: document.documentKey,
  legalEntityId: document.legalEntityId,
  after: {
    state: 'frozen',
    destination: document.destination,
    postingPeriod: document.postingPeriod,
    postingDate: document.postingDate,
    contentHash: document.contentHash,
    totals: document.totals,
    postingKeys: document.members.map((member) => member.postingKey),
    ...(document.held && { held: true }),
    ...(splitFrom !== undefined && { splitFrom }),
  },
});

const blockedNote = (block: Block, rows: ReadonlyMap<string, PostingRow>): AuditNote => ({
  action: 'posting.blocked',
  subjectKind: 'posting',
  subjectId: block.postingKey,
  legalEntityId: rows.get(block.postingKey)!.legalEntityId,
  after: { blocked: block.reason },
  reason: block.detail,
});
