import {
  canonicalJson,
  contentHash,
  negate,
  toDecimalString,
  decimal,
  type ConnectionId,
  type CurrencyCode,
  type DecimalString,
  type EntryId,
  type Leg,
  type PostingKey,
  type PostingKind,
  type ReleasedContent,
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

/** The latest word on an entry for one destination. No content: nothing may stand. */
export interface Target {
  readonly entryId: EntryId;
  readonly destination: ConnectionId;
  readonly releaseNo: number;
  readonly content: LineContent | null;
}

/** What of a release matters to the labour-cost line. A new rate id with the same amount changes nothing that is booked. */
export const lineContentOf = (release: ReleasedContent): LineContent => ({
  legalEntityId: release.legalEntityId,
  workerCode: release.workerCode,
  workerType: release.workerType,
  projectCode: release.projectCode,
  ...(release.taskCode !== undefined && { taskCode: release.taskCode }),
  ...(release.costCentre !== undefined && { costCentre: release.costCentre }),
  workDate: release.workDate,
  hours: plain(release.hours),
  amount: plain(release.cost.amount),
  currency: release.cost.currency,
  billable: release.billable,
});

/** "7.50" and "7.5" are one content. */
const plain = (value: DecimalString): DecimalString => toDecimalString(decimal(value));

export const negated = (content: LineContent): LineContent => ({
  ...content,
  hours: negate(content.hours),
  amount: negate(content.amount),
});

export const sameContent = (a: LineContent, b: LineContent): boolean => canonicalJson(a) === canonicalJson(b);

export const lineHash = (content: LineContent): string => contentHash(content);
