import type { PostingLine } from '@tieout/connector-kit';
import type { ControlTotals, Leg, PostingKind, ReasonCode } from '@tieout/model';
import type { DocumentState } from '../domain/document-states.js';
import {
  postingLineOf,
  sealed,
  type FreezableLine,
  type FrozenDocument,
  type MemberLine,
  type SentContent,
} from '../domain/freeze.js';
import type { LedgerLine, LineContent, Origin, Target } from '../domain/ledger.js';
import type { PostingState } from '../domain/posting-states.js';
import type { SummaryField } from '../domain/summarise.js';

/** One ledger line as the store gives it. */
export interface PostingRow {
  entryId: string;
  postingKey: string;
  destination: string;
  legalEntityId: string;
  releaseNo: number;
  leg: Leg;
  kind: PostingKind;
  reverses: string | null;
  origin: Origin;
  content: LineContent;
  state: PostingState;
  documentKey: string | null;
  account: string | null;
  balancingAccount: string | null;
  postingPeriod: string | null;
  postingDate: string | null;
  anchorPeriod: string | null;
  /** Periods that a destination called closed, with the revision that we knew of each. */
  refusedPeriods: Readonly<Record<string, number>>;
  blockedReason: ReasonCode | null;
  blockedDetail: string | null;
  message: string | null;
  traceparent: string | null;
  lane: string;
  /** Milliseconds; the smaller goes first. */
  rank: number;
  createdAt: string;
}

/** `not-found`: posted, but absent when read back. `differs`: stands there, but not as sent. `no-look-up`: only a person can tell. */
export type UnknownWhy = 'no-answer' | 'duplicate' | 'not-found' | 'differs' | 'no-look-up';

/** A document as the store gives it. */
export interface DocumentRow {
  documentKey: string;
  destination: string;
  legalEntityId: string;
  currency: string;
  postingPeriod: string;
  postingDate: string;
  contentHash: string;
  postingKeys: string[];
  totals: ControlTotals;
  splitFrom: string | null;
  group: string | null;
  summary: readonly SummaryField[] | null;
  lane: string;
  rank: number;
  state: DocumentState;
  /** Waits for a signature. */
  held: boolean;
  exposed: boolean;
  fence: number;
  attempts: number;
  lookUps: number;
  draftId: string | null;
  /** Of a destination that answers later. */
  ticket: string | null;
  externalId: string | null;
  unknownSince: string | null;
  unknownWhy: UnknownWhy | null;
  /** On the store's clock. */
  absenceCounts: boolean;
  message: string | null;
  traceparent: string | null;
  frozenAt: string;
  postedAt: string | null;
  confirmedAt: string | null;
}

export interface PlanTarget extends Target {
  readonly legalEntityId: string;
  readonly traceparent: string | undefined;
}

/** `exposed`: the line's document may have reached the destination, or is signed, and will be sent as it is. */
export const toLedgerLine = (row: PostingRow, exposed: boolean): LedgerLine => ({
  postingKey: row.postingKey,
  releaseNo: row.releaseNo,
  leg: row.leg,
  kind: row.kind,
  reverses: row.reverses ?? undefined,
  state: row.state,
  committed: row.state === 'pending' && exposed,
  content: row.content,
  postingPeriod: row.postingPeriod ?? undefined,
});

export const toFreezable = (row: PostingRow): FreezableLine => ({
  postingKey: row.postingKey,
  entryId: row.entryId,
  releaseNo: row.releaseNo,
  leg: row.leg,
  kind: row.kind,
  reverses: row.reverses ?? undefined,
  content: row.content,
  traceparent: row.traceparent ?? undefined,
});

/** A line in a document: as the ledger has it, or as the document carries it. */
export type Member = Pick<
  PostingRow,
  | 'postingKey'
  | 'entryId'
  | 'destination'
  | 'legalEntityId'
  | 'documentKey'
  | 'releaseNo'
  | 'leg'
  | 'kind'
  | 'reverses'
  | 'state'
  | 'account'
  | 'balancingAccount'
  | 'traceparent'
> & { readonly content: SentContent };

export const toMemberLine = ({ reverses, account, balancingAccount, traceparent, ...member }: Member): MemberLine => ({
  ...member,
  reverses: reverses ?? undefined,
  traceparent: traceparent ?? undefined,
  account: account ?? '',
  balancingAccount: balancingAccount ?? '',
});

/** The document from its members. Only what has the stored hash may be sent. */
export const toFrozenDocument = (
  row: Pick<
    DocumentRow,
    'destination' | 'documentKey' | 'legalEntityId' | 'currency' | 'postingPeriod' | 'postingDate' | 'summary'
  >,
  members: readonly Member[],
): FrozenDocument =>
  sealed(
    {
      destination: row.destination,
      documentKey: row.documentKey,
      legalEntityId: row.legalEntityId,
      currency: row.currency,
      postingPeriod: row.postingPeriod,
      postingDate: row.postingDate,
      lines: members.map((member): PostingLine => postingLineOf(toMemberLine(member))),
    },
    row.summary ?? undefined,
  );
