import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ActorOf, Roles, RUNTIME, type Actor, type ServiceRuntime } from '@tieout/service-kit';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, IsUUID, Max, Min } from 'class-validator';
import { RUN_STATES } from '../../domain/run-states.js';
import { PreviewPayRun } from '../../use-cases/preview-pay-run.js';
import { SignPayRun } from '../../use-cases/sign-pay-run.js';
import { documentsOf, findRun, listRuns } from '../postgres/pay-run.reads.js';
import { describeRun, describeSignature, noSuchRun } from './convert.js';

class RunsQuery {
  @IsOptional() @IsIn(RUN_STATES) state?: string;
  @IsOptional() @IsString() payGroup?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(1000) limit?: number;
}

class SignBody {
  /** Of the preview that was looked at. */
  @IsUUID() hash: string;
}

@ApiTags('pay-runs')
@Controller('pay-runs')
export class PayRunsController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
    private readonly preview: PreviewPayRun,
    private readonly signPayRun: SignPayRun,
  ) {}

  @Get()
  @Roles('payroll', 'operator', 'finance', 'auditor', 'service')
  @ApiOkResponse({ description: 'Pay runs, the latest cut-off first; `held`: documents that wait for the signature' })
  async list(@Query() query: RunsQuery) {
    const runs = await listRuns(this.runtime.database, { ...query, limit: query.limit ?? 100 });
    return { items: runs.map((run) => describeRun(run)) };
  }

  @Get(':id')
  @Roles('payroll', 'operator', 'finance', 'auditor', 'service')
  @ApiOkResponse({ description: 'A pay run, its documents, and per person what would be paid against the last acknowledged run' })
  async one(@Param('id', ParseUUIDPipe) id: string) {
    // One snapshot: the hash must belong to the figures beside it.
    return this.runtime.database.transaction(async (tx) => {
      await tx.query('set transaction isolation level repeatable read, read only');
      const run = await findRun(tx, id);
      if (run === undefined) throw noSuchRun(id);
      return { ...describeRun(run), documents: await documentsOf(tx, run), preview: await this.preview.of(tx, run) };
    });
  }

  @Post(':id/sign')
  @HttpCode(200)
  @Roles('payroll')
  @ApiOkResponse({ description: 'The preview is signed and its documents leave' })
  async sign(@Param('id', ParseUUIDPipe) id: string, @Body() body: SignBody, @ActorOf() actor: Actor) {
    return describeSignature(id, await this.signPayRun.sign(id, body.hash, actor));
  }
}
