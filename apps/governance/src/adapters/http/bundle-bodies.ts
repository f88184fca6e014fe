import { PolicyFileV1 } from '@tieout/contracts';
import { APPROVER_ROLES, type Role } from '@tieout/policy';
import { Problem } from '@tieout/service-kit';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
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
import type { PolicyFile } from '../../domain/bundle/unified-diff.js';
import { BUNDLE_STATES } from '../../domain/bundle/bundle.js';

// As JSON: it must fit into one message of NATS (1 MB) beside everything else.
const BUNDLE_LIMIT_BYTES = 512 * 1024;
const FILE_NAME = /^(?:[a-z-]{1,50}\/)?[A-Za-z0-9_-]{1,100}\.yaml$/;
const IsInstantText = (): PropertyDecorator =>
  Matches(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/, {
    message: '$property must be a UTC instant, for example 2026-11-23T09:00:00Z',
  });

export class FilesBody {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @ValidateNested({ each: true })
  @Type(() => PolicyFileV1)
  files: PolicyFileV1[];
}

class WhyBody {
  @IsString() @MinLength(1) @MaxLength(2000) why: string;
}

export class ProposeBody extends WhyBody {
  @IsOptional() @IsInstantText() effectiveFrom?: string;
  /** Why it cannot wait. */
  @IsOptional() @IsString() @MinLength(1) @MaxLength(2000) emergency?: string;
}

export class ApproveBody {
  @Matches(/^[0-9a-f]{64}$/, { message: 'digest must be that of the bundle you looked at' }) digest: string;
  /** Absent: the one of yours that is needed. */
  @IsOptional() @IsIn(APPROVER_ROLES) role?: Role;
  @IsOptional() @IsString() @MaxLength(2000) note?: string;
}

export class CloseBody extends WhyBody {}

export class ActivateBody {
  @IsOptional() @IsString() @MinLength(1) @MaxLength(2000) emergency?: string;
}

export class RollbackBody extends WhyBody {
  /** Absent: the bundle that was active before. */
  @IsOptional() @IsUUID() bundleId?: string;
  @IsOptional() @IsString() @MinLength(1) @MaxLength(2000) emergency?: string;
}

export class ReviewBody {
  @IsString() @MinLength(1) @MaxLength(2000) note: string;
}

export class BundlesQuery {
  @IsOptional() @IsIn(BUNDLE_STATES) state?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit?: number;
}

export class DiffQuery {
  /** Another bundle; absent: the active one. */
  @IsOptional() @IsUUID() against?: string;
}

class StatementApprovalBody {
  @IsString() @MinLength(1) actor: string;
  @IsString() @MinLength(1) role: string;
  @IsInstantText() at: string;
}

class StatementBody {
  @IsString() @MinLength(1) environment: string;
  @IsUUID() bundleId: string;
  @Matches(/^[0-9a-f]{64}$/) digest: string;
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @ValidateNested({ each: true })
  @Type(() => PolicyFileV1)
  files: PolicyFileV1[];
  @IsArray() @ArrayMaxSize(100) @IsString({ each: true }) authors: string[];
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => StatementApprovalBody)
  approvals: StatementApprovalBody[];
  @IsInt() @Min(1) revision: number;
  @IsInstantText() activatedAt: string;
  @IsInstantText() issuedAt: string;
}

class CertificateBody {
  @ValidateNested() @Type(() => StatementBody) statement: StatementBody;
  @IsString() @MinLength(1) keyId: string;
  @IsString() @MinLength(1) signature: string;
}

export class PromotionBody extends ProposeBody {
  /** What GET /policy/promotions/<digest> of the environment before this one answered. */
  @ValidateNested() @Type(() => CertificateBody) certificate: CertificateBody;
}

/** @throws Problem when names are wrong or repeated, or it is too much */
export const filesFrom = (files: readonly PolicyFileV1[]): readonly PolicyFile[] => {
  const bytes = Buffer.byteLength(JSON.stringify(files));
  if (bytes > BUNDLE_LIMIT_BYTES)
    throw new Problem(
      413,
      'bundle-too-large',
      'The bundle is too large',
      `The files take ${bytes} bytes; at most ${BUNDLE_LIMIT_BYTES} fit.`,
      'Shorten comments and lists; what is data rather than a rule belongs into master data.',
    );
  const names = files.map(({ name }) => name);
  const wrong = names.filter((name, index) => !FILE_NAME.test(name) || names.indexOf(name) !== index);
  if (wrong.length > 0)
    throw new Problem(
      400,
      'file-name-wrong',
      'A file name is wrong',
      'Each file has a name of its own such as "validation.yaml" or "legal-entities/DE01.yaml".',
      'Correct the names and send the bundle again.',
      wrong.map((name) => ({ where: name.slice(0, 200), why: 'repeated, or no name of a file in a bundle' })),
    );
  return files.map(({ name, text }) => ({ name, text }));
};
