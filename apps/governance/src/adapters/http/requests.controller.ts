import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CallerOf, Roles, type Caller } from '@tieout/service-kit';
import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { REQUEST_STATES } from '../../domain/requests/operator-request.js';
import { OperatorRequests } from '../../use-cases/operator-requests.js';
import { CloseBody } from './bundle-bodies.js';
import { CHANGERS, personOf, READERS, valueOf } from './refused.js';

/** {"EUR": "12000.00"}: a second person is shown nothing else under that name. */
const AreAmounts = (): PropertyDecorator =>
  ValidateBy(
    {
      name: 'areAmounts',
      validator: {
        validate: (value: unknown) =>
          typeof value === 'object' &&
          value !== null &&
          Object.entries(value).every(
            ([currency, amount]) => /^[A-Z]{3}$/.test(currency) && /^-?\d{1,18}(\.\d{1,12})?$/.test(String(amount)),
          ),
      },
    },
    { message: 'amounts must be decimals as text by currency, for example {"EUR": "12000.00"}' },
  );

class SizeBody {
  @IsInt() @Min(0) lines: number;
  @IsOptional() @IsString() @MaxLength(40) hours?: string;
  @AreAmounts() amounts: Record<string, string>;
}

class RequestBody {
  /** "cmd.posting.replay.v1" */
  @IsString() @MinLength(1) @MaxLength(200) subject: string;
  @IsObject() command: Record<string, unknown>;
  /** As the service answered it: what the second person is shown. */
  @IsOptional() @ValidateNested() @Type(() => SizeBody) size?: SizeBody;
  @IsString() @MinLength(1) @MaxLength(2000) why: string;
}

class ApproveRequestBody {
  /** Of the command that you looked at. */
  @IsOptional() @Matches(/^[0-9a-f]{64}$/) commandDigest?: string;
}

class RequestsQuery {
  @IsOptional() @IsIn(REQUEST_STATES) state?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(1000) limit?: number;
}

@ApiTags('requests')
@Controller('requests')
export class RequestsController {
  constructor(private readonly requests: OperatorRequests) {}

  @Post()
  @Roles(...CHANGERS)
  @ApiCreatedResponse({ description: 'A command that waits for a second person; whoever holds the token asks for it' })
  async open(@Body() { size, ...asked }: RequestBody, @CallerOf() caller: Caller) {
    return valueOf(await this.requests.open(personOf(caller), { ...asked, size: size ?? null }));
  }

  @Get()
  @Roles(...READERS)
  @ApiOkResponse({ description: 'Requests, the newest first' })
  async list(@Query() query: RequestsQuery) {
    return { items: await this.requests.list({ state: query.state, limit: query.limit ?? 100 }) };
  }

  @Get(':requestId')
  @Roles(...READERS)
  async one(@Param('requestId', ParseUUIDPipe) requestId: string) {
    return valueOf(await this.requests.find(requestId));
  }

  @Post(':requestId/approve')
  @HttpCode(202)
  @Roles(...CHANGERS)
  @ApiOkResponse({ description: 'Approved; the command is sent, GET the request for its outcome' })
  async approve(
    @Param('requestId', ParseUUIDPipe) requestId: string,
    @Body() body: ApproveRequestBody,
    @CallerOf() caller: Caller,
  ) {
    return valueOf(await this.requests.approve(personOf(caller), requestId, body.commandDigest));
  }

  @Post(':requestId/reject')
  @HttpCode(200)
  @Roles(...CHANGERS)
  async reject(@Param('requestId', ParseUUIDPipe) requestId: string, @Body() body: CloseBody, @CallerOf() caller: Caller) {
    return valueOf(await this.requests.close(personOf(caller), requestId, 'reject', body.why));
  }

  @Post(':requestId/withdraw')
  @HttpCode(200)
  @Roles(...CHANGERS)
  async withdraw(@Param('requestId', ParseUUIDPipe) requestId: string, @Body() body: CloseBody, @CallerOf() caller: Caller) {
    return valueOf(await this.requests.close(personOf(caller), requestId, 'withdraw', body.why));
  }
}
