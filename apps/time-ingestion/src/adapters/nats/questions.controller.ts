import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  COMMANDS,
  OpenTimeV1,
  PlanPolicyV1,
  PolicyPlanV1,
  QUESTIONS,
  type EntryStatusV1,
  type ReassessEntriesV1,
} from '@tieout/contracts';
import { AnswerOpenTime } from '../../use-cases/answer-open-time.js';
import { AskPlan } from '../../use-cases/ask-plan.js';
import { EntryStatus } from '../../use-cases/entry-status.js';
import { ReassessEntries } from '../../use-cases/reassess-entries.js';

@Controller()
export class QuestionsController {
  constructor(
    private readonly entryStatus: EntryStatus,
    private readonly reassess: ReassessEntries,
    private readonly answerOpenTime: AnswerOpenTime,
    private readonly askPlan: AskPlan,
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
    return { marked: await this.reassess.run(command.entryIds, command.actor, command.grant) };
  }

  @MessagePattern<string>(COMMANDS.planPolicy)
  planPolicy(@Payload() command: PlanPolicyV1) {
    return this.askPlan.run(command);
  }

  @MessagePattern<string>(QUESTIONS.policyPlan)
  policyPlan(@Payload() question: PolicyPlanV1) {
    return this.askPlan.answer(question.planId);
  }
}
