import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ActorOf, Problem, Roles, type Actor } from '@tieout/service-kit';
import { IsOptional, Matches } from 'class-validator';
import { Runs } from '../../use-cases/runs.js';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
class RunBody {
  @IsOptional() @Matches(DATE, { message: 'from must be a date, for example 2026-11-01' }) from?: string;
  @IsOptional() @Matches(DATE, { message: 'to must be a date, for example 2026-11-30' }) to?: string;
}

@ApiTags('reconciliation')
@Controller()
export class RunsController {
  constructor(private readonly runs: Runs) {}

  @Get('runs')
  @Roles('operator', 'finance', 'auditor', 'service')
  @ApiOkResponse({ description: 'The latest runs with their tie-out lines' })
  async latest() {
    return { items: await this.runs.latest(50) };
  }

  @Get('runs/:runId')
  @Roles('operator', 'finance', 'auditor', 'service')
  async one(@Param('runId', ParseUUIDPipe) runId: string) {
    const run = await this.runs.find(runId);
    if (run === undefined)
      throw new Problem(
        404,
        'run-not-found',
        'No such run',
        `No reconciliation run has the id ${runId}.`,
        'Look for it with GET /runs.',
      );
    return run;
  }

  @Post('runs')
  @HttpCode(202)
  @Roles('operator', 'finance')
  start(@Body() body: RunBody, @ActorOf() actor: Actor) {
    return { accepted: this.runs.start({ askedBy: actor, from: body.from, to: body.to }) };
  }
}
