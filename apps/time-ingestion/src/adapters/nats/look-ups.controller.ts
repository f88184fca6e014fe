import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { ApprovalStatusV1, QUESTIONS, type ApprovalStatusAnswerV1 } from '@tieout/contracts';
import { AnswerApprovalStatus } from '../../use-cases/answer-approval-status.js';

@Controller()
export class LookUpsController {
  constructor(private readonly approvals: AnswerApprovalStatus) {}

  @MessagePattern<string>(QUESTIONS.approvalStatus)
  approvalStatus(@Payload() question: ApprovalStatusV1): Promise<ApprovalStatusAnswerV1> {
    return this.approvals.run(question);
  }
}
