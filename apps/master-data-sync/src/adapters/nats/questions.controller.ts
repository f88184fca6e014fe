import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  EmployeeLookUpV1,
  MasterLookUpV1,
  ProjectValidationV1,
  QUESTIONS,
  type EmployeeLookUpAnswerV1,
  type MasterLookUpAnswerV1,
  type ProgressAnswerV1,
  type ProjectValidationAnswerV1,
} from '@tieout/contracts';
import { AnswerProgress } from '../../use-cases/answer-progress.js';
import { LookUpMaster } from '../../use-cases/look-up-master.js';
import { oneWayOfAsking } from '../one-way-of-asking.js';

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

  @MessagePattern<string>(QUESTIONS.projectValidation)
  project(@Payload() question: ProjectValidationV1): Promise<ProjectValidationAnswerV1> {
    return this.lookUps.project(question);
  }

  @MessagePattern<string>(QUESTIONS.employeeLookUp)
  employee(@Payload() question: EmployeeLookUpV1): Promise<EmployeeLookUpAnswerV1> {
    oneWayOfAsking(question);
    return this.lookUps.employee(question);
  }

  @MessagePattern<string>(QUESTIONS.masterProgress)
  progress(): Promise<ProgressAnswerV1> {
    return this.answers.progress();
  }
}
