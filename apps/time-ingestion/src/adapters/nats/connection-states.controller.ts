import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { connectionStatesSubject, ConnectionStatesV1, type ConnectionStatesAnswerV1 } from '@tieout/contracts';
import { RUNTIME, type ServiceRuntime } from '@tieout/service-kit';
import { connectionRows } from '../postgres/source.store.js';

/** Which sources of time work. One that was never read to its end does not yet. */
@Controller()
export class ConnectionStatesController {
  constructor(@Inject(RUNTIME) private readonly runtime: ServiceRuntime) {}

  @MessagePattern<string>(connectionStatesSubject('time'))
  async states(@Payload() { connections }: ConnectionStatesV1): Promise<ConnectionStatesAnswerV1> {
    const sources = this.runtime.policy.current().connections.filter(({ roles }) => roles.includes('time'));
    const rows = await connectionRows(this.runtime.database);
    return {
      connections: connections
        .filter((id) => sources.some((source) => source.id === id))
        .map((connection) => {
          const row = rows.find((one) => one.connection === connection);
          if (row !== undefined && row.fault_reason !== null)
            return { connection, state: 'faulted', why: [row.fault_reason, row.fault_message].filter(Boolean).join(': ') };
          return { connection, state: row?.caught_up_at ? 'works' : 'not-tried' };
        }),
    };
  }
}
