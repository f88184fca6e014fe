import { MASTER_KINDS, type MasterKind } from '@tieout/model';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { IsCalendarDate } from '../validators.js';

export class TimelineSegmentV1 {
  @IsCalendarDate() validFrom: string;
  /** Attribute name to value, all text. */
  @IsObject() attributes: Record<string, string>;
}

export class CrossReferenceV1 {
  @IsString() @MinLength(1) connection: string;
  @IsString() @MinLength(1) externalId: string;
}

/** A code that the object had before; `until` is the last day of it. */
export class FormerCodeV1 {
  @IsString() @MinLength(1) code: string;
  @IsCalendarDate() until: string;
}

/** From `validFrom` on the object with this code is meant. */
export class MergedIntoV1 {
  @IsString() @MinLength(1) code: string;
  @IsCalendarDate() validFrom: string;
}

/** Days (inclusive; without `to`: without end) on which another active object is the same human being. */
export class SharedIdentityV1 {
  @IsString() @MinLength(1) with: string;
  @IsCalendarDate() from: string;
  @IsOptional() @IsCalendarDate() to?: string;
}

/** A canonical object with its whole timeline; the higher revision wins, whatever arrives last. */
export class MasterObjectChangedV1 {
  @IsIn(MASTER_KINDS) kind: MasterKind;
  @IsUUID() id: string;
  @IsString() @MinLength(1) code: string;
  @IsInt() @Min(1) revision: number;
  @IsString() @MinLength(1) legalEntityId: string;
  @IsArray() @ValidateNested({ each: true }) @Type(() => TimelineSegmentV1) timeline: TimelineSegmentV1[];
  @IsArray() @ValidateNested({ each: true }) @Type(() => CrossReferenceV1) crossReferences: CrossReferenceV1[];
  @IsObject() attributeSources: Record<string, string>;
  @IsBoolean() ambiguous: boolean;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => FormerCodeV1) formerCodes?: FormerCodeV1[];
  @IsOptional() @ValidateNested() @Type(() => MergedIntoV1) mergedInto?: MergedIntoV1;
  @IsOptional() @IsArray() @ValidateNested({ each: true }) @Type(() => SharedIdentityV1) sharedIdentity?: SharedIdentityV1[];
}
