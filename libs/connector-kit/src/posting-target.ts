import type {
  ControlTotals,
  CurrencyCode,
  DecimalString,
  EntryId,
  Leg,
  PostingDate,
  PostingKey,
  PostingKind,
  WorkDate,
} from '@tieout/model';

/** The protocol follows from what the destination offers. */
/**
 * `idempotency-key`, `upsert`: sending the same document again has no second effect. `draft-then-post`: a stored draft is posted.
 * `look-up`: documents are found by our reference. `none`: neither; what got no answer is for a person.
 */
export const POSTING_PROTOCOLS = ['idempotency-key', 'upsert', 'draft-then-post', 'look-up', 'none'] as const;
export type PostingProtocol = (typeof POSTING_PROTOCOLS)[number];

export interface PostingCapabilities {
  readonly protocol: PostingProtocol;
  readonly maxLinesPerDocument: number;
  /** All-or-nothing destinations name no bad line: the engine bisects. */
  readonly partialAcceptance: boolean;
  /** A request still running after this is cut and its outcome is unknown. */
  readonly requestTimeoutMs: number;
  /** After the request's deadline, how long until an absent document may be taken as not booked. */
  readonly settleMs: number;
  /** How long after posting until a read shows it. */
  readonly readLagMs: number;
  readonly maxConcurrency: number;
  /** The vendor's documented limit; absent: none known. */
  readonly maxRequestsPerSecond?: number | undefined;
  /** A yes may mean "queued": `outcomeOf` tells later what became of it. */
  readonly answersLater?: boolean | undefined;
  /** Documents read back in one request. */
  readonly maxReadBack?: number | undefined;
}

/** One ledger line. Amounts and hours of a reversal are already negated. */
export interface PostingLine {
  readonly postingKey: PostingKey;
  readonly entryId: EntryId;
  readonly releaseNo: number;
  readonly leg: Leg;
  readonly kind: PostingKind;
  /** The posting that a reversal negates. */
  readonly reverses?: PostingKey | undefined;
  readonly workerCode: string;
  readonly projectCode: string;
  readonly taskCode?: string | undefined;
  readonly costCentre?: string | undefined;
  readonly workDate: WorkDate;
  readonly hours: DecimalString;
  readonly amount: DecimalString;
  readonly currency: CurrencyCode;
  /** From account determination. */
  readonly account: string;
  readonly balancingAccount: string;
  /** Payroll only. */
  readonly payCode?: string | undefined;
  readonly payGroup?: string | undefined;
  /** Intercompany legs: the legal entity on the other side. */
  readonly counterparty?: string | undefined;
  readonly billable?: boolean | undefined;
  readonly billAmount?: DecimalString | undefined;
  readonly billCurrency?: CurrencyCode | undefined;
  /** Entries and keys of a line that sums several: traceability to the line. Absent: this line is one posting. */
  readonly members?: readonly LineMember[] | undefined;
}

/** One posting inside a summarised line. */
export interface LineMember {
  readonly postingKey: PostingKey;
  readonly entryId: EntryId;
  readonly releaseNo: number;
  readonly hours: DecimalString;
  readonly amount: DecimalString;
}

/** Frozen before the first send: a retry sends the very same thing. */
export interface PostingDocument {
  readonly documentKey: string;
  readonly contentHash: string;
  readonly legalEntityId: string;
  /** Code of the accounting period in the destination's own words: "2026-11". */
  readonly postingPeriod: string;
  readonly postingDate: PostingDate;
  readonly currency: CurrencyCode;
  readonly lines: readonly PostingLine[];
  readonly totals: ControlTotals;
}

export interface RejectedLine {
  readonly postingKey: PostingKey;
  readonly message: string;
}

/** A definite no. `lines` empty: the destination did not say which. */
export interface Rejection {
  readonly kind: 'rejected';
  readonly message: string;
  readonly cause: 'period-closed' | 'invalid-line' | 'other';
  readonly lines: readonly RejectedLine[];
}

export type DraftOutcome = { readonly kind: 'drafted'; readonly draftId: string } | Rejection;
export type PostOutcome =
  /** Taken, not yet booked: ask `outcomeOf` with the ticket. */
  | { readonly kind: 'accepted'; readonly ticket: string }
  | {
      readonly kind: 'posted';
      readonly externalId: string;
      /** Only where the destination accepts partially: the lines it refused. */
      readonly refused?: readonly RejectedLine[];
    }
  | Rejection;

export interface FoundDocument {
  readonly externalId: string;
  readonly state: 'draft' | 'posted';
}

/** What stands in the destination, for read-back. */
export interface BookedLine {
  readonly postingKey: PostingKey;
  readonly hours: DecimalString;
  readonly amount: DecimalString;
  /** What else the destination keeps of our line; adoption and restore rebuild the ledger from it. */
  readonly entryId?: EntryId | undefined;
  readonly releaseNo?: number | undefined;
  readonly leg?: Leg | undefined;
  readonly kind?: PostingKind | undefined;
  readonly reverses?: PostingKey | undefined;
  readonly workerCode?: string | undefined;
  readonly projectCode?: string | undefined;
  readonly taskCode?: string | undefined;
  readonly costCentre?: string | undefined;
  readonly workDate?: WorkDate | undefined;
  readonly account?: string | undefined;
  readonly balancingAccount?: string | undefined;
  readonly payCode?: string | undefined;
  readonly billable?: boolean | undefined;
  readonly billAmount?: DecimalString | undefined;
  readonly billCurrency?: CurrencyCode | undefined;
  /** Of a line that sums several. */
  readonly members?: readonly LineMember[] | undefined;
}

export interface BookedDocument {
  readonly externalId: string;
  readonly state: 'draft' | 'posted';
  readonly postingPeriod: string;
  readonly lines: readonly BookedLine[];
  /** Our reference: the document key; absent on what others booked. */
  readonly reference?: string | undefined;
  readonly legalEntityId?: string | undefined;
  readonly currency?: CurrencyCode | undefined;
  readonly postingDate?: PostingDate | undefined;
}

/** A page of everything that stands in the destination. */
export interface LedgerPage {
  readonly documents: readonly BookedDocument[];
  /** Absent: that was the last page. */
  readonly next?: string | undefined;
}

/**
 * Every method may throw a Fault. `OutcomeUnknown`: the request left and no answer came; `Unavailable` and `RateLimited` from a
 * writing method are a promise that nothing was executed.
 */
export interface PostingTarget {
  verifyAccess(): Promise<void>;
  /** Protocols `idempotency-key` (the document key is the key) and `look-up` (the document key is written as reference). */
  post?(document: PostingDocument): Promise<PostOutcome>;
  /** Protocol `draft-then-post`: the id is stored under the fence before `postDraft`. */
  createDraft?(document: PostingDocument): Promise<DraftOutcome>;
  /** Posting a draft that is already posted answers `posted`. */
  postDraft?(draftId: string, document: PostingDocument): Promise<PostOutcome>;
  discardDraft?(draftId: string): Promise<void>;
  /** All documents that carry the key as reference: none, one, or (a duplicate) more. Absent only with protocol `none`. */
  findByReference?(documentKey: string): Promise<readonly FoundDocument[]>;
  /** What became of a document that was taken for later; `accepted` again: still queued. Only where `answersLater`. */
  outcomeOf?(ticket: string, document: PostingDocument): Promise<PostOutcome>;
  /** Everything that stands there with a posting date in the window, whoever booked it, with all lines. For adoption and restore. */
  readLedger?(window: { readonly from: PostingDate; readonly to: PostingDate }, cursor: string | undefined): Promise<LedgerPage>;
  /** Batched read-back; the answer has one element per id that exists. */
  readBack(externalIds: readonly string[]): Promise<readonly BookedDocument[]>;
}
