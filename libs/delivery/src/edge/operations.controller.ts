import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags, OmitType } from '@nestjs/swagger';
import { AdoptV1, ReplayV1, RestoreV1, SettleDocumentV1 } from '@tieout/contracts';
import { ActorOf, Problem, Roles, type Actor } from '@tieout/service-kit';
import { FeedOperations } from './feed-operations.js';

// Who asks is known from the token, never from the body.
class ReplayBody extends OmitType(ReplayV1, ['actor'] as const) {}
class AdoptBody extends OmitType(AdoptV1, ['actor'] as const) {}
class RestoreBody extends OmitType(RestoreV1, ['actor'] as const) {}
class SettleBody extends OmitType(SettleDocumentV1, ['actor'] as const) {}

/** What operators may ask of a feed. With `dryRun` each says what it would do, and does nothing. */
@ApiTags('operations')
@Controller('operations')
export class OperationsController {
  constructor(private readonly operations: FeedOperations) {}

  @Post('replay')
  @HttpCode(200)
  @Roles('operator')
  async replay(@Body() body: ReplayBody, @ActorOf() actor: Actor) {
    return done(await this.operations.replay({ ...body, actor }));
  }

  @Post('adopt')
  @HttpCode(200)
  @Roles('finance')
  async adopt(@Body() body: AdoptBody, @ActorOf() actor: Actor) {
    return done(await this.operations.adopt({ ...body, actor }));
  }

  @Post('restore')
  @HttpCode(200)
  @Roles('operator')
  restore(@Body() body: RestoreBody, @ActorOf() actor: Actor) {
    return this.operations.restore({ ...body, actor });
  }

  /** A person says whether a document that cannot be asked for is booked. */
  @Post('settle')
  @HttpCode(200)
  @Roles('finance', 'operator')
  async settle(@Body() body: SettleBody, @ActorOf() actor: Actor) {
    return done(await this.operations.settle({ ...body, actor }));
  }

  @Get('locked')
  @Roles('operator', 'finance', 'auditor', 'platform', 'service')
  async locked() {
    return { destinations: await this.operations.locked() };
  }
}

const done = <T extends object>(answer: T | { readonly refused: string }): T => {
  if (!('refused' in answer)) return answer;
  throw new Problem(422, 'operation-refused', 'Not possible', answer.refused, 'Mend what is named and ask again.');
};
