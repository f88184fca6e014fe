import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ApprovalStatusV1, type ApprovalStatusAnswerV1 } from '@tieout/contracts';
import { Roles } from '@tieout/service-kit';
import { AnswerApprovalStatus } from '../../use-cases/answer-approval-status.js';

/** The same question as over NATS (qry.time.approval-status.v1), for systems that speak HTTP. */
@ApiTags('look-ups')
@Controller('look-up')
export class LookUpController {
  constructor(private readonly approvals: AnswerApprovalStatus) {}

  @Get('approval-status')
  @Roles('operator', 'finance', 'payroll', 'auditor', 'service')
  @ApiOkResponse({ description: 'By entryId, by connection and sourceId, or by worker and any day of the week' })
  approvalStatus(@Query() question: ApprovalStatusV1): Promise<ApprovalStatusAnswerV1> {
    return this.approvals.run(question);
  }
}
