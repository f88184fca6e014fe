import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { isCalendarDate } from '@tieout/model';
import { ActorOf, Problem, Roles, RUNTIME, type ServiceRuntime } from '@tieout/service-kit';
import { IsString, MaxLength, MinLength } from 'class-validator';
import { DecideMerge, type MergeAnswer } from '../../use-cases/decide-merge.js';
import { mergeRefused, toMergeable } from './convert.js';

class MergeRequest {
  @IsString() @MinLength(1) @MaxLength(200) from: string;
  @IsString() @MinLength(1) @MaxLength(200) into: string;
  /** From this day on `from` means `into`: "2026-11-01". */
  @IsString() validFrom: string;
  @IsString() @MinLength(5) @MaxLength(500) why: string;
}
class UnmergeRequest {
  @IsString() @MinLength(1) @MaxLength(200) from: string;
  @IsString() @MinLength(5) @MaxLength(500) why: string;
}

/** Two records that are one person, client, project or cost centre: only a person can say so. */
@ApiTags('merges')
@Controller('master/:kind')
@Roles('operator', 'finance')
export class MergeController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
    private readonly decide: DecideMerge,
  ) {}

  @Post('merge')
  @HttpCode(200)
  async merge(@Param('kind') kindText: string, @Body() { from, into, validFrom, why }: MergeRequest, @ActorOf() actor: string) {
    const kind = toMergeable(kindText);
    if (!isCalendarDate(validFrom))
      throw new Problem(
        400,
        'invalid-request',
        'The request is wrong',
        `validFrom is "${validFrom}".`,
        'Give the first day on which the two are one, for example 2026-11-23.',
      );
    const answer = await this.decide.merge({ kind, from, into, validFrom, why }, actor, this.runtime.policy.current());
    return answered(answer, from);
  }

  @Post('unmerge')
  @HttpCode(200)
  async unmerge(@Param('kind') kindText: string, @Body() { from, why }: UnmergeRequest, @ActorOf() actor: string) {
    const kind = toMergeable(kindText);
    return answered(await this.decide.undo({ kind, from, why }, actor, this.runtime.policy.current()), from);
  }
}

const answered = (answer: MergeAnswer, from: string): { dependants: number } => {
  if (!answer.ok) throw mergeRefused(answer.problem, from);
  return { dependants: answer.dependants };
};
