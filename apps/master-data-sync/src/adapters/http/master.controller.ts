import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Problem, RUNTIME, type ServiceRuntime } from '@tieout/service-kit';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { ObjectStore } from '../postgres/object.store.js';
import { SourceRecordStore } from '../postgres/source-record.store.js';
import { toKind } from './convert.js';

class PageQuery {
  /** The last code of the page before. */
  @IsOptional() @IsString() after?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit?: number;
}

@ApiTags('master data')
@Controller('master')
export class MasterController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
    private readonly objects: ObjectStore,
    private readonly records: SourceRecordStore,
  ) {}

  @Get(':kind')
  async list(@Param('kind') kind: string, @Query() { after = '', limit = 100 }: PageQuery) {
    const items = await this.objects.page(this.runtime.database, toKind(kind), after, limit);
    return { items, next: items.length === limit ? items.at(-1)!.code : null };
  }

  /** The code may hold slashes ("P-100/T1"), sent as %2F. */
  @Get(':kind/:code')
  async one(@Param('kind') kindText: string, @Param('code') code: string) {
    const kind = toKind(kindText);
    const objects = await this.objects.byCode(this.runtime.database, kind, code);
    const sources = await this.records.byCodes(this.runtime.database, kind, [code]);
    if (objects.length === 0 && sources.length === 0)
      throw new Problem(
        404,
        'unknown-code',
        'Not found',
        `No ${kind} has the code "${code}".`,
        'Check the code; if it is new at its source, look at GET /sync for the last synchronisation.',
      );
    // Sources without an object: none of them may create it. That is what somebody who looks here wants to see.
    return { objects, sources };
  }
}
