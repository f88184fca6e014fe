import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { MASTER_KINDS, type MasterKind } from '@tieout/model';
import { ActorOf, Problem, Roles } from '@tieout/service-kit';
import { IsBoolean, IsIn, IsOptional, IsString } from 'class-validator';
import { AnswerProgress } from '../../use-cases/answer-progress.js';
import { KeepInSync } from '../../use-cases/keep-in-sync.js';

class SyncRequest {
  /** Absent: all connections. */
  @IsOptional() @IsString() connection?: string;
  @IsOptional() @IsIn(MASTER_KINDS) kind?: MasterKind;
  /** What the source no longer has is really gone, however much it is. Needs connection and kind. */
  @IsOptional() @IsBoolean() acceptDeletions?: boolean;
}

@ApiTags('synchronisation')
@Controller('sync')
export class SyncController {
  constructor(
    private readonly keeper: KeepInSync,
    private readonly answers: AnswerProgress,
  ) {}

  @Get()
  report() {
    return this.answers.report();
  }

  @Post()
  @HttpCode(202)
  @Roles('operator', 'platform')
  now(@Body() { connection, kind, acceptDeletions }: SyncRequest, @ActorOf() actor: string) {
    const known = this.keeper.connections.map(({ declaration }) => declaration.id);
    if (connection !== undefined && !known.includes(connection))
      throw new Problem(
        404,
        'unknown-connection',
        'Not found',
        `No connection "${connection}" has the role master-data.`,
        `Use one of ${known.join(', ')}.`,
      );
    if (acceptDeletions && (connection === undefined || kind === undefined))
      throw new Problem(
        400,
        'invalid-request',
        'The request is wrong',
        'acceptDeletions needs connection and kind.',
        'Name the one connection and kind whose deletions are right.',
      );
    const asked = connection === undefined ? known : [connection];
    for (const id of asked) this.keeper.ask(id, acceptDeletions ? { kind: kind!, actor } : undefined);
    return { asked };
  }
}
