import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import {
  CATALOGUE,
  CATALOGUE_KINDS,
  CONTRACT_STATES,
  PARTIES,
  type CatalogueKind,
  type ContractStatus,
  type Party,
} from '@tieout/contracts';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { contractsWhere } from '../../domain/contracts.js';

class ContractsQuery {
  @IsOptional() @IsIn(CATALOGUE_KINDS) kind?: CatalogueKind;
  /** Context ("posting") or team. */
  @IsOptional() @IsString() @MaxLength(100) owner?: string;
  @IsOptional() @IsIn(PARTIES) consumer?: Party;
  @IsOptional() @IsIn(CONTRACT_STATES) status?: ContractStatus['state'];
}

/** The registry of what services say to each other and to others. Open to every role: whoever builds on us must be able to look. */
@ApiTags('contracts')
@Controller('contracts')
export class ContractsController {
  @Get()
  @ApiOkResponse({ description: 'Every version of an event, command, question or HTTP API with owner, consumers and status' })
  list(@Query() query: ContractsQuery) {
    return { items: contractsWhere(CATALOGUE, query) };
  }
}
