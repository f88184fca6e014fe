import { MASTER_KINDS, type MasterKind } from '@tieout/model';
import { Type } from 'class-transformer';
import { IsArray, IsBoolean, IsIn, IsInt, IsObject, IsString, IsUUID, Min, MinLength, ValidateNested } from 'class-validator';
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
}
