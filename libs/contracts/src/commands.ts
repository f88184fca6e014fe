import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { Type } from 'class-transformer';
import { PolicyFileV1 } from './events/governance.js';
import { IsCalendarDate, IsInstant } from './validators.js';

/** Every command says who: "user:<subject>" or "service:<name>". */
class CommandV1 {
  @IsString() @MinLength(1) actor: string;
}

/** A second person approved exactly this command. Signed by governance (`grant` over all other properties). */
export class GrantV1 {
  @IsUUID() requestId: string;
  /** SHA-256 over the canonical JSON of {subject, command}: the command without `actor` and `grant`. */
  @Matches(/^[0-9a-f]{64}$/) commandDigest: string;
  @IsString() @MinLength(1) requestedBy: string;
  @IsString() @MinLength(1) approvedBy: string;
  @IsInstant() approvedAt: string;
  @IsInstant() expiresAt: string;
  @IsString() @MinLength(1) keyId: string;
  @IsString() @MinLength(1) signature: string;
}

/** A command that moves money: above the threshold that policy sets it needs a second person. */
export class GrantedCommandV1 extends CommandV1 {
  @IsOptional() @ValidateNested() @Type(() => GrantV1) grant?: GrantV1;
}

export class ReassessEntriesV1 extends GrantedCommandV1 {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(10_000) @IsUUID('all', { each: true }) entryIds: string[];
}

export class RetryPostingsV1 extends GrantedCommandV1 {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(10_000) @IsUUID('all', { each: true }) postingKeys: string[];
}

export class RunReconciliationV1 extends CommandV1 {
  @IsOptional() @IsCalendarDate() from?: string;
  @IsOptional() @IsCalendarDate() to?: string;
}

/** Differences that reconciliation found and that shall not count against the tie-out. An id names a difference as it was seen: with its variance. */
export class AcceptDifferencesV1 extends GrantedCommandV1 {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(1000) @IsUUID('all', { each: true }) differenceIds: string[];
  @IsString() @MinLength(3) @MaxLength(500) reason: string;
}

/** A command that can say what it would do without doing it. */
class RehearsedCommandV1 extends GrantedCommandV1 {
  @IsBoolean() dryRun: boolean;
}

export const REPLAY_BY = ['time', 'entries', 'documents', 'destination'] as const;

/**
 * Takes the latest releases again and sends what is missing; what stands already is left alone. `by` says which of the others is
 * read: `from` and `to` (when the release was decided, half-open), `entryIds`, `documentKeys`, or all of `destination`, which
 * narrows the other three where it is given.
 */
export class ReplayV1 extends RehearsedCommandV1 {
  @IsIn(REPLAY_BY) by: (typeof REPLAY_BY)[number];
  @IsOptional() @IsInstant() from?: string;
  @IsOptional() @IsInstant() to?: string;
  @IsOptional() @IsArray() @ArrayMinSize(1) @ArrayMaxSize(10_000) @IsUUID('all', { each: true }) entryIds?: string[];
  @IsOptional() @IsArray() @ArrayMinSize(1) @ArrayMaxSize(10_000) @IsUUID('all', { each: true }) documentKeys?: string[];
  @IsOptional() @IsString() @MinLength(1) destination?: string;
}

/** Takes lines that a predecessor posted, with posting dates in the window (inclusive), into the ledger. */
export class AdoptV1 extends RehearsedCommandV1 {
  @IsString() @MinLength(1) destination: string;
  @IsCalendarDate() from: string;
  @IsCalendarDate() to: string;
}

/**
 * Builds the ledger again from what stands in the destination with posting dates in the window (inclusive), and unlocks sending there.
 * No destination: all that are locked.
 */
export class RestoreV1 extends RehearsedCommandV1 {
  @IsOptional() @IsString() @MinLength(1) destination?: string;
  @IsCalendarDate() from: string;
  @IsCalendarDate() to: string;
}

/** Lines that stand twice in a destination: whatever stands beside what the ledger knows is taken into it and reversed. */
export class ReverseSurplusV1 extends RehearsedCommandV1 {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(10_000) @IsUUID('all', { each: true }) postingKeys: string[];
}

/** Stops sending to a destination (before go-live, say, until a predecessor's lines are adopted), or opens one that is locked. */
export class LockDestinationV1 extends CommandV1 {
  @IsString() @MinLength(1) destination: string;
  @IsString() @MinLength(1) @MaxLength(500) reason: string;
}

/** Accrues time that is missing or unapproved at close, as policy says; the next period reverses it. */
export class AccruePeriodV1 extends RehearsedCommandV1 {
  @IsString() @MinLength(1) legalEntityId: string;
  /** Code of the accounting period: "DE01/2026-11". */
  @IsString() @MinLength(1) period: string;
}

/** A person says what became of a document that only a person can tell. */
export class SettleDocumentV1 extends GrantedCommandV1 {
  @IsUUID() documentKey: string;
  @IsIn(['booked', 'not-booked']) verdict: 'booked' | 'not-booked';
  /** Its number in the destination; needed when it is booked. */
  @IsOptional() @IsString() @MinLength(1) externalId?: string;
}

/** Assesses the approved entries of the last days under a candidate bundle and under the active one; asked for with PolicyPlanV1. */
export class PlanPolicyV1 extends CommandV1 {
  @IsUUID() planId: string;
  /** The candidate. */
  @IsArray() @ArrayMinSize(1) @ValidateNested({ each: true }) @Type(() => PolicyFileV1) files: PolicyFileV1[];
  @IsInt() @Min(1) @Max(400) days: number;
}

/** Erases the personal values in the audit records about a subject; of a `user`, what he typed as well. The records stay. Safe to repeat. */
export class ErasePersonalV1 extends CommandV1 {
  @IsString() @MinLength(1) @MaxLength(100) subjectKind: string;
  @IsString() @MinLength(1) @MaxLength(300) subjectId: string;
  @IsString() @MinLength(1) @MaxLength(500) reason: string;
}
export interface ErasePersonalAnswerV1 {
  /** How many values. */
  readonly erased: number;
}
