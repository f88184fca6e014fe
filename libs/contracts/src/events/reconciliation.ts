import { REASON_CODES, type ReasonCode } from '@tieout/model';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { IsCurrency, IsDecimalText, IsInstant } from '../validators.js';

/** Count, hours and amount per currency of one bucket of the tie-out. */
export class SideTotalsV1 {
  @IsInt() count: number;
  @IsDecimalText() hours: string;
  @IsObject() amounts: Record<string, string>;
}

/** Approved = posted + in flight + held, for one legal entity and destination. */
export class TieOutLineV1 {
  @IsString() legalEntityId: string;
  @IsString() destination: string;
  @IsDefined() @ValidateNested() @Type(() => SideTotalsV1) approved: SideTotalsV1;
  @IsDefined() @ValidateNested() @Type(() => SideTotalsV1) posted: SideTotalsV1;
  @IsDefined() @ValidateNested() @Type(() => SideTotalsV1) inFlight: SideTotalsV1;
  @IsDefined() @ValidateNested() @Type(() => SideTotalsV1) held: SideTotalsV1;
  /** Open ones. */
  @IsInt() differences: number;
  /** Those that people accepted: how many, and their variance. */
  @IsOptional() @ValidateNested() @Type(() => SideTotalsV1) accepted?: SideTotalsV1;
}

export class RunCompletedV1 {
  @IsUUID() runId: string;
  @IsInstant() asOf: string;
  @IsInstant() completedAt: string;
  @IsBoolean() tiesOut: boolean;
  @IsArray() @ValidateNested({ each: true }) @Type(() => TieOutLineV1) lines: TieOutLineV1[];
}

export class DifferenceFoundV1 {
  /** Stable for the same difference across runs. */
  @IsString() @MinLength(1) differenceKey: string;
  @IsUUID() runId: string;
  @IsIn(Object.keys(REASON_CODES)) reason: ReasonCode;
  @IsString() destination: string;
  @IsString() legalEntityId: string;
  @IsOptional() @IsUUID() entryId?: string;
  @IsString() detail: string;
  @IsDecimalText() hours: string;
  @IsDecimalText() amount: string;
  @IsCurrency() currency: string;
  @IsInstant() foundAt: string;
}

export class DifferenceResolvedV1 {
  @IsString() @MinLength(1) differenceKey: string;
  @IsUUID() runId: string;
  @IsString() legalEntityId: string;
  @IsInstant() resolvedAt: string;
  /** Absent: gone. An accepted difference is still there; found anew when its variance changes. */
  @IsOptional() @IsIn(['gone', 'accepted']) cause?: 'gone' | 'accepted';
}
