import { CONTEXTS, type Context } from '../subjects.js';
import { IsIn, IsString, MinLength } from 'class-validator';
import { IsInstant } from '../validators.js';

export class ConnectionFaultRaisedV1 {
  @IsString() @MinLength(1) connection: string;
  @IsIn(CONTEXTS) raisedBy: Context;
  @IsIn(['CONNECTION_UNAVAILABLE', 'CREDENTIALS_REJECTED', 'CONTRACT_BROKEN']) reason:
    'CONNECTION_UNAVAILABLE' | 'CREDENTIALS_REJECTED' | 'CONTRACT_BROKEN';
  @IsString() message: string;
  @IsInstant() since: string;
}

export class ConnectionFaultClearedV1 {
  @IsString() @MinLength(1) connection: string;
  @IsIn(CONTEXTS) raisedBy: Context;
  @IsInstant() clearedAt: string;
}
