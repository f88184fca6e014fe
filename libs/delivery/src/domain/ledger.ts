import {
  canonicalJson,
  contentHash,
  negate,
  type ConnectionId,
  type CurrencyCode,
  type DecimalString,
  type EntryId,
  type Instant,
  type Leg,
  type PostingKey,
  type PostingKind,
  type WorkDate,
} from '@tieout/model';
import type { PostingState } from './posting-states.js';

/** What a ledger line says. Never changes once written; a reversal's hours and amount are negated. */
export interface LineContent {
  readonly legalEntityId: string;
  readonly workerCode: string;
  readonly workerType: 'employee' | 'contractor';
  readonly projectCode: string;
  readonly taskCode?: string | undefined;
  readonly costCentre?: string | undefined;
  readonly workDate: WorkDate;
  readonly hours: DecimalString;
  readonly amount: DecimalString;
  readonly currency: CurrencyCode;
  readonly billable: boolean;
  /** Payroll. */
  readonly payCode?: string | undefined;
  readonly payGroup?: string | undefined;
  /** Intercompany: the legal entity on the other side. */
  readonly counterparty?: string | undefined;
  readonly billAmount?: DecimalString | undefined;
  readonly billCurrency?: CurrencyCode | undefined;
  /** Decides whether a line makes a cut-off. */
  readonly approvedAt?: Instant | undefined;
  /** A line that reverses itself: the period that takes the reversal. */
  readonly reverseInto?: string | undefined;
}

/** What shall stand for one leg of an entry. */
export interface WantedLine {
  readonly leg: Leg;
  readonly content: LineContent;
}

/** First line of an entry in this destination, or one that puts an earlier one right: policy treats them apart in late periods. */
export type Origin = 'original' | 'correction';

export interface LedgerLine {
  readonly postingKey: PostingKey;
  readonly releaseNo: number;
  readonly leg: Leg;
  readonly kind: PostingKind;
  readonly reverses?: PostingKey | undefined;
  readonly state: PostingState;
  /** Belongs to a document that has left at least once and will be sent again as it is. */
  readonly committed: boolean;
  readonly content: LineContent;
  /** Where the destination booked it. */
  readonly postingPeriod?: string | undefined;
}

export interface NewLine {
  readonly postingKey: PostingKey;
  readonly releaseNo: number;
  readonly leg: Leg;
  readonly kind: PostingKind;
  readonly reverses?: PostingKey | undefined;
  readonly origin: Origin;
  readonly content: LineContent;
  /** A reversal goes where its line stands, while that period takes it. */
  readonly anchorPeriod?: string | undefined;
}

/** The latest word on an entry for one destination. Nothing wanted: nothing may stand. */
export interface Target {
  readonly entryId: EntryId;
  readonly destination: ConnectionId;
  readonly releaseNo: number;
  readonly wanted: readonly WantedLine[];
}

export const negated = (content: LineContent): LineContent => ({
  ...content,
  hours: negate(content.hours),
  amount: negate(content.amount),
  ...(content.billAmount !== undefined && { billAmount: negate(content.billAmount) }),
});

/** When a line was approved is no content that is booked: approved again alike, nothing is owed. */
const booked = ({ approvedAt: _, ...content }: LineContent): Omit<LineContent, 'approvedAt'> => content;

export const sameContent = (a: LineContent, b: LineContent): boolean => canonicalJson(booked(a)) === canonicalJson(booked(b));

export const lineHash = (content: LineContent): string => contentHash(content);
