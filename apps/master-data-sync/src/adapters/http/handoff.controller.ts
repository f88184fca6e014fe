import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ActorOf, Problem, Roles, RUNTIME, type ServiceRuntime } from '@tieout/service-kit';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { HANDOFF_STATES, type HandoffState } from '../../domain/handoff/handoff.js';
import { KeepHandoffs } from '../../use-cases/handoff/keep-handoffs.js';
import { RetryHandoff } from '../../use-cases/handoff/retry-handoff.js';
import { HandoffStore } from '../postgres/handoff.store.js';

class HandoffQuery {
  @IsOptional() @IsIn(HANDOFF_STATES) state?: HandoffState;
  /** The last opportunity code of the page before. */
  @IsOptional() @IsString() after?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit?: number;
}

const unknownCode = (code: string): Problem =>
  new Problem(
    404,
    'unknown-code',
    'Not found',
    `No handoff of an opportunity "${code}".`,
    'GET /handoffs lists them; an opportunity has one from the moment that it is won.',
  );

/** Won opportunities on their way to becoming projects. */
@ApiTags('handoffs')
@Controller('handoffs')
export class HandoffController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
    private readonly handoffs: HandoffStore,
    private readonly retries: RetryHandoff,
    private readonly keeper: KeepHandoffs,
  ) {}

  @Get()
  async list(@Query() { state, after = '', limit = 100 }: HandoffQuery) {
    const items = await this.handoffs.page(this.runtime.database, state, after, limit);
    return { items, next: items.length === limit ? items.at(-1)!.opportunityCode : null };
  }

  @Get(':code')
  async one(@Param('code') code: string) {
    const handoff = await this.handoffs.byCode(this.runtime.database, code);
    if (!handoff) throw unknownCode(code);
    return { ...handoff, attempts: await this.handoffs.attempts(this.runtime.database, handoff.opportunityId) };
  }

  @Post(':code/retry')
  @HttpCode(202)
  @Roles('operator')
  async retry(@Param('code') code: string, @ActorOf() actor: string) {
    const outcome = await this.retries.retry(code, actor);
    if (outcome === 'unknown') throw unknownCode(code);
    if (outcome.kind === 'refused')
      throw new Problem(
        409,
        'nothing-to-retry',
        'Nothing to try again',
        `The handoff of ${code} is ${outcome.state}.`,
        outcome.fix,
      );
    this.keeper.wake();
    return { state: outcome.state };
  }
}
