import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags, OmitType } from '@nestjs/swagger';
import { AcceptDifferencesV1 } from '@tieout/contracts';
import { ActorOf, Roles, type Actor } from '@tieout/service-kit';
import { IsIn, IsOptional } from 'class-validator';
import { AcceptDifferences } from '../../use-cases/accept-differences.js';
import { Runs } from '../../use-cases/runs.js';

class DifferencesQuery {
  @IsOptional() @IsIn(['open', 'accepted'], { message: 'state must be open or accepted' }) state?: 'open' | 'accepted';
}
// Who asks is known from the token, never from the body.
class AcceptBody extends OmitType(AcceptDifferencesV1, ['actor'] as const) {}
class ReopenBody extends OmitType(AcceptDifferencesV1, ['actor', 'grant'] as const) {}

@ApiTags('reconciliation')
@Controller('differences')
export class DifferencesController {
  constructor(
    private readonly runs: Runs,
    private readonly acceptDifferences: AcceptDifferences,
  ) {}

  @Get()
  @Roles('operator', 'finance', 'auditor', 'service')
  @ApiOkResponse({ description: 'Open (or accepted) differences, the oldest first (at most 1,000)' })
  async differences(@Query() { state }: DifferencesQuery) {
    return { items: await this.runs.differences(state ?? 'open', 1000) };
  }

  @Post('accept')
  @HttpCode(200)
  @Roles('finance')
  @ApiOkResponse({ description: 'How many were accepted, and why others were not; 409 where a second person must agree' })
  accept(@Body() body: AcceptBody, @ActorOf() actor: Actor) {
    return this.acceptDifferences.accept({ ...body, actor });
  }

  @Post('reopen')
  @HttpCode(200)
  @Roles('finance')
  @ApiOkResponse({ description: 'How many are open again, and why others are not' })
  reopen(@Body() body: ReopenBody, @ActorOf() actor: Actor) {
    return this.acceptDifferences.reopen({ ...body, actor });
  }
}
