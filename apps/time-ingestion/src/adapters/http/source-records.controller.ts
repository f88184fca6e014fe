import { Controller, Get, Inject, Param, ParseUUIDPipe } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Roles, RUNTIME, type ServiceRuntime } from '@tieout/service-kit';
import { sourceRecordsOf } from '../postgres/source-record.reads.js';

@ApiTags('time entries')
@Controller('entries')
export class SourceRecordsController {
  constructor(@Inject(RUNTIME) private readonly runtime: ServiceRuntime) {}

  /** As they were sent, also where they became no version. What retention has erased is not there any more. */
  @Get(':entryId/source-records')
  @Roles('operator', 'finance', 'auditor', 'service')
  @ApiOkResponse({ description: 'What the source sent of the entry, the oldest first' })
  async list(@Param('entryId', ParseUUIDPipe) entryId: string) {
    return { items: await sourceRecordsOf(this.runtime.database, entryId) };
  }
}
