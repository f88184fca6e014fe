import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags, OmitType } from '@nestjs/swagger';
import { AdoptV1, LockDestinationV1, ReplayV1, RestoreV1, ReverseSurplusV1, SettleDocumentV1 } from '@tieout/contracts';
import { ActorOf, Problem, Roles, type Actor } from '@tieout/service-kit';
import { FeedOperations } from './feed-operations.js';

// Who asks is known from the token, never from the body.
class ReplayBody extends OmitType(ReplayV1, ['actor'] as const) {}
class AdoptBody extends OmitType(AdoptV1, ['actor'] as const) {}
class RestoreBody extends OmitType(RestoreV1, ['actor'] as const) {}
class LockBody extends OmitType(LockDestinationV1, ['actor'] as const) {}
class SurplusBody extends OmitType(ReverseSurplusV1, ['actor'] as const) {}
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

  /** Lines that stand twice in the destination: the surplus ones are reversed. */
  @Post('reverse-surplus')
  @HttpCode(200)
  @Roles('finance')
  reverseSurplus(@Body() body: SurplusBody, @ActorOf() actor: Actor) {
    return this.operations.reverseSurplus({ ...body, actor });
  }

  /** Nothing is frozen for the destination or sent there until somebody opens it. */
  @Post('lock')
  @HttpCode(200)
  @Roles('finance', 'operator')
  async lock(@Body() body: LockBody, @ActorOf() actor: Actor) {
    return done(await this.operations.lock({ ...body, actor }));
  }

  /** Also after a restore, where the destination cannot list what stands in it and people have compared it by hand. */
  @Post('open')
  @HttpCode(200)
  @Roles('finance')
  async open(@Body() body: LockBody, @ActorOf() actor: Actor) {
    return done(await this.operations.open({ ...body, actor }));
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
