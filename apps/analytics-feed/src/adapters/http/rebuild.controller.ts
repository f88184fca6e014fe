import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ActorOf, Problem, Roles, type Actor } from '@tieout/service-kit';
import { IsString, MinLength } from 'class-validator';
import { RebuildWarehouse } from '../../use-cases/rebuild-warehouse.js';

class RebuildBody {
  @IsString() @MinLength(1) destination: string;
}

@ApiTags('rebuild')
@Controller('rebuild')
export class RebuildController {
  constructor(private readonly rebuilds: RebuildWarehouse) {}

  /** Every booked document and every dimension goes out again under its own key. Empty the warehouse before, not after. */
  @Post()
  @HttpCode(202)
  @Roles('operator')
  async rebuild(@Body() { destination }: RebuildBody, @ActorOf() actor: Actor) {
    return (await this.rebuilds.start(destination, actor)) ?? notFed(destination);
  }

  @Get(':destination')
  @Roles('operator', 'auditor', 'platform', 'service')
  @ApiOkResponse({ description: 'What the last rebuild of a warehouse has still to send' })
  async progress(@Param('destination') destination: string) {
    return (await this.rebuilds.view(destination)) ?? notFed(destination);
  }
}

const notFed = (destination: string): never => {
  throw new Problem(
    404,
    'rebuild-not-found',
    'No such warehouse or rebuild',
    `The policy bundle names no analytics connection "${destination}", or it was never rebuilt.`,
    'Look in connections.yaml for connections with the role analytics.',
  );
};
