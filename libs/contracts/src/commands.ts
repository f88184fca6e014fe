import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString, IsUUID, MinLength } from 'class-validator';
import { IsCalendarDate } from './validators.js';

/** Every command says who: "user:<subject>" or "service:<name>". */
class CommandV1 {
  @IsString() @MinLength(1) actor: string;
}

export class ReassessEntriesV1 extends CommandV1 {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(10_000) @IsUUID('all', { each: true }) entryIds: string[];
}

export class RetryPostingsV1 extends CommandV1 {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(10_000) @IsUUID('all', { each: true }) postingKeys: string[];
}

export class RunReconciliationV1 extends CommandV1 {
  @IsOptional() @IsCalendarDate() from?: string;
  @IsOptional() @IsCalendarDate() to?: string;
}
