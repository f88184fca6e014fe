import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags, OmitType } from '@nestjs/swagger';
import { AccruePeriodV1 } from '@tieout/contracts';
import { ActorOf, Problem, Roles, type Actor } from '@tieout/service-kit';
import { AccruePeriod } from '../../use-cases/accrue-period.js';

class AccrueBody extends OmitType(AccruePeriodV1, ['actor'] as const) {}

@ApiTags('accruals')
@Controller('accruals')
export class AccrualsController {
  constructor(private readonly accruePeriod: AccruePeriod) {}

  /** Accrues time that is missing or unapproved in a period; with `dryRun` it only says how much. */
  @Post()
  @HttpCode(200)
  @Roles('finance')
  async accrue(@Body() body: AccrueBody, @ActorOf() actor: Actor) {
    const answer = await this.accruePeriod.accrue({ ...body, actor });
    if (!('refused' in answer)) return answer;
    throw new Problem(422, 'accrual-refused', 'Nothing was accrued', answer.refused, 'Mend what is named and ask again.');
  }
}
