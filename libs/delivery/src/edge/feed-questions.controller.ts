import { Controller, type Type } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  AdoptV1,
  connectionStatesSubject,
  ConnectionStatesV1,
  EntryStatusV1,
  FEED_COMMANDS,
  FEED_QUESTIONS,
  LockDestinationV1,
  ReplayV1,
  RestoreV1,
  RetryPostingsV1,
  ReverseSurplusV1,
  SentEntriesV1,
  SettleDocumentV1,
  type ConnectionStatesAnswerV1,
  type ProgressAnswerV1,
  type SentEntriesAnswerV1,
} from '@tieout/contracts';
import type { Feed } from '@tieout/model';
import { FeedOperations } from './feed-operations.js';
import type { RetryAnswer } from '../engine/retry-postings.js';
import { PostingStatus, type EntryPostings } from '../postgres/posting-status.js';

/** What every feed answers over NATS, each under its own subjects. */
export const feedQuestionsController = (feed: Feed): Type => {
  @Controller()
  class FeedQuestionsController {
    constructor(
      private readonly status: PostingStatus,
      private readonly operations: FeedOperations,
    ) {}

    @MessagePattern<string>(FEED_QUESTIONS[feed].entryPostings)
    entryPostings(@Payload() question: EntryStatusV1): Promise<EntryPostings> {
      return this.status.ofEntry(question.entryId);
    }

    @MessagePattern<string>(FEED_QUESTIONS[feed].sentEntries)
    async sentEntries(@Payload() question: SentEntriesV1): Promise<SentEntriesAnswerV1> {
      return { sent: await this.status.sentOf(question.entryIds) };
    }

    @MessagePattern<string>(FEED_QUESTIONS[feed].progress)
    progress(): Promise<ProgressAnswerV1> {
      return this.status.progress();
    }

    @MessagePattern<string>(connectionStatesSubject(feed))
    async connectionStates(@Payload() { connections }: ConnectionStatesV1): Promise<ConnectionStatesAnswerV1> {
      return { connections: await this.operations.connectionStates(connections) };
    }

    @MessagePattern<string>(FEED_COMMANDS[feed].retry)
    retry(@Payload() command: RetryPostingsV1): Promise<RetryAnswer> {
      return this.operations.retry(command);
    }

    @MessagePattern<string>(FEED_COMMANDS[feed].replay)
    replay(@Payload() command: ReplayV1) {
      return this.operations.replay(command);
    }

    @MessagePattern<string>(FEED_COMMANDS[feed].adopt)
    adopt(@Payload() command: AdoptV1) {
      return this.operations.adopt(command);
    }

    @MessagePattern<string>(FEED_COMMANDS[feed].restore)
    restore(@Payload() command: RestoreV1) {
      return this.operations.restore(command);
    }

    @MessagePattern<string>(FEED_COMMANDS[feed].reverseSurplus)
    reverseSurplus(@Payload() command: ReverseSurplusV1) {
      return this.operations.reverseSurplus(command);
    }

    @MessagePattern<string>(FEED_COMMANDS[feed].lock)
    lock(@Payload() command: LockDestinationV1) {
      return this.operations.lock(command);
    }

    @MessagePattern<string>(FEED_COMMANDS[feed].open)
    open(@Payload() command: LockDestinationV1) {
      return this.operations.open(command);
    }

    @MessagePattern<string>(FEED_COMMANDS[feed].settle)
    settle(@Payload() command: SettleDocumentV1) {
      return this.operations.settle(command);
    }
  }
  return FeedQuestionsController;
};
