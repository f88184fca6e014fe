import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { MasterLookUpV1, QUESTIONS, type MasterLookUpAnswerV1, type ProgressAnswerV1 } from '@tieout/contracts';
import { AnswerProgress } from '../../use-cases/answer-progress.js';
import { LookUpMaster } from '../../use-cases/look-up-master.js';

@Controller()
export class QuestionsController {
  constructor(
    private readonly lookUps: LookUpMaster,
    private readonly answers: AnswerProgress,
  ) {}

  @MessagePattern<string>(QUESTIONS.masterLookUp)
  lookUp(@Payload() question: MasterLookUpV1): Promise<MasterLookUpAnswerV1> {
    return this.lookUps.on(question);
  }

  @MessagePattern<string>(QUESTIONS.masterProgress)
  progress(): Promise<ProgressAnswerV1> {
    return this.answers.progress();
  }
}
