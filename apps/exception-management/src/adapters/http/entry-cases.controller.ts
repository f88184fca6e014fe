import { Controller, Get, Inject, Param, ParseUUIDPipe } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Roles, RUNTIME, type ServiceRuntime } from '@tieout/service-kit';
import { casesOfEntry } from '../postgres/entry-cases.reads.js';

@ApiTags('cases')
@Controller('entries')
export class EntryCasesController {
  constructor(@Inject(RUNTIME) private readonly runtime: ServiceRuntime) {}

  @Get(':entryId/cases')
  @Roles('operator', 'finance', 'auditor', 'service')
  @ApiOkResponse({ description: 'Cases that the entry is or was part of, with what is wrong with the entry itself' })
  async list(@Param('entryId', ParseUUIDPipe) entryId: string) {
    return { items: await casesOfEntry(this.runtime.database, entryId) };
  }
}
