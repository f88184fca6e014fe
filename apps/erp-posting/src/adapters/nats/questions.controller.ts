import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { COMMANDS, EntryStatusV1, QUESTIONS, RetryPostingsV1, type ProgressAnswerV1 } from '@tieout/contracts';
import { PostingStatus, type EntryPostings } from '../../use-cases/posting-status.js';
import { RetryPostings, type RetryAnswer } from '../../use-cases/retry-postings.js';

@Controller()
export class QuestionsController {
  constructor(
    private readonly status: PostingStatus,
    private readonly retryPostings: RetryPostings,
  ) {}

  @MessagePattern<string>(QUESTIONS.entryPostings)
  entryPostings(@Payload() question: EntryStatusV1): Promise<EntryPostings> {
    return this.status.ofEntry(question.entryId);
  }

  @MessagePattern<string>(QUESTIONS.postingProgress)
  progress(): Promise<ProgressAnswerV1> {
    return this.status.progress();
  }

  @MessagePattern<string>(COMMANDS.retryPostings)
  retry(@Payload() command: RetryPostingsV1): Promise<RetryAnswer> {
    return this.retryPostings.retry(command.postingKeys, command.actor);
  }
}
