import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CallerOf, Roles, type Caller } from '@tieout/service-kit';
import { ActivateBundle } from '../../use-cases/activate-bundle.js';
import { DecideBundle } from '../../use-cases/decide-bundle.js';
import { LookAtPolicy } from '../../use-cases/look-at-policy.js';
import { PromoteBundle } from '../../use-cases/promote-bundle.js';
import { FilesBody, filesFrom, PromotionBody, ReviewBody, RollbackBody } from './bundle-bodies.js';
import { CHANGERS, personOf, READERS, valueOf } from './refused.js';

@ApiTags('policy')
@Controller('policy')
export class PolicyController {
  constructor(
    private readonly look: LookAtPolicy,
    private readonly decisions: DecideBundle,
    private readonly activations: ActivateBundle,
    private readonly promotions: PromoteBundle,
  ) {}

  @Post('lint')
  @HttpCode(200)
  @Roles(...READERS)
  @ApiOkResponse({ description: 'What is wrong with it; else what it would change, and who would have to approve that' })
  lint(@Body() body: FilesBody) {
    return this.look.lint(filesFrom(body.files));
  }

  @Get('active')
  @Roles(...READERS)
  @ApiOkResponse({ description: 'The activation that counts; with its files where ?files=true' })
  active(@Query('files') files?: string) {
    return this.look.active(files === 'true');
  }

  @Get('activations')
  @Roles(...READERS)
  @ApiOkResponse({ description: 'The last 100, the newest first' })
  async history() {
    return { items: await this.look.activations(100) };
  }

  @Get('activations/:revision')
  @Roles(...READERS)
  async activation(@Param('revision', ParseIntPipe) revision: number) {
    return valueOf(await this.look.activation(revision));
  }

  @Post('activations/:revision/review')
  @HttpCode(200)
  @Roles(...CHANGERS)
  async review(@Param('revision', ParseIntPipe) revision: number, @Body() body: ReviewBody, @CallerOf() caller: Caller) {
    return valueOf(await this.decisions.review(personOf(caller), revision, body.note));
  }

  @Post('rollback')
  @HttpCode(200)
  @Roles(...CHANGERS)
  @ApiOkResponse({ description: 'The activation that brings the older bundle back' })
  async rollBack(@Body() body: RollbackBody, @CallerOf() caller: Caller) {
    return valueOf(await this.activations.rollBack(personOf(caller), body));
  }

  @Get('promotions/:digest')
  @Roles(...READERS)
  @ApiOkResponse({ description: 'The signed certificate that the next environment takes' })
  async certificate(@Param('digest') digest: string) {
    return valueOf(await this.promotions.certificate(digest));
  }

  @Post('promotions')
  @Roles(...CHANGERS)
  async promote(@Body() body: PromotionBody, @CallerOf() caller: Caller) {
    const { certificate, ...request } = body;
    filesFrom(certificate.statement.files);
    return this.look.shown(valueOf(await this.promotions.take(personOf(caller), certificate, request)));
  }
}
