import { Controller, Get, Inject, Param, ParseUUIDPipe } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Roles, RUNTIME, type ServiceRuntime } from '@tieout/service-kit';
import { entryReconciliation } from '../postgres/entry.reads.js';

@ApiTags('reconciliation')
@Controller('entries')
export class EntriesController {
  constructor(@Inject(RUNTIME) private readonly runtime: ServiceRuntime) {}

  @Get(':entryId')
  @Roles('operator', 'finance', 'auditor', 'service')
  @ApiOkResponse({
    description: 'What is known of an entry here: its status, its differences, the last run that covered its day',
  })
  one(@Param('entryId', ParseUUIDPipe) entryId: string) {
    return entryReconciliation(this.runtime.database, entryId);
  }
}
