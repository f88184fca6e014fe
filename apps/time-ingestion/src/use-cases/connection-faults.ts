import { EVENT_TYPES } from '@tieout/contracts';
import { outageReasonOf, type Fault } from '@tieout/model';
import { appendOutbox } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import { clearFault, putFault } from '../adapters/postgres/source.store.js';

/** Tells of a source that failed, once per outage, and that it works again; being throttled is no outage. */
export class ConnectionFaults {
  constructor(private readonly runtime: ServiceRuntime) {}

  async raised(connection: string, fault: Fault): Promise<void> {
    const reason = outageReasonOf(fault.kind);
    if (reason === undefined) return;
    const now = this.runtime.clock.now();
    await this.runtime.database.transaction(async (tx) => {
      if (!(await putFault(tx, connection, reason, fault.message, now))) return;
      this.runtime.logger.warn({ connection, reason, fault: fault.message }, 'source connection failed');
      await appendOutbox(
        tx,
        'time',
        [
          {
            type: EVENT_TYPES.connectionFaulted,
            scope: [connection],
            body: { connection, raisedBy: 'time', reason, message: fault.message, since: now },
          },
        ],
        now,
      );
    });
  }

  /** After a whole turn: a page that can be read says nothing of a key sweep that fails each time. */
  async cleared(connection: string): Promise<void> {
    const now = this.runtime.clock.now();
    await this.runtime.database.transaction(async (tx) => {
      if (!(await clearFault(tx, connection))) return;
      const body = { connection, raisedBy: 'time' as const, clearedAt: now };
      await appendOutbox(tx, 'time', [{ type: EVENT_TYPES.connectionRecovered, scope: [connection], body }], now);
    });
  }
}
