import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { REASON_CODES, type ReasonCode } from '@tieout/model';
import { CallerOf, Roles, type Caller } from '@tieout/service-kit';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
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
} from 'class-validator';
import { OVERRIDE_STATES } from '../../domain/overrides/override.js';
import { ChangeOverrides } from '../../use-cases/change-overrides.js';
import { ApproveBody, CloseBody } from './bundle-bodies.js';
import { CHANGERS, personOf, READERS, valueOf } from './refused.js';

class OverrideBody {
  @IsUUID() entryId: string;
  @IsString() @MinLength(1) @MaxLength(100) legalEntityId: string;
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsIn(Object.keys(REASON_CODES), { each: true })
  reasons: ReasonCode[];
  @Matches(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/, {
    message: 'until must be a UTC instant, for example 2026-12-31T23:00:00Z',
  })
  until: string;
  @IsString() @MinLength(1) @MaxLength(2000) why: string;
}

class OverridesQuery {
  @IsOptional() @IsIn(OVERRIDE_STATES) state?: string;
  @IsOptional() @IsUUID() entryId?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(1000) limit?: number;
}

@ApiTags('overrides')
@Controller('overrides')
export class OverridesController {
  constructor(private readonly overrides: ChangeOverrides) {}

  @Post()
  @Roles(...CHANGERS)
  @ApiCreatedResponse({ description: 'An override that waits for its approvals' })
  async request(@Body() { until, ...asked }: OverrideBody, @CallerOf() caller: Caller) {
    const validUntil = new Date(until).toISOString();
    return valueOf(await this.overrides.request(personOf(caller), { ...asked, validUntil }));
  }

  @Get()
  @Roles(...READERS)
  @ApiOkResponse({ description: 'Overrides, the newest first' })
  async list(@Query() query: OverridesQuery) {
    return { items: await this.overrides.list({ ...query, limit: query.limit ?? 100 }) };
  }

  @Get(':overrideId')
  @Roles(...READERS)
  async one(@Param('overrideId', ParseUUIDPipe) overrideId: string) {
    return valueOf(await this.overrides.find(overrideId));
  }

  @Post(':overrideId/approve')
  @HttpCode(200)
  @Roles(...CHANGERS)
  async approve(@Param('overrideId', ParseUUIDPipe) overrideId: string, @Body() body: ApproveBody, @CallerOf() caller: Caller) {
    return valueOf(await this.overrides.approve(personOf(caller), overrideId, body));
  }

  @Post(':overrideId/reject')
  @HttpCode(200)
  @Roles(...CHANGERS)
  async reject(@Param('overrideId', ParseUUIDPipe) overrideId: string, @Body() body: CloseBody, @CallerOf() caller: Caller) {
    return valueOf(await this.overrides.close(personOf(caller), overrideId, 'reject', body.why));
  }

  @Post(':overrideId/withdraw')
  @HttpCode(200)
  @Roles(...CHANGERS)
  async withdraw(@Param('overrideId', ParseUUIDPipe) overrideId: string, @Body() body: CloseBody, @CallerOf() caller: Caller) {
    return valueOf(await this.overrides.close(personOf(caller), overrideId, 'withdraw', body.why));
  }

  @Post(':overrideId/end')
  @HttpCode(200)
  @Roles(...CHANGERS)
  async end(@Param('overrideId', ParseUUIDPipe) overrideId: string, @Body() body: CloseBody, @CallerOf() caller: Caller) {
    return valueOf(await this.overrides.close(personOf(caller), overrideId, 'end', body.why));
  }
}
