import { Readable } from 'node:stream';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { ActorOf, Problem, Roles, RUNTIME, type Actor, type ServiceRuntime } from '@tieout/service-kit';
import { Type } from 'class-transformer';
import { IsInt, IsISO8601, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { AcknowledgeChain } from '../../use-cases/acknowledge-chain.js';
import { CollectAuditHeads } from '../../use-cases/collect-audit-heads.js';
import { ErasePersonal } from '../../use-cases/erase-personal.js';
import { ExportAudit } from '../../use-cases/export-audit.js';
import { AuditStore } from '../postgres/audit.store.js';

class CheckpointsQuery {
  /** Number of the last one that is known. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) after?: number;
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(1000) limit?: number;
}

class ExportQuery {
  @IsOptional() @IsISO8601({ strict: true }) from?: string;
  @IsOptional() @IsISO8601({ strict: true }) to?: string;
  /** "erp-posting/DE01", or "erp-posting" for all of a service. */
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200) chain?: string;
}

class AcknowledgeBody {
  @IsString() @MinLength(1) @MaxLength(200) chain: string;
  @IsString() @MinLength(5) @MaxLength(500) why: string;
}

class EraseBody {
  /** "worker", or "user" for what a person typed. */
  @IsString() @MinLength(1) @MaxLength(100) subjectKind: string;
  /** Its id in the audit records; of a user the subject of his token. */
  @IsString() @MinLength(1) @MaxLength(300) subjectId: string;
  @IsString() @MinLength(5) @MaxLength(500) why: string;
}

@ApiTags('audit')
@Controller('audit')
export class AuditController {
  readonly #store = new AuditStore();

  constructor(
    @Inject(RUNTIME) private readonly runtime: ServiceRuntime,
    private readonly collect: CollectAuditHeads,
    private readonly exports: ExportAudit,
    private readonly acknowledgeChain: AcknowledgeChain,
    private readonly erasePersonal: ErasePersonal,
  ) {}

  @Get('chains')
  @Roles('auditor', 'platform')
  @ApiOkResponse({ description: 'Every chain with the head that was signed last, and what is wrong with it' })
  async chains() {
    return { items: await this.#store.chains(this.runtime.database) };
  }

  @Get('checkpoints')
  @Roles('auditor', 'platform')
  @ApiOkResponse({ description: 'Signed checkpoints in order' })
  async checkpoints(@Query() { after, limit }: CheckpointsQuery) {
    return { items: await this.#store.after(this.runtime.database, after ?? 0, limit ?? 100) };
  }

  @Get('export')
  @Roles('auditor')
  @ApiProduces('application/x-ndjson')
  @ApiOkResponse({
    description: 'Records, checkpoints and personal values, a line each, closed by a signature: tieout audit verify',
  })
  async export(@Query() range: ExportQuery, @ActorOf() actor: Actor, @Res() reply: FastifyReply): Promise<void> {
    // So that what happened until now is in it.
    if (range.to === undefined) await this.collect.run();
    const lines = await this.exports.run(range, actor);
    if (lines === undefined)
      throw new Problem(
        404,
        'chain-not-found',
        'No such chain',
        `There is no chain "${range.chain}".`,
        'Look with GET /audit/chains.',
      );
    // One that breaks off has no end, and does not verify.
    await reply.type('application/x-ndjson').send(Readable.from(withLineFeeds(lines)));
  }

  @Post('chains/acknowledge')
  @HttpCode(200)
  @Roles('auditor')
  @ApiOkResponse({ description: 'A chain that went back (a restored database) is signed again from where it stands' })
  async acknowledge(@Body() { chain, why }: AcknowledgeBody, @ActorOf() actor: Actor) {
    if (!actor.startsWith('user:'))
      throw new Problem(
        403,
        'not-a-person',
        'For a person',
        'Only a person can say that a chain may go back.',
        'Sign in as an auditor.',
      );
    const outcome = await this.acknowledgeChain.run(chain, why, actor);
    if (outcome.kind === 'no-such-chain')
      throw new Problem(404, 'chain-not-found', 'No such chain', `There is no chain "${chain}".`, 'Look with GET /audit/chains.');
    if (outcome.kind === 'not-broken')
      throw new Problem(
        409,
        'chain-not-broken',
        'Nothing to acknowledge',
        `${chain} follows from what was signed.`,
        'Nothing to do.',
      );
    return outcome;
  }

  @Post('erase')
  @HttpCode(200)
  @Roles('platform')
  @ApiOkResponse({ description: 'The personal values in audit records about a subject are gone; the records stay and verify' })
  async erase(@Body() { subjectKind, subjectId, why }: EraseBody, @ActorOf() actor: Actor) {
    const { erased, away } = await this.erasePersonal.run({ actor, subjectKind, subjectId, reason: why });
    if (away.length > 0)
      throw new Problem(
        503,
        'not-erased-everywhere',
        'Not erased everywhere',
        `${erased} values were erased; these services did not answer: ${away.join(', ')}.`,
        'Repeat it when they are back; it is safe to repeat.',
      );
    return { erased };
  }
}

async function* withLineFeeds(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}
