import type { ConnectionStateV1 } from '@tieout/contracts';
import type { Database } from '@tieout/persistence';
import type { PolicyHolder } from '@tieout/service-kit';
import { connectionRows } from '../adapters/postgres/source.store.js';

/** Which sources of time work. One that was never read to its end does not yet. */
export class AnswerConnectionStates {
  constructor(
    private readonly database: Database,
    private readonly policy: Pick<PolicyHolder, 'current'>,
  ) {}

  async run(connections: readonly string[]): Promise<ConnectionStateV1[]> {
    const sources = this.policy.current().connections.filter(({ roles }) => roles.includes('time'));
    const rows = await connectionRows(this.database);
    return connections
      .filter((id) => sources.some((source) => source.id === id))
      .map((connection) => {
        const row = rows.find((one) => one.connection === connection);
        if (row !== undefined && row.fault_reason !== null)
          return { connection, state: 'faulted', why: [row.fault_reason, row.fault_message].filter(Boolean).join(': ') };
        return { connection, state: row?.caught_up_at ? 'works' : 'not-tried' };
      });
  }
}
