import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ActorOf, Problem, Roles, RUNTIME, type Actor, type ServiceRuntime } from '@tieout/service-kit';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsInt, IsOptional, IsString, IsUUID, Max, Min } from 'class-validator';
import { Type } from 'class-transformer';
import { VERDICTS } from '../../domain/decide.js';
import { EntryStatus } from '../../use-cases/entry-status.js';
import { ReassessEntries } from '../../use-cases/reassess-entries.js';
import { listEntries } from '../postgres/entry.store.js';

class EntriesQuery {
  @IsOptional() @IsIn(VERDICTS) verdict?: string;
  @IsOptional() @IsString() legalEntityId?: string;
  @IsOptional() @IsUUID() after?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(1000) limit?: number;
}

class ReassessBody {
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(10_000) @IsUUID('all', { each: true }) entryIds: string[];
}

@ApiTags('time entries')
@Controller()
export class EntriesController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
    private readonly entryStatus: EntryStatus,
    private readonly reassess: ReassessEntries,
  ) {}

  @Get('entries')
  @Roles('operator', 'finance', 'auditor', 'service')
  @ApiOkResponse({ description: 'Entries in order of their id; continue with after=<last entryId>' })
  async list(@Query() query: EntriesQuery) {
    const limit = query.limit ?? 100;
    const items = await listEntries(this.runtime.database, { ...query, limit });
    return { items, next: items.length === limit ? items.at(-1)?.['entryId'] : null };
  }

  @Get('entries/:entryId')
  @Roles('operator', 'finance', 'auditor', 'service')
  @ApiOkResponse({ description: 'The entry with its versions and every verdict on it' })
  async one(@Param('entryId', ParseUUIDPipe) entryId: string) {
    const found = await this.entryStatus.lineageOf(entryId);
    if (found.entry === undefined)
      throw new Problem(
        404,
        'entry-not-found',
        'No such time entry',
        `No time entry has the id ${entryId}.`,
        'Look for it with GET /entries.',
      );
    return found;
  }

  @Get('progress')
  @Roles('operator', 'finance', 'auditor', 'platform', 'service')
  progress() {
    return this.entryStatus.progress();
  }

  @Post('entries/reassess')
  @HttpCode(202)
  @Roles('operator')
  async reassessEntries(@Body() body: ReassessBody, @ActorOf() actor: Actor) {
    return { marked: await this.reassess.run(body.entryIds, actor) };
  }
}
