import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import {
  EmployeeLookUpV1,
  MasterLookUpV1,
  ProjectValidationV1,
  type EmployeeLookUpAnswerV1,
  type MasterLookUpAnswerV1,
  type ProjectValidationAnswerV1,
} from '@tieout/contracts';
import { LookUpMaster } from '../../use-cases/look-up-master.js';
import { oneWayOfAsking } from '../one-way-of-asking.js';

/** The same questions as over NATS (qry.master...), for systems that speak HTTP. */
@ApiTags('look-ups')
@Controller('look-up')
export class LookUpController {
  constructor(private readonly lookUps: LookUpMaster) {}

  @Get('object')
  @ApiOkResponse({ description: 'What an object was on a day; found: false where the code means nothing, or more than one' })
  object(@Query() question: MasterLookUpV1): Promise<MasterLookUpAnswerV1> {
    return this.lookUps.on(question);
  }

  @Get('project')
  @ApiOkResponse({
    description: 'Whether time may be recorded on a project on a day, by a worker, for a task; with every reason if not',
  })
  project(@Query() question: ProjectValidationV1): Promise<ProjectValidationAnswerV1> {
    return this.lookUps.project(question);
  }

  @Get('employee')
  @ApiOkResponse({ description: 'A worker on a day, by code, by userName, or by connection and externalId' })
  employee(@Query() question: EmployeeLookUpV1): Promise<EmployeeLookUpAnswerV1> {
    oneWayOfAsking(question);
    return this.lookUps.employee(question);
  }
}
