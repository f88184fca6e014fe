import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CallerOf, Roles, type Caller } from '@tieout/service-kit';
import { Type } from 'class-transformer';
import {
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsTimeZone,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import type { ConnectionDraft } from '../../domain/onboarding/onboarding.js';
import { Onboardings } from '../../use-cases/onboarding/onboardings.js';
import { IsConnections } from './onboarding-bodies.js';
import { CHANGERS, personOf, READERS, valueOf } from './refused.js';

const IsCode = (): PropertyDecorator =>
  Matches(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, { message: '$property must be a code: letters, digits, - _ .' });
const IsDay = (): PropertyDecorator =>
  Matches(/^\d{4}-\d{2}-\d{2}$/, { message: '$property must be a date, for example 2027-02-01' });

class LegalEntityBody {
  @IsCode() code: string;
  @IsString() @MinLength(1) @MaxLength(200) name: string;
  @Matches(/^[A-Z]{3}$/, { message: 'currency must be an ISO 4217 code' }) currency: string;
  @IsTimeZone() timeZone: string;
  @IsCode() region: string;
}

class OnboardingBody {
  @ValidateNested() @Type(() => LegalEntityBody) legalEntity: LegalEntityBody;
  /** By id, as connections.yaml takes them; `mappingLike` names a connection whose mapping a source of time gets. */
  @IsObject() @IsConnections() connections: Record<string, ConnectionDraft>;
  @IsOptional() @IsCode() like?: string;
  @IsDay() goLive: string;
  @IsOptional() @IsDay() adoptFrom?: string;
}

class AttachBody {
  @IsUUID() bundleId: string;
}

class ListQuery {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit?: number;
}

/** Acquired legal entities on their way in. */
@ApiTags('onboarding')
@Controller('onboardings')
export class OnboardingsController {
  constructor(private readonly onboardings: Onboardings) {}

  @Post()
  @Roles(...CHANGERS)
  @ApiCreatedResponse({ description: 'A drafted bundle, what it could not know, and the steps to go-live' })
  async start(@Body() body: OnboardingBody, @CallerOf() caller: Caller) {
    return valueOf(await this.onboardings.start(personOf(caller), body));
  }

  @Get()
  @Roles(...READERS)
  async list(@Query() { limit = 50 }: ListQuery) {
    return { items: await this.onboardings.list(limit) };
  }

  @Get(':onboardingId')
  @Roles(...READERS)
  @ApiOkResponse({ description: 'Every step with what was found just now and what to do' })
  async one(@Param('onboardingId', ParseUUIDPipe) onboardingId: string) {
    return valueOf(await this.onboardings.find(onboardingId));
  }

  /** The next thing that a machine may do: propose, lock, rehearse adoption, adopt, open. */
  @Post(':onboardingId/advance')
  @HttpCode(200)
  @Roles(...CHANGERS)
  async advance(@Param('onboardingId', ParseUUIDPipe) onboardingId: string, @CallerOf() caller: Caller) {
    return valueOf(await this.onboardings.advance(personOf(caller), onboardingId));
  }

  /** A draft that was corrected by hand. */
  @Post(':onboardingId/bundle')
  @HttpCode(200)
  @Roles(...CHANGERS)
  async attach(
    @Param('onboardingId', ParseUUIDPipe) onboardingId: string,
    @Body() { bundleId }: AttachBody,
    @CallerOf() caller: Caller,
  ) {
    return valueOf(await this.onboardings.attach(personOf(caller), onboardingId, bundleId));
  }
}
