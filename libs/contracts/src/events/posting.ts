import { POSTING_KINDS, REASON_CODES, type Leg, type PostingKind, type ReasonCode } from '@tieout/model';
import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsOptional, IsString, IsUUID, Min, MinLength, ValidateNested } from 'class-validator';
import { IsCalendarDate, IsCurrency, IsDecimalText, IsInstant, IsLeg } from '../validators.js';

export class PostedLineV1 {
  @IsUUID() postingKey: string;
  /** Key of the line in the destination that sums this posting with others; absent: the line is this posting's own. */
  @IsOptional() @IsUUID() lineKey?: string;
  @IsUUID() entryId: string;
  @IsInt() @Min(1) releaseNo: number;
  @IsLeg() leg: Leg;
  @IsIn(POSTING_KINDS) kind: PostingKind;
  @IsOptional() @IsUUID() reverses?: string;
  @IsString() workerCode: string;
  @IsString() projectCode: string;
  @IsCalendarDate() workDate: string;
  @IsDecimalText() hours: string;
  @IsDecimalText() amount: string;
}

class DocumentEventV1 {
  @IsUUID() documentKey: string;
  @IsString() @MinLength(1) destination: string;
  @IsString() @MinLength(1) legalEntityId: string;
}

/** The destination said yes. */
export class DocumentPostedV1 extends DocumentEventV1 {
  @IsString() postingPeriod: string;
  @IsCalendarDate() postingDate: string;
  @IsCurrency() currency: string;
  @IsString() externalId: string;
  @IsInstant() postedAt: string;
  @IsArray() @ValidateNested({ each: true }) @Type(() => PostedLineV1) lines: PostedLineV1[];
}

/** Read back: what stands in the destination is what we sent. */
export class DocumentConfirmedV1 extends DocumentEventV1 {
  @IsString() externalId: string;
  @IsInstant() confirmedAt: string;
  @IsArray() @IsUUID('all', { each: true }) postingKeys: string[];
}

export class DocumentUnknownV1 extends DocumentEventV1 {
  @IsIn(['OUTCOME_UNKNOWN', 'DUPLICATE_IN_DESTINATION']) reason: ReasonCode;
  @IsString() message: string;
  @IsInt() lineCount: number;
  @IsDecimalText() hours: string;
  @IsDecimalText() amount: string;
  @IsCurrency() currency: string;
  @IsInstant() unknownSince: string;
}

export class DocumentResolvedV1 extends DocumentEventV1 {
  @IsIn(['adopted', 'not-booked', 'rejected']) resolution: 'adopted' | 'not-booked' | 'rejected';
  @IsInstant() resolvedAt: string;
}

class LineEventV1 {
  @IsUUID() postingKey: string;
  @IsUUID() entryId: string;
  @IsInt() @Min(1) releaseNo: number;
  @IsString() destination: string;
  @IsString() legalEntityId: string;
}

export class LineRejectedV1 extends LineEventV1 {
  @IsString() message: string;
  @IsCalendarDate() workDate: string;
  @IsDecimalText() hours: string;
  @IsDecimalText() amount: string;
  @IsCurrency() currency: string;
  @IsInstant() rejectedAt: string;
}

/** Cannot be frozen: no open period, or no account. */
export class LineBlockedV1 extends LineEventV1 {
  @IsIn(Object.keys(REASON_CODES)) reason: ReasonCode;
  @IsString() detail: string;
  @IsCalendarDate() workDate: string;
  @IsDecimalText() hours: string;
  @IsDecimalText() amount: string;
  @IsCurrency() currency: string;
  @IsInstant() blockedAt: string;
}

/** A rejected or blocked line stands in the way no longer: retried, cancelled or replaced. */
export class LineClearedV1 extends LineEventV1 {
  @IsInstant() clearedAt: string;
}
