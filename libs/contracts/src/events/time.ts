import { REASON_CODES, type ReasonCode } from '@tieout/model';
import { Type } from 'class-transformer';
import {
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { IsCalendarDate, IsCurrency, IsDecimalText, IsInstant } from '../validators.js';

export class RatedAmountV1 {
  @IsDecimalText() amount: string;
  @IsCurrency() currency: string;
  @IsString() rateId: string;
  @IsDecimalText() rate: string;
  @IsOptional() @IsString() exchangeRateId?: string;
}

export class ReleasedContentV1 {
  @IsUUID() workerId: string;
  @IsString() workerCode: string;
  @IsIn(['employee', 'contractor']) workerType: 'employee' | 'contractor';
  @IsString() legalEntityId: string;
  @IsUUID() projectId: string;
  @IsString() projectCode: string;
  @IsOptional() @IsString() @MinLength(1) projectLegalEntityId?: string;
  @IsOptional() @IsString() taskCode?: string;
  @IsOptional() @IsString() costCentre?: string;
  @IsOptional() @IsString() payCode?: string;
  @IsCalendarDate() workDate: string;
  @IsOptional() @IsInstant() approvedAt?: string;
  @IsDecimalText() hours: string;
  @IsBoolean() billable: boolean;
  @IsDefined() @ValidateNested() @Type(() => RatedAmountV1) cost: RatedAmountV1;
  @IsOptional() @ValidateNested() @Type(() => RatedAmountV1) bill?: RatedAmountV1;
  @IsArray() @IsString({ each: true }) routes: string[];
}

/** A one-off override let these refusals pass. */
export class AppliedOverrideV1 {
  @IsUUID() overrideId: string;
  @IsString() @MinLength(1) approvedBy: string;
  @IsArray() @ArrayMinSize(1) @IsIn(Object.keys(REASON_CODES), { each: true }) reasons: ReasonCode[];
}

/** Base of the three verdict events. `decisionNo` rises with every verdict on the entry: the higher one wins. */
class EntryDecisionV1 {
  @IsUUID() entryId: string;
  @IsInt() @Min(1) decisionNo: number;
  @IsInt() @Min(1) versionNo: number;
  @IsString() @MinLength(1) connection: string;
  @IsString() @MinLength(1) sourceId: string;
  @IsString() @MinLength(1) legalEntityId: string;
  @IsString() policyDigest: string;
  @IsInstant() decidedAt: string;
}

class EntryAssessedV1 extends EntryDecisionV1 {
  /** Absent: nothing was let pass. */
  @IsOptional() @ValidateNested() @Type(() => AppliedOverrideV1) override?: AppliedOverrideV1;
}

export class TimeEntryReleasedV1 extends EntryAssessedV1 {
  @IsInt() @Min(1) releaseNo: number;
  @IsOptional() @IsInstant() approvedAt?: string;
  @IsDefined() @ValidateNested() @Type(() => ReleasedContentV1) content: ReleasedContentV1;
}

export class RefusalV1 {
  @IsIn(Object.keys(REASON_CODES)) reason: ReasonCode;
  @IsString() detail: string;
  @IsString() subject: string;
}

export class TimeEntryHeldV1 extends EntryAssessedV1 {
  @IsString() workerCode: string;
  @IsString() projectCode: string;
  @IsCalendarDate() workDate: string;
  @IsDecimalText() hours: string;
  /** Cost where a rate is known; otherwise absent, and the case says so. */
  @IsOptional() @IsDecimalText() amount?: string;
  @IsOptional() @IsCurrency() currency?: string;
  @IsOptional() @IsInstant() approvedAt?: string;
  @IsArray() @ArrayMinSize(1) @ValidateNested({ each: true }) @Type(() => RefusalV1) refusals: RefusalV1[];
}

export const WITHDRAWAL_CAUSES = ['unapproved', 'deleted', 'held'] as const;

/** Nothing of the entry may stand any longer. Takes a release number of its own, so that it cannot be overtaken. */
export class TimeEntryWithdrawnV1 extends EntryDecisionV1 {
  @IsInt() @Min(1) releaseNo: number;
  @IsIn(WITHDRAWAL_CAUSES) cause: (typeof WITHDRAWAL_CAUSES)[number];
}

export class SourceRecordRefusedV1 {
  @IsString() connection: string;
  /** Stable for the same record: source id, or "file.csv:17". */
  @IsString() @MinLength(1) recordKey: string;
  @IsString() where: string;
  @IsString() why: string;
  @IsInstant() receivedAt: string;
}

export class SourceRecordMendedV1 {
  @IsString() connection: string;
  @IsString() @MinLength(1) recordKey: string;
  @IsInstant() mendedAt: string;
}
