import { Controller, Inject, type Type } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { receiptsSubject, ReceiptsV1, type Context, type ReceiptsAnswerV1 } from '@tieout/contracts';
import { answerReceipts } from '@tieout/persistence';
import { RUNTIME, type ServiceRuntime } from '../runtime.js';

/** Answers the producers' completeness sweeps. A class per service, because the subject carries the context. */
export function receiptsControllerFor(context: Context): Type {
  @Controller()
  class ReceiptsController {
    constructor(@Inject(RUNTIME) private readonly runtime: ServiceRuntime) {}

    @MessagePattern<string>(receiptsSubject(context))
    answer(@Payload() question: ReceiptsV1): Promise<ReceiptsAnswerV1> {
      return answerReceipts(this.runtime.database, question);
    }
  }
  return ReceiptsController;
}
