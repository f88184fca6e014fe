import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  connectionStatesSubject,
  ConnectionStatesV1,
  LegalEntityReadinessV1,
  QUESTIONS,
  type ConnectionStatesAnswerV1,
  type LegalEntityReadinessAnswerV1,
} from '@tieout/contracts';
import { AnswerReadiness } from '../../use-cases/answer-readiness.js';

@Controller()
export class ReadinessController {
  constructor(private readonly answers: AnswerReadiness) {}

  @MessagePattern<string>(connectionStatesSubject('master'))
  async connectionStates(@Payload() { connections }: ConnectionStatesV1): Promise<ConnectionStatesAnswerV1> {
    return { connections: await this.answers.connectionStates(connections) };
  }

  @MessagePattern<string>(QUESTIONS.legalEntityReadiness)
  legalEntity(@Payload() question: LegalEntityReadinessV1): Promise<LegalEntityReadinessAnswerV1> {
    return this.answers.ofLegalEntity(question);
  }
}
