import { REASON_CODES, type ReasonCode } from '@tieout/model';
import { IsIn, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';
import { CONTEXTS, type Context } from '../subjects.js';
import { IsInstant } from '../validators.js';

/** Something that is no entry, line or connection wants a person: drifted master data, a refused bundle, a review that is due. */
export class ConditionRaisedV1 {
  /** The same for as long as it is the same thing: "drift:project:P-100:name:crm". */
  @IsString() @MinLength(1) @MaxLength(300) itemKey: string;
  @IsIn(CONTEXTS) raisedBy: Context;
  @IsIn(Object.keys(REASON_CODES)) reason: ReasonCode;
  /** What the case is about; items with one reason and subject are one case: "project:P-100". */
  @IsString() @MinLength(1) subjectKey: string;
  @IsString() @MinLength(1) legalEntityId: string;
  @IsString() @MaxLength(2000) detail: string;
  /** What a person could do, where we can tell better than the reason's own text. */
  @IsOptional() @IsString() @MaxLength(2000) suggestion?: string;
  @IsInstant() raisedAt: string;
}

export class ConditionClearedV1 {
  @IsString() @MinLength(1) @MaxLength(300) itemKey: string;
  @IsIn(CONTEXTS) raisedBy: Context;
  @IsInstant() clearedAt: string;
}
