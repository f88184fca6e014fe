import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { connectionStatesSubject, ConnectionStatesV1, type ConnectionStatesAnswerV1 } from '@tieout/contracts';
import { AnswerConnectionStates } from '../../use-cases/answer-connection-states.js';

@Controller()
export class ConnectionStatesController {
  constructor(private readonly answers: AnswerConnectionStates) {}

  @MessagePattern<string>(connectionStatesSubject('time'))
  async states(@Payload() { connections }: ConnectionStatesV1): Promise<ConnectionStatesAnswerV1> {
    return { connections: await this.answers.run(connections) };
  }
}
