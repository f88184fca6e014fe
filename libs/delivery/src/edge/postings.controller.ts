import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags, OmitType } from '@nestjs/swagger';
import { RetryPostingsV1 } from '@tieout/contracts';
import { ActorOf, Problem, Roles, type Actor } from '@tieout/service-kit';
import { IsUUID } from 'class-validator';
import { FeedOperations } from './feed-operations.js';
import { PostingStatus } from '../postgres/posting-status.js';

class PostingsQuery {
  @IsUUID() entryId: string;
}

// Who asks is known from the token, never from the body.
class RetryBody extends OmitType(RetryPostingsV1, ['actor'] as const) {}

/** What every feed answers over HTTP. */
@ApiTags('postings')
@Controller()
export class PostingsController {
  constructor(
    private readonly status: PostingStatus,
    private readonly operations: FeedOperations,
  ) {}

  @Get('postings')
  @Roles('operator', 'finance', 'auditor', 'service')
  @ApiOkResponse({ description: 'Every line of the entry, in every destination, oldest first' })
  postings(@Query() query: PostingsQuery) {
    return this.status.ofEntry(query.entryId);
  }

  @Get('documents/:documentKey')
  @Roles('operator', 'finance', 'auditor', 'service')
  @ApiOkResponse({ description: 'A document with its lines and every attempt to send it' })
  async document(@Param('documentKey', ParseUUIDPipe) documentKey: string) {
    const found = await this.status.document(documentKey);
    if (found !== undefined) return found;
    throw new Problem(
      404,
      'document-not-found',
      'No such document',
      `No document has the key ${documentKey}.`,
      'Find the document of an entry with GET /postings?entryId=.',
    );
  }

  @Get('progress')
  @Roles('operator', 'finance', 'auditor', 'platform', 'service')
  progress() {
    return this.status.progress();
  }

  /** Rejected lines are owed again; blocked ones are looked at again. */
  @Post('postings/retry')
  @HttpCode(202)
  @Roles('operator')
  retry(@Body() body: RetryBody, @ActorOf() actor: Actor) {
    return this.operations.retry({ ...body, actor });
  }
}
