import type { Clock } from '@tieout/clock';
import type { Context, EventType } from '@tieout/contracts';
import type { ReceivedEvent } from '@tieout/messaging';
import type { ConnectionId, MasterKind, MasterObject, ReasonCode, ReleasedContent } from '@tieout/model';
import type { NewAuditRow, NewEvent, Tx } from '@tieout/persistence';
import type { CompiledPolicy } from '@tieout/policy';
import type { Accounts, FreezableLine, NewDocument, Placing } from '../domain/freeze.js';
import type { LineContent, NewLine, Target, WantedLine } from '../domain/ledger.js';
import type { CorrectionStyle } from '../domain/plan.js';
import type { PostingEvent } from '../domain/posting-states.js';
import type { SummaryField } from '../domain/summarise.js';
import type { RestoreGuard } from './restore-guard.js';
import type { DocumentRow, PlanTarget, PostingRow, UnknownWhy } from './rows.js';

/**
 * What the engine needs of the world. Two worlds exist: PostgreSQL (../postgres), and the simulation, which brings its own store,
 * clock and keys. Every method that takes a `tx` acts in that transaction.
 */
export interface LedgerDatabase extends Tx {
  transaction<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
}

export interface Timers {
  /** Milliseconds of a clock that never jumps. */
  monotonicMs(): number;
  /** An aborted sleep never ends; nobody waits for it. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface NewTarget {
  readonly entryId: string;
  readonly releaseNo: number;
  readonly legalEntityId: string;
  /** What shall stand, per destination. Nothing of the entry may stand anywhere else. */
  readonly wanted: readonly { readonly destination: ConnectionId; readonly lines: readonly WantedLine[] }[];
  readonly rank: number;
  readonly traceparent?: string | undefined;
}

/** Per entry and destination, the latest word on what shall stand there. */
export interface Targets {
  /** Takes the releases that are newer than what is known; one per entry. @returns the entries that were taken. */
  take(tx: Tx, releases: readonly NewTarget[], now: string): Promise<ReadonlySet<string>>;
  /** Locks up to `limit` targets that must be planned, lowest rank first; another replica's are passed over. `except`: destinations. */
  lockDirty(tx: Tx, limit: number, except: readonly string[]): Promise<PlanTarget[]>;
  planned(tx: Tx, targets: readonly Target[], planning: 'clean' | 'waiting'): Promise<void>;
  /** The lines of these entries may have come to rest: whoever waited is planned again. Call it after the lines' update. @returns whether anybody waited */
  wake(tx: Tx, destination: string, entryIds: readonly string[]): Promise<boolean>;
  /** To the end of the queue: it could not be planned, and nobody else shall wait for it. */
  postpone(tx: Tx, target: Target, now: string): Promise<void>;
  /** Targets of these entries with something wanted, of which a line has left or may have. */
  sent(tx: Tx, entryIds: readonly string[]): Promise<readonly SentTarget[]>;
}

export interface SentTarget {
  readonly entryId: string;
  readonly destination: ConnectionId;
  readonly wanted: readonly WantedLine[];
}

export interface PlannedLine extends NewLine, Urgency {
  readonly entryId: string;
  readonly destination: string;
  readonly traceparent: string | undefined;
}

export interface Placement extends Accounts {
  readonly documentKey: string;
  readonly postingKey: string;
  readonly entryId: string;
}

export interface Block {
  readonly postingKey: string;
  readonly entryId: string;
  readonly reason: ReasonCode;
  readonly detail: string;
}

export interface LinePlace {
  readonly entryId: string;
  readonly destination: string;
  readonly documentKey: string | null;
}

interface LineKey {
  readonly postingKey: string;
  readonly entryId: string;
}

/**
 * The ledger: content is written once, state follows the transition table, everything in sets. Lines that a document holds share its state:
 * no method here moves them with it.
 */
export interface Postings {
  /** Locks every line of these entries in these destinations, in the order they were planned. Lock their documents first. */
  lockOf(tx: Tx, targets: readonly Target[]): Promise<PostingRow[]>;
  /** Which of these targets (and a few more, where entries have several) have lines, and which documents hold them. */
  placesOf(tx: Tx, targets: readonly Target[]): Promise<readonly LinePlace[]>;
  insert(tx: Tx, lines: readonly PlannedLine[], now: string): Promise<void>;
  /** Moves single lines; those in no state that the event knows stay as they are. `cancel` and `retry` leave the document. */
  move(tx: Tx, event: PostingEvent, lines: readonly (LineKey & { message?: string | null })[], now: string): Promise<void>;
  /** Lines leave their document and freeze anew; `refused`: not into that period as we knew it. */
  release(tx: Tx, lines: readonly LineKey[], refused: { period: string; revision: number } | undefined): Promise<void>;
  releaseDocuments(tx: Tx, documentKeys: readonly string[]): Promise<void>;
  /** Locks pending lines that no document holds and that may have a period now, lowest rank first. */
  lockFreezable(tx: Tx, destination: string, limit: number): Promise<PostingRow[]>;
  /** The accounts that the reversed lines were booked to, by the reversal's key: policy may say otherwise by now. */
  accountsReversed(tx: Tx, rows: readonly PostingRow[]): Promise<Map<string, Accounts>>;
  place(tx: Tx, placements: readonly Placement[], now: string): Promise<void>;
  block(tx: Tx, blocks: readonly Block[], now: string): Promise<void>;
  /** Not asked again for so long: the feed said that it is too early. No longer blocked, if it was. */
  defer(tx: Tx, lines: readonly LineKey[], forMs: number): Promise<void>;
  /** Blocked and early lines of these legal entities (of all, when none are given) are looked at again. */
  recheckBlocked(tx: Tx, legalEntityIds?: readonly string[]): Promise<void>;
  forgetRefusal(tx: Tx, lines: readonly LineKey[]): Promise<void>;
  lockByKeys(tx: Tx, postingKeys: readonly string[]): Promise<PostingRow[]>;
  /** Ordered by posting key. */
  ofDocuments(tx: Tx, documentKeys: readonly string[]): Promise<PostingRow[]>;
}

/** What a document was frozen with. */
export interface DocumentContent {
  readonly content: string;
  /** Of its lines, in their order; empty for one that sums them. */
  readonly traceparents: readonly (string | null)[];
}

/** A document in somebody's hands. Nobody else's fence may write its outcome. */
export interface Claim {
  readonly row: DocumentRow;
  /** It may have left before this claim. */
  readonly wasExposed: boolean;
}

export interface Attempt {
  readonly documentKey: string;
  readonly fence: number;
  readonly step: string;
  readonly outcome: string;
  readonly detail?: string | undefined;
}

/** Documents and their attempts. Leases and fences run on the store's clock: replicas need not agree on the time. */
export interface Documents {
  insert(tx: Tx, documents: readonly NewDocument[], now: string, splitFrom?: string): Promise<void>;
  lock(tx: Tx, documentKeys: readonly string[]): Promise<DocumentRow[]>;
  /** Of those that keep it: from the freeze until they are read back. */
  contents(tx: Tx, documentKeys: readonly string[]): Promise<ReadonlyMap<string, DocumentContent>>;
  /** Some of its lines are out, so that it is no longer what was frozen. */
  forgetContents(tx: Tx, documentKeys: readonly string[]): Promise<void>;
  /** Locks what was never sent of these periods: their state changed, so the documents freeze anew. */
  lockUnsent(tx: Tx, periods: readonly { legalEntityId: string; code: string }[]): Promise<DocumentRow[]>;
  /** Documents that wait to be sent, per lane, `most` of them looked at; those that wait for a signature do not count. */
  countFrozen(tx: Tx, destination: string, most: number): Promise<Readonly<Record<string, number>>>;
  /** Takes documents to send, lowest rank first, with a lease and a new fence. Marks them exposed. `except`: legal entities. */
  claim(
    tx: Tx,
    destination: string,
    o: { limit: number; leaseMs: number; instance: string; except: readonly string[] },
  ): Promise<Claim[]>;
  /** Stores the draft before it is posted, and begins the lease anew for the second request. @returns false when the fence is lost. */
  storeDraft(tx: Tx, row: DocumentRow, draftId: string, leaseMs: number): Promise<boolean>;
  /** Locks those documents whose fence and state still hold. Everything that writes an outcome begins here. */
  lockFenced(tx: Tx, rows: readonly DocumentRow[]): Promise<DocumentRow[]>;
  accept(
    tx: Tx,
    documents: readonly { documentKey: string; externalId: string; traceparent: string | undefined }[],
    o: { postedAt: string; confirmAfterMs: number },
  ): Promise<void>;
  refuse(tx: Tx, documentKey: string, message: string): Promise<void>;
  /** Taken, to be booked later: asked again after a while. */
  queue(tx: Tx, documentKey: string, o: { ticket: string; since: string; askAfterMs: number }): Promise<void>;
  /** Back to be sent again as it is. `draftId` null: no draft stands. */
  giveBack(tx: Tx, documentKey: string, o: { exposed: boolean; draftId: string | null; message: string }): Promise<void>;
  /** `settleMs`: how long from now until absence counts. A first look-up follows at once: presence counts at any time. */
  lose(
    tx: Tx,
    documentKey: string,
    o: {
      event: 'lose' | 'doubt';
      why: UnknownWhy;
      message: string;
      since: string;
      settleMs: number;
      lookAfterMs: number;
      /** Absence counts from the end of the lease, if that is still ahead. */
      fromLease?: boolean | undefined;
    },
  ): Promise<void>;
  /** Says why an unknown document needs a person. */
  nameWhy(tx: Tx, documentKey: string, why: UnknownWhy, message: string): Promise<void>;
  /** Looks again later, but no later than when absence begins to count. */
  lookAgain(tx: Tx, documentKey: string, delayMs: number): Promise<void>;
  /** Documents whose sender vanished: the lease outlived the request, so nothing of it is in flight any more. */
  lockExpired(tx: Tx, destination: string, limit: number): Promise<DocumentRow[]>;
  /** Documents that an earlier life of the instance had claimed. Only before its first claim of this life. */
  lockClaimedBy(tx: Tx, destination: string, instance: string): Promise<DocumentRow[]>;
  /** Takes documents in a state that are due; a new fence and a later due time keep other replicas away meanwhile. */
  takeDue(
    tx: Tx,
    destination: string,
    o: { states: readonly DocumentRow['state'][]; limit: number; holdMs: number },
  ): Promise<DocumentRow[]>;
  /** Its content is forgotten: the ledger has it line by line. */
  confirm(tx: Tx, documentKeys: readonly string[], now: string): Promise<void>;
  dissolve(tx: Tx, documentKeys: readonly string[]): Promise<void>;
  draftsToDiscard(tx: Tx, destination: string, limit: number): Promise<{ documentKey: string; draftId: string }[]>;
  draftDiscarded(tx: Tx, documentKey: string): Promise<void>;
  /** Signed: goes out as it is, and dissolves no more. @returns the keys that were frozen and waited for it */
  sign(tx: Tx, documentKeys: readonly string[]): Promise<string[]>;
  /** Number of the latest attempt; 0 before the first. It never falls, unless the store went back to an earlier point. */
  lastAttempt(tx: Tx): Promise<number>;
  /** Append-only: what was tried and what came of it, also when nobody may act on it any more. */
  appendAttempts(tx: Tx, attempts: readonly Attempt[], instance: string, now: string): Promise<void>;
}

export interface ConnectionRow {
  /** Why nothing may be sent until a person or a re-derivation says so; null: it may. */
  locked: string | null;
  /** On the store's clock; absent or null: not known. */
  lockedForMs?: number | null;
  /** When the ledger was last derived again from its destinations, on the store's clock. */
  derivedMs?: number | null;
}

/** Whether a destination may be sent to, for all replicas together. How it fares is the budget's matter. */
export interface Connections {
  lock(tx: Tx, connection: string): Promise<ConnectionRow>;
  read(tx: Tx, connection: string): Promise<ConnectionRow | undefined>;
  /** `reason` null: opens it again. */
  setLock(tx: Tx, connection: string, reason: string | null): Promise<void>;
}

/** What leaves in the transaction of a change: audit, events, receipts, wake-ups. */
export interface Notices {
  audit(tx: Tx, rows: readonly NewAuditRow[], now: string): Promise<void>;
  outbox(tx: Tx, producer: Context, events: readonly NewEvent[], now: string): Promise<void>;
  receipts(tx: Tx, events: readonly ReceivedEvent[]): Promise<unknown>;
  wake(tx: Tx, channel: string): Promise<void>;
}

export interface MasterData {
  byKind(tx: Tx, kind: MasterKind, legalEntityId?: string): Promise<MasterObject[]>;
  byCodes(tx: Tx, keys: readonly { kind: MasterKind; code: string }[]): Promise<Map<string, MasterObject>>;
}

export interface Urgency {
  readonly lane: string;
  /** Milliseconds; the smaller goes first. It stands still while time goes on: that is the ageing. */
  readonly rank: number;
}

export type FeedEvent =
  | 'documentPosted'
  | 'documentConfirmed'
  | 'documentUnknown'
  | 'documentResolved'
  | 'lineRejected'
  | 'lineBlocked'
  | 'lineCleared';

/** What a feed decides. The engine asks and has no rule of its own. */
export interface FeedRules {
  readonly context: Context;
  readonly actor: string;
  readonly correction: CorrectionStyle;
  readonly events: Readonly<Record<FeedEvent, EventType>>;
  /** The feed's own destinations; routes to others are somebody else's. */
  readonly destinations: ReadonlySet<ConnectionId>;
  wanted(release: ReleasedContent, destination: ConnectionId): readonly WantedLine[];
  /**
   * What is wanted of an entry, seen what was sent before to destinations that its legal entity has left. Absent, or undefined: what is
   * wanted nowhere any longer is reversed where it stands.
   */
  afterMove?(legalEntityId: string, wanted: NewTarget['wanted'], sent: readonly SentTarget[]): NewTarget['wanted'] | undefined;
  urgency(tx: Tx, nowMs: number): Promise<(content: LineContent) => Urgency>;
  /** Where pending lines go. `booked`: the accounts of lines that reversals reverse, by the reversal's key. */
  placer(tx: Tx, rows: readonly PostingRow[], booked: ReadonlyMap<string, Accounts>): Promise<(row: PostingRow) => Placing>;
  /** Fields that stay apart when lines are summed; undefined: line by line. */
  summaryOf(destination: ConnectionId, line: FreezableLine): readonly SummaryField[] | undefined;
  /** Legal entities whose documents may not go to the destination now, by a freeze of theirs. */
  frozenEntities(tx: Tx, destination: ConnectionId): Promise<readonly string[]>;
  /** What we know of a period that a destination calls closed. */
  periodRevision(tx: Tx, legalEntityId: string, period: string): Promise<number>;
}

/** What every step needs: tables, clock, keys and the rules in force. */
export interface Ledger {
  readonly database: LedgerDatabase;
  readonly targets: Targets;
  readonly postings: Postings;
  readonly documents: Documents;
  readonly connections: Connections;
  readonly notices: Notices;
  readonly master: MasterData;
  readonly clock: Clock;
  readonly timers: Timers;
  /** A new UUID. */
  readonly newKey: () => string;
  readonly policy: { current(): Pick<CompiledPolicy, 'digest'> };
  readonly rules: FeedRules;
  /** Notices that the store went back to an earlier point. */
  readonly guard: RestoreGuard;
  /** Which process this is. Stable over its restarts where the platform gives it a name. */
  readonly instance: string;
}
