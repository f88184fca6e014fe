import { Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { isReasonCode, REASON_CODES } from '@tieout/model';
import { ActorOf, Problem, Roles, RUNTIME, type Actor, type ServiceRuntime } from '@tieout/service-kit';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { describeCase } from '../../domain/exception-case.js';
import { OpenCases } from '../../use-cases/open-cases.js';
import { RetryCase } from '../../use-cases/retry-case.js';
import { findCase, itemsOf, listCases } from '../postgres/case.store.js';

class CasesQuery {
  @IsOptional() @IsIn(['open', 'resolved']) state?: string;
  @IsOptional() @IsIn(Object.keys(REASON_CODES).filter(isReasonCode)) reason?: string;
  @IsOptional() @IsString() legalEntityId?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(1000) limit?: number;
}

const ITEMS_SHOWN = 1000;
const noSuchCase = (caseId: string) =>
  new Problem(404, 'case-not-found', 'No such case', `No case has the id ${caseId}.`, 'Look for it with GET /cases.');

@ApiTags('cases')
@Controller('cases')
export class CasesController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
    private readonly retryCase: RetryCase,
    private readonly openCases: OpenCases,
  ) {}

  @Get()
  @Roles('operator', 'finance', 'auditor', 'service')
  @ApiOkResponse({ description: 'Cases, the most urgent first' })
  async list(@Query() query: CasesQuery) {
    return { items: (await listCases(this.runtime.database, { ...query, limit: query.limit ?? 100 })).map(describeCase) };
  }

  @Get('by-reason')
  @Roles('operator', 'finance', 'auditor', 'service')
  byReason() {
    return this.openCases.byReason();
  }

  @Get(':caseId')
  @Roles('operator', 'finance', 'auditor', 'service')
  @ApiOkResponse({ description: 'One case with its open items (at most 1,000)' })
  async one(@Param('caseId', ParseUUIDPipe) caseId: string) {
    const found = await findCase(this.runtime.database, caseId);
    if (found === undefined) throw noSuchCase(caseId);
    return { ...describeCase(found), openItems: await itemsOf(this.runtime.database, found, ITEMS_SHOWN) };
  }

  @Post(':caseId/retry')
  @HttpCode(202)
  @Roles('operator')
  async retry(@Param('caseId', ParseUUIDPipe) caseId: string, @ActorOf() actor: Actor) {
    const outcome = await this.retryCase.run(caseId, actor);
    if (outcome.kind === 'no-such-case') throw noSuchCase(caseId);
    if (outcome.kind === 'nothing-to-retry')
      throw new Problem(
        409,
        'nothing-to-retry',
        'Nothing to retry',
        'The case has no open entries or postings.',
        REASON_CODES[outcome.found.reason].suggestedAction,
      );
    return outcome;
  }
}
