import type { DecimalString, Refusal } from '@tieout/model';
import { IsOptional, IsString, IsUUID, MaxLength, MinLength } from 'class-validator';
import { IsCalendarDate } from './validators.js';

/** An object as it is on the day that was asked for, whatever code it was asked by. Without attributes that tell of a person. */
export interface FoundObjectV1 {
  readonly id: string;
  /** The code that it has now. */
  readonly code: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** "May time be recorded on this project on this day, by this worker, for this task?" */
export class ProjectValidationV1 {
  @IsString() @MinLength(1) @MaxLength(200) project: string;
  @IsCalendarDate() on: string;
  /** Absent: asked for nobody in particular; the rules of the project's legal entity count. */
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200) worker?: string;
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200) task?: string;
}
export interface ProjectValidationAnswerV1 {
  readonly open: boolean;
  /** Why not; empty when it is open. The same that time would be held for. */
  readonly reasons: readonly Refusal[];
  readonly project?: FoundObjectV1;
  readonly worker?: FoundObjectV1;
  readonly policyDigest: string;
}

/** "Who is this?" By `code`, by `userName`, or by `connection` and `externalId`: exactly one of the three. */
export class EmployeeLookUpV1 {
  @IsCalendarDate() on: string;
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200) code?: string;
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200) userName?: string;
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200) connection?: string;
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200) externalId?: string;
}
export interface EmployeeLookUpAnswerV1 {
  readonly found: boolean;
  readonly worker?: FoundObjectV1;
  /** Whether the worker is employed on that day. */
  readonly active?: boolean;
  /** Where nobody is found: why. */
  readonly reason?: 'UNKNOWN_WORKER' | 'AMBIGUOUS_IDENTITY';
  readonly detail?: string;
}

/** "Is it approved?" By `entryId`, by `connection` and `sourceId`, or by `worker` and `week` (any day of it, Monday to Sunday). */
export class ApprovalStatusV1 {
  @IsOptional() @IsUUID() entryId?: string;
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200) connection?: string;
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200) sourceId?: string;
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200) worker?: string;
  @IsOptional() @IsCalendarDate() week?: string;
}
export interface ApprovalStatusAnswerV1 {
  readonly found: boolean;
  /** At most 500, in order of work date. */
  readonly entries: readonly EntryApprovalV1[];
  readonly recordedHours: DecimalString;
  readonly approvedHours: DecimalString;
  readonly releasedHours: DecimalString;
}
export interface EntryApprovalV1 {
  readonly entryId: string;
  readonly workDate: string;
  readonly projectCode: string;
  readonly hours: DecimalString;
  readonly approved: boolean;
  readonly approvedAt?: string;
  readonly verdict: string;
  /** Why it is held. */
  readonly reasons: readonly string[];
}
