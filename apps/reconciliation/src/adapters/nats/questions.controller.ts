import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { AcceptDifferencesV1, COMMANDS, QUESTIONS, RunReconciliationV1 } from '@tieout/contracts';
import { AcceptDifferences } from '../../use-cases/accept-differences.js';
import { Runs } from '../../use-cases/runs.js';

@Controller()
export class QuestionsController {
  constructor(
    private readonly runs: Runs,
    private readonly acceptDifferences: AcceptDifferences,
  ) {}

  @MessagePattern<string>(QUESTIONS.latestRuns)
  async latest() {
    return { runs: await this.runs.latest(10) };
  }

  @MessagePattern<string>(COMMANDS.runReconciliation)
  run(@Payload() command: RunReconciliationV1) {
    return { accepted: this.runs.start({ askedBy: command.actor, from: command.from, to: command.to }) };
  }

  @MessagePattern<string>(COMMANDS.acceptDifferences)
  accept(@Payload() command: AcceptDifferencesV1) {
    return this.acceptDifferences.accept(command);
  }
}
