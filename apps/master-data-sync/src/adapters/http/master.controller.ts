import { Controller, Get, Inject, Param, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RUNTIME, type ServiceRuntime } from '@tieout/service-kit';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { ObjectStore } from '../postgres/object.store.js';
import { SourceRecordStore } from '../postgres/source-record.store.js';
import { ReadHistory } from '../../use-cases/read-history.js';
import { notFound, notOurs, toKind } from './convert.js';

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
    private readonly history: ReadHistory,
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
    if (objects.length === 0 && sources.length === 0) throw notFound(kind, code);
    // Sources without an object: none of them may create it. That is what somebody who looks here wants to see.
    return { objects, sources };
  }

  /** How an object was over time, who says so, and how it became what it is. */
  @Get(':kind/:code/history')
  async historyOf(@Param('kind') kindText: string, @Param('code') code: string) {
    const kind = toKind(kindText);
    const found = await this.history.of(kind, code);
    if (found === undefined) throw notFound(kind, code);
    return found;
  }

  /** Master data is changed where it is owned, never here: the answer says where that is. */
  @Put(':kind/:code/:attribute')
  async change(@Param('kind') kindText: string, @Param('code') code: string, @Param('attribute') attribute: string) {
    const kind = toKind(kindText);
    const [object] = await this.objects.byCode(this.runtime.database, kind, code);
    const entity = object && object.legalEntityId !== 'UNASSIGNED' ? object.legalEntityId : undefined;
    throw notOurs({ kind, code, attribute }, this.runtime.policy.current().systemOfRecord(kind, attribute, entity));
  }
}
