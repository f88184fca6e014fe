import { Controller, Get, Headers, Inject, Query, Res } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { MASTER_KINDS, type MasterKind } from '@tieout/model';
import { RUNTIME, type ServiceRuntime } from '@tieout/service-kit';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { DriftStore } from '../postgres/drift.store.js';
import { ObjectStore } from '../postgres/object.store.js';
import { driftAnswer, toDriftCursor, toCsv } from './ownership-answers.js';

class DriftRequest {
  @IsOptional() @IsIn(MASTER_KINDS) kind?: MasterKind;
  @IsOptional() @IsString() code?: string;
  @IsOptional() @IsString() connection?: string;
  @IsOptional() @IsString() legalEntityId?: string;
  /** The `next` of the page before. */
  @IsOptional() @IsString() after?: string;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit?: number;
}

/** Who owns what, and who says otherwise. */
@ApiTags('ownership')
@Controller()
export class OwnershipController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
    private readonly objects: ObjectStore,
    private readonly drifts: DriftStore,
  ) {}

  /** Per kind and attribute the firm's system of record ("*"), and the legal entities that differ. */
  @Get('ownership-matrix')
  @ApiProduces('application/json', 'text/csv')
  async matrix(
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: { header(name: string, value: string): unknown },
  ) {
    const rows = this.runtime.policy.current().ownershipMatrix(await this.objects.legalEntities(this.runtime.database));
    if (!accept?.includes('text/csv')) return { policyDigest: this.runtime.policy.current().digest, rows };
    reply.header('content-type', 'text/csv; charset=utf-8');
    return toCsv(rows);
  }

  /** What contradicts its system of record now, with both values and how to mend it. */
  @Get('drift')
  async drift(@Query() { after, limit = 100, ...filter }: DriftRequest) {
    const items = await this.drifts.page(this.runtime.database, { ...filter, after: toDriftCursor(after), limit });
    return driftAnswer(items, limit);
  }
}
