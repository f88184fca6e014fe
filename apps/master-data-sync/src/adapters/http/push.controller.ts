import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ALWAYS, MASTER_KINDS, type MasterKind } from '@tieout/model';
import { ActorOf, Problem, Roles, RUNTIME, type ServiceRuntime } from '@tieout/service-kit';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { PushConnections } from '../../use-cases/push-connections.js';
import { PushRecords } from '../../use-cases/push-records.js';

/** As many as one transaction takes quickly. */
const MOST = 1000;

class PushedSegment {
  @IsString() validFrom: string;
  @IsObject() attributes: Record<string, unknown>;
}
class PushedRecord {
  @IsString() @MinLength(1) @MaxLength(200) externalId: string;
  @IsString() @MaxLength(200) code: string;
  /** What always held; or `timeline` for what changed over time. */
  @IsOptional() @IsObject() attributes?: Record<string, unknown>;
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(500)
  @ValidateNested({ each: true })
  @Type(() => PushedSegment)
  timeline?: PushedSegment[];
}
class PushRequest {
  @IsIn(MASTER_KINDS) kind: MasterKind;
  @IsArray() @ArrayMaxSize(MOST) @ValidateNested({ each: true }) @Type(() => PushedRecord) records: PushedRecord[];
  /** External ids of what the system has no longer. */
  @IsOptional() @IsArray() @ArrayMaxSize(MOST) @IsString({ each: true }) gone?: string[];
}

/** For systems that send master data by themselves. */
@ApiTags('master data')
@Controller('connections')
export class PushController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
    private readonly connections: PushConnections,
    private readonly push: PushRecords,
  ) {}

  @Post(':connection/records')
  @HttpCode(200)
  @Roles('service')
  async take(
    @Param('connection') connection: string,
    @Body() { kind, records, gone = [] }: PushRequest,
    @ActorOf() actor: string,
  ) {
    const refused = this.connections.whyNot(connection, kind, actor);
    if (refused) throw new Problem(refused.status, refused.code, 'Nothing was taken', refused.detail, refused.whatToDo);
    const given = records.map(({ externalId, code, attributes = {}, timeline }) => ({
      externalId,
      code,
      timeline: (timeline ?? [{ validFrom: ALWAYS, attributes }]).map((segment) => ({
        validFrom: segment.validFrom,
        attributes: texts({ code, ...segment.attributes }),
      })),
    }));
    return this.push.run({ connection, kind, records: given, gone }, this.runtime.policy.current(), actor);
  }
}

/** All values are texts, so that they compare and hash the same whoever sends them. */
const texts = (attributes: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]): [string, string][] => {
      if (value === null || value === undefined || value === '') return [];
      if (typeof value === 'object')
        throw new Problem(
          400,
          'invalid-request',
          'The request is wrong',
          `Attribute "${name}" is an object or a list.`,
          'Send texts: dates as 2026-11-23, decimals as "85.00".',
        );
      return [[name, String(value as string | number | boolean)]];
    }),
  );
