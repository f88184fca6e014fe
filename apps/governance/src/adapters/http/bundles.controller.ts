import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CallerOf, Roles, type Caller } from '@tieout/service-kit';
import { ActivateBundle } from '../../use-cases/activate-bundle.js';
import { DecideBundle } from '../../use-cases/decide-bundle.js';
import { LookAtPolicy } from '../../use-cases/look-at-policy.js';
import { PlanBundle } from '../../use-cases/plan-bundle.js';
import { ProposeBundle } from '../../use-cases/propose-bundle.js';
import {
  ActivateBody,
  ApproveBody,
  BundlesQuery,
  CloseBody,
  DiffQuery,
  FilesBody,
  filesFrom,
  ProposeBody,
} from './bundle-bodies.js';
import { CHANGERS, personOf, READERS, valueOf } from './refused.js';

@ApiTags('policy')
@Controller('policy/bundles')
export class BundlesController {
  constructor(
    private readonly look: LookAtPolicy,
    private readonly proposals: ProposeBundle,
    private readonly decisions: DecideBundle,
    private readonly activations: ActivateBundle,
    private readonly plans: PlanBundle,
  ) {}

  @Post()
  @Roles(...CHANGERS)
  @ApiCreatedResponse({ description: 'A draft, and what is still wrong with it' })
  async draft(@Body() body: FilesBody, @CallerOf() caller: Caller) {
    const { bundle, problems } = valueOf(await this.proposals.draft(personOf(caller), filesFrom(body.files)));
    return { ...(await this.look.shown(bundle)), problems };
  }

  @Get()
  @Roles(...READERS)
  @ApiOkResponse({ description: 'Bundles without their files, the newest first' })
  async list(@Query() query: BundlesQuery) {
    return { items: await this.look.list({ state: query.state, limit: query.limit ?? 50 }) };
  }

  @Get(':bundleId')
  @Roles(...READERS)
  @ApiOkResponse({ description: 'A bundle with its files, the approvals that it has and needs, and what its last plan found' })
  async one(@Param('bundleId', ParseUUIDPipe) bundleId: string) {
    return { ...valueOf(await this.look.one(bundleId)), ...(await this.plans.seenWith(bundleId)) };
  }

  @Get(':bundleId/diff')
  @Roles(...READERS)
  @ApiOkResponse({ description: 'Changed parts, and a unified diff per file, against the active bundle or another' })
  async diff(@Param('bundleId', ParseUUIDPipe) bundleId: string, @Query() query: DiffQuery) {
    return valueOf(await this.look.diff(bundleId, query.against));
  }

  @Post(':bundleId/propose')
  @HttpCode(200)
  @Roles(...CHANGERS)
  async propose(@Param('bundleId', ParseUUIDPipe) bundleId: string, @Body() body: ProposeBody, @CallerOf() caller: Caller) {
    return this.look.shown(valueOf(await this.proposals.propose(personOf(caller), bundleId, body)));
  }

  @Post(':bundleId/approve')
  @HttpCode(200)
  @Roles(...CHANGERS)
  async approve(@Param('bundleId', ParseUUIDPipe) bundleId: string, @Body() body: ApproveBody, @CallerOf() caller: Caller) {
    return this.look.shown(valueOf(await this.decisions.approve(personOf(caller), bundleId, body)));
  }

  @Post(':bundleId/reject')
  @HttpCode(200)
  @Roles(...CHANGERS)
  async reject(@Param('bundleId', ParseUUIDPipe) bundleId: string, @Body() body: CloseBody, @CallerOf() caller: Caller) {
    return this.look.shown(valueOf(await this.decisions.reject(personOf(caller), bundleId, body.why)));
  }

  @Post(':bundleId/withdraw')
  @HttpCode(200)
  @Roles(...CHANGERS)
  async withdraw(@Param('bundleId', ParseUUIDPipe) bundleId: string, @Body() body: CloseBody, @CallerOf() caller: Caller) {
    return this.look.shown(valueOf(await this.decisions.withdraw(personOf(caller), bundleId, body.why)));
  }

  @Post(':bundleId/activate')
  @HttpCode(200)
  @Roles(...CHANGERS)
  @ApiOkResponse({ description: 'The activation' })
  async activate(@Param('bundleId', ParseUUIDPipe) bundleId: string, @Body() body: ActivateBody, @CallerOf() caller: Caller) {
    return valueOf(await this.activations.activate(personOf(caller), bundleId, body.emergency));
  }
}
