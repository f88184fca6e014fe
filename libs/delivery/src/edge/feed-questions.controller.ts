import { Controller, type Type } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { EntryStatusV1, FEED_COMMANDS, FEED_QUESTIONS, RetryPostingsV1, type ProgressAnswerV1 } from '@tieout/contracts';
import type { Feed } from '@tieout/model';
import { RetryPostings, type RetryAnswer } from '../engine/retry-postings.js';
import { PostingStatus, type EntryPostings } from '../postgres/posting-status.js';

/** What every feed answers over NATS, each under its own subjects. */
export const feedQuestionsController = (feed: Feed): Type => {
  @Controller()
  class FeedQuestionsController {
    constructor(
      private readonly status: PostingStatus,
      private readonly retryPostings: RetryPostings,
    ) {}

    @MessagePattern<string>(FEED_QUESTIONS[feed].entryPostings)
    entryPostings(@Payload() question: EntryStatusV1): Promise<EntryPostings> {
      return this.status.ofEntry(question.entryId);
    }

    @MessagePattern<string>(FEED_QUESTIONS[feed].progress)
    progress(): Promise<ProgressAnswerV1> {
      return this.status.progress();
    }

    @MessagePattern<string>(FEED_COMMANDS[feed].retry)
    retry(@Payload() command: RetryPostingsV1): Promise<RetryAnswer> {
      return this.retryPostings.retry(command.postingKeys, command.actor);
    }
  }
  return FeedQuestionsController;
};
