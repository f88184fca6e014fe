import { MASTER_KINDS, type MasterKind } from '@tieout/model';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsOptional, IsString, IsUUID } from 'class-validator';
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
  readonly attributes?: Readonly<Record<string, string>>;
}

export class EntryStatusV1 {
  @IsUUID() entryId: string;
}

/** Counts by state: what the runner and the console show. */
export interface ProgressAnswerV1 {
  /** True when no work is waiting or in flight. */
  readonly idle: boolean;
  readonly counts: Readonly<Record<string, number>>;
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
