import { Type } from 'class-transformer';
import { REASON_CODES, type ReasonCode } from '@tieout/model';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsString,
  IsUUID,
  Matches,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { IsInstant } from '../validators.js';

const IsDigest = (): PropertyDecorator => Matches(/^[0-9a-f]{64}$/, { message: '$property must be SHA-256 in hex' });

/** One file of a policy bundle. */
export class PolicyFileV1 {
  /** "validation.yaml", "legal-entities/DE01.yaml" */
  @IsString() @MinLength(1) name: string;
  @IsString() text: string;
}

/**
 * A policy bundle is active from now on. The higher revision counts, also when it brings back an older bundle. Services take it only when
 * governance signed it (`policy-activation` over all other properties) and the digest is that of the files.
 */
export class PolicyActivatedV1 {
  @IsString() @MinLength(1) environment: string;
  /** Rises with every activation of the environment, rollbacks too. */
  @IsInt() @Min(1) revision: number;
  @IsUUID() bundleId: string;
  @IsDigest() digest: string;
  @IsArray() @ArrayMinSize(1) @ValidateNested({ each: true }) @Type(() => PolicyFileV1) files: PolicyFileV1[];
  @IsInstant() activatedAt: string;
  /** "user:<subject>", or "service:governance" when its time had come. */
  @IsString() @MinLength(1) activatedBy: string;
  @IsString() @MinLength(1) keyId: string;
  @IsString() @MinLength(1) signature: string;
}

/** A one-off exemption: one entry may pass these rules until then. Signed by governance (`override` over all other properties). */
export class OverrideChangedV1 {
  @IsUUID() overrideId: string;
  @IsInt() @Min(1) revision: number;
  @IsUUID() entryId: string;
  @IsString() @MinLength(1) legalEntityId: string;
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(20) @IsIn(Object.keys(REASON_CODES), { each: true }) reasons: ReasonCode[];
  @IsInstant() validUntil: string;
  @IsIn(['active', 'ended']) state: 'active' | 'ended';
  @IsString() @MinLength(1) requestedBy: string;
  @IsString() @MinLength(1) approvedBy: string;
  @IsString() @MinLength(1) keyId: string;
  @IsString() @MinLength(1) signature: string;
}
