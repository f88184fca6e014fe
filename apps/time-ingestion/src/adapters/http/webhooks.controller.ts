import { Controller, Headers, HttpCode, Param, Post, Req, type RawBodyRequest } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { isFault } from '@tieout/model';
import { Problem, Public } from '@tieout/service-kit';
import type { FastifyRequest } from 'fastify';
import { TakeHint } from '../../use-cases/take-hint.js';

/** Sources knock here. No token: the signature over the raw body is the credential. */
@ApiTags('webhooks')
@Controller('webhooks')
export class WebhooksController {
  constructor(private readonly takeHint: TakeHint) {}

  @Post(':connection')
  @Public()
  @HttpCode(202)
  async receive(
    @Param('connection') connection: string,
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Headers() headers: Record<string, string | undefined>,
  ) {
    try {
      const outcome = await this.takeHint.run(connection, request.rawBody ?? Buffer.alloc(0), headers);
      if (outcome === 'taken') return { accepted: true };
      if (outcome === 'no-such-connection')
        throw new Problem(
          404,
          'no-such-connection',
          'No such connection',
          `No connection "${connection}" receives webhooks.`,
          'Check the URL that is registered at the source.',
        );
      throw new Problem(
        401,
        'signature-mismatch',
        'The signature does not match',
        'The signature over the raw body is missing or wrong.',
        'Check that source and connection use the same webhook secret.',
      );
    } catch (error) {
      if (isFault(error, 'ContractBroken'))
        throw new Problem(
          400,
          'unreadable-webhook',
          'The webhook cannot be read',
          error.message,
          'Send the documented shape; nothing was stored, the next poll finds the change.',
        );
      throw error;
    }
  }
}
