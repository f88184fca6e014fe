import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { COMMANDS, QUESTIONS, type RunReconciliationV1 } from '@tieout/contracts';
import { Runs } from '../../use-cases/runs.js';

@Controller()
export class QuestionsController {
  constructor(private readonly runs: Runs) {}

  @MessagePattern<string>(QUESTIONS.latestRuns)
  async latest() {
    return { runs: await this.runs.latest(10) };
  }

  @MessagePattern<string>(COMMANDS.runReconciliation)
  run(@Payload() command: RunReconciliationV1) {
    return { accepted: this.runs.start({ askedBy: command.actor, from: command.from, to: command.to }) };
  }
}
