import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { AccruePeriodV1, COMMANDS } from '@tieout/contracts';
import { AccruePeriod, type AccrueAnswer, type AccrueRefusal } from '../../use-cases/accrue-period.js';

@Controller()
export class AccrualCommands {
  constructor(private readonly accruePeriod: AccruePeriod) {}

  @MessagePattern<string>(COMMANDS.accruePeriod)
  accrue(@Payload() command: AccruePeriodV1): Promise<AccrueAnswer | AccrueRefusal> {
    return this.accruePeriod.accrue(command);
  }
}
