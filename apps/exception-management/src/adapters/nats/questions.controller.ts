import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { QUESTIONS } from '@tieout/contracts';
import { OpenCases } from '../../use-cases/open-cases.js';

@Controller()
export class QuestionsController {
  constructor(private readonly openCases: OpenCases) {}

  @MessagePattern<string>(QUESTIONS.openCases)
  open() {
    return this.openCases.byReason();
  }
}
