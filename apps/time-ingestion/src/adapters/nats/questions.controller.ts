import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { COMMANDS, OpenTimeV1, QUESTIONS, type EntryStatusV1, type ReassessEntriesV1 } from '@tieout/contracts';
import { AnswerOpenTime } from '../../use-cases/answer-open-time.js';
import { EntryStatus } from '../../use-cases/entry-status.js';
import { ReassessEntries } from '../../use-cases/reassess-entries.js';

@Controller()
export class QuestionsController {
  constructor(
    private readonly entryStatus: EntryStatus,
    private readonly reassess: ReassessEntries,
    private readonly answerOpenTime: AnswerOpenTime,
  ) {}

  @MessagePattern<string>(QUESTIONS.timeProgress)
  progress() {
    return this.entryStatus.progress();
  }

  @MessagePattern<string>(QUESTIONS.entryStatus)
  status(@Payload() question: EntryStatusV1) {
    return this.entryStatus.lineageOf(question.entryId);
  }

  @MessagePattern<string>(QUESTIONS.openTime)
  openTime(@Payload() question: OpenTimeV1) {
    return this.answerOpenTime.run(question);
  }

  @MessagePattern<string>(COMMANDS.reassessEntries)
  async reassessEntries(@Payload() command: ReassessEntriesV1) {
    return { marked: await this.reassess.run(command.entryIds, command.actor) };
  }
}
