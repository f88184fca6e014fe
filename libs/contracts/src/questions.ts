import { MASTER_KINDS, type DecimalString, type MasterKind } from '@tieout/model';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsOptional, IsString, IsUUID, Max, Min, MinLength } from 'class-validator';
import { CONTEXTS, type Context } from './subjects.js';
import { IsCalendarDate } from './validators.js';

export class MasterLookUpV1 {
  @IsIn(MASTER_KINDS) kind: MasterKind;
  @IsString() code: string;
  @IsCalendarDate() on: string;
}
export interface MasterLookUpAnswerV1 {
  readonly found: boolean;
  readonly id?: string;
  /** The code that the object has now; another than the one asked for when that one is old or was merged. */
  readonly code?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

export class EntryStatusV1 {
  @IsUUID() entryId: string;
}

/** "Of which of these entries does a line stand in a destination, or may be on its way there?" */
export class SentEntriesV1 {
  @IsArray() @ArrayMaxSize(10_000) @IsUUID('all', { each: true }) entryIds: string[];
}
export interface SentEntriesAnswerV1 {
  readonly sent: readonly string[];
}

/** Counts by state: what the runner and the console show. */
export interface ProgressAnswerV1 {
  /** True when no work is waiting or in flight. */
  readonly idle: boolean;
  readonly counts: Readonly<Record<string, number>>;
}

/** "What was recorded in this legal entity from one work date to the other (inclusive), and what of it is not approved?" */
export class OpenTimeV1 {
  @IsString() @MinLength(1) legalEntityId: string;
  @IsCalendarDate() from: string;
  @IsCalendarDate() to: string;
  /** The `next` of the page before. */
  @IsOptional() @IsString() after?: string;
}
/** Amounts and rates in the legal entity's currency; absent where no rate is known. */
export interface OpenTimeAnswerV1 {
  /** By worker code: everybody who is active there on a day of the window, with or without hours. */
  readonly workers: readonly WorkerTimeV1[];
  readonly next?: string;
}
export interface WorkerTimeV1 {
  readonly workerCode: string;
  readonly workerType: 'employee' | 'contractor';
  readonly costCentre?: string;
  readonly region?: string;
  /** Days of the window, Monday to Friday, on which the worker is active. */
  readonly workingDays: number;
  /** All hours that count, approved or not. */
  readonly recordedHours: DecimalString;
  /** Cost of an hour on the last active day. */
  readonly costRate?: DecimalString;
  readonly currency?: string;
  readonly unapproved: readonly UnapprovedTimeV1[];
}
export interface UnapprovedTimeV1 {
  readonly projectCode: string;
  readonly projectLegalEntityId?: string;
  readonly taskCode?: string;
  readonly billable: boolean;
  readonly hours: DecimalString;
  readonly amount?: DecimalString;
}

/** "How far is the plan, and what did it find?" */
export class PolicyPlanV1 {
  @IsUUID() planId: string;
}
export interface PolicyPlanAnswerV1 {
  readonly state: 'unknown' | 'running' | 'done' | 'failed';
  readonly done: number;
  readonly total: number;
  readonly problem?: string;
  readonly report?: PolicyPlanReportV1;
}
/** `amount` is the cost; `bill-amount` what a client is to pay. */
export const PLAN_CHANGES = ['newly-held', 'newly-released', 'period', 'account', 'route', 'amount', 'bill-amount'] as const;
export type PlanChange = (typeof PLAN_CHANGES)[number];
export interface PolicyPlanReportV1 {
  readonly activeDigest: string;
  readonly candidateDigest: string;
  readonly days: number;
  readonly entries: number;
  readonly seconds: number;
  /** Entries may count under several changes. */
  readonly legalEntities: readonly {
    readonly legalEntityId: string;
    readonly entries: number;
    readonly unchanged: number;
    readonly changes: readonly PlannedChangeV1[];
  }[];
}
export interface PlannedChangeV1 {
  readonly change: PlanChange;
  readonly entries: number;
  readonly hours: DecimalString;
  /** By currency: the cost of what is held, released or booked otherwise; for the two amounts, new minus old. */
  readonly amounts: Readonly<Record<string, DecimalString>>;
  readonly examples: readonly {
    readonly entryId: string;
    readonly workerCode: string;
    readonly projectCode: string;
    readonly workDate: string;
    readonly hours: DecimalString;
    readonly before: string;
    readonly after: string;
  }[];
}

/** "Where do your audit chains stand?" */
export class AuditHeadsV1 {
  /** Only this one. */
  @IsOptional() @IsString() @MinLength(1) chain?: string;
}
export interface AuditHeadsAnswerV1 {
  readonly heads: readonly { readonly chain: string; readonly seq: number; readonly hash: string }[];
  /** Records that are not chained yet. */
  readonly waiting: number;
}

/** "Give me the records of this chain after that one." */
export class AuditPageV1 {
  @IsString() @MinLength(1) chain: string;
  @IsInt() @Min(0) afterSeq: number;
  @IsInt() @Min(1) @Max(2000) limit: number;
}
export interface AuditPageAnswerV1 {
  /** In order, at most `limit`; fewer where the text would be too long for one answer. None: the chain has no more. */
  readonly records: readonly {
    readonly chain: string;
    readonly seq: number;
    readonly hash: string;
    /** What it says, as it was written and hashed: the JSON of an audit body. */
    readonly text: string;
  }[];
  /** The personal values in these records that were not erased. */
  readonly personal: readonly { readonly commitment: string; readonly salt: string; readonly value: string }[];
}

/** "Which records follow that one?" Hashes of their bodies are enough to see that a head follows from one that is known. */
export class AuditLinksV1 {
  @IsString() @MinLength(1) chain: string;
  @IsInt() @Min(0) afterSeq: number;
  @IsInt() @Min(1) @Max(5000) limit: number;
}
export interface AuditLinksAnswerV1 {
  /** SHA-256 of each body, hex, in order. */
  readonly bodyHashes: readonly string[];
}

/** "Which events of these buckets do you have?" Asked by the producer's completeness sweep. */
export class ReceiptsV1 {
  @IsIn(CONTEXTS) producer: Context;
  @IsArray() @ArrayMaxSize(1000) @IsInt({ each: true }) buckets: number[];
  /** Present: list the event ids of these buckets instead of the sums. */
  @IsOptional() @IsIn(['sums', 'ids']) detail?: 'sums' | 'ids';
  /** With ids: list only those above this one, for the next page of a bucket. */
  @IsOptional() @IsUUID() after?: string;
}
export interface ReceiptsAnswerV1 {
  readonly buckets: readonly {
    readonly bucket: number;
    readonly count: number;
    readonly hash: string;
    readonly ids?: readonly string[];
  }[];
}
export type { Context };
