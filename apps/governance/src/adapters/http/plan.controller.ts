import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CallerOf, Roles, type Caller } from '@tieout/service-kit';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { PlanBundle } from '../../use-cases/plan-bundle.js';
import { CHANGERS, personOf, READERS, valueOf } from './refused.js';

const DEFAULT_DAYS = 30;

export class PlanBody {
  /** How many days of work are looked at. */
  @IsOptional() @IsInt() @Min(1) @Max(400) days?: number;
}

@ApiTags('policy')
@Controller('policy/bundles')
export class PlanController {
  constructor(private readonly plans: PlanBundle) {}

  @Post(':bundleId/plan')
  @HttpCode(202)
  @Roles(...CHANGERS)
  @ApiAcceptedResponse({ description: 'The plan, which has just begun or runs already' })
  async plan(@Param('bundleId', ParseUUIDPipe) bundleId: string, @Body() body: PlanBody, @CallerOf() caller: Caller) {
    return valueOf(await this.plans.ask(personOf(caller), bundleId, body.days ?? DEFAULT_DAYS));
  }

  @Get(':bundleId/plan')
  @Roles(...READERS)
  @ApiOkResponse({ description: 'The last plan of the bundle: how far it is, and what it found per legal entity, with examples' })
  async latest(@Param('bundleId', ParseUUIDPipe) bundleId: string) {
    return valueOf(await this.plans.latest(bundleId));
  }
}
