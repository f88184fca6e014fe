import { EVENT_TYPES } from '@tieout/contracts';
import { outageReasonOf, type Fault } from '@tieout/model';
import { appendOutbox } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';

/** Tells of a connection that cannot be read, and that it can again. Runs are rare, so each one says it anew; the case stays one. */
export class ConnectionFaults {
  /** Connections known to be readable. A process that starts knows of none, so its first success also ends an outage of its predecessor's. */
  readonly #up = new Set<string>();
  constructor(private readonly runtime: ServiceRuntime) {}

  async raised(connection: string, fault: Fault): Promise<void> {
    const reason = outageReasonOf(fault.kind);
    if (reason === undefined) return;
    this.#up.delete(connection);
    const now = this.runtime.clock.now();
    await appendOutbox(
      this.runtime.database,
      'reconciliation',
      [
        {
          type: EVENT_TYPES.connectionFaulted,
          scope: [connection],
          body: { connection, raisedBy: 'reconciliation', reason, message: fault.message, since: now },
        },
      ],
      now,
    );
  }

  async cleared(connection: string): Promise<void> {
    if (this.#up.has(connection)) return;
    const now = this.runtime.clock.now();
    await appendOutbox(
      this.runtime.database,
      'reconciliation',
      [
        {
          type: EVENT_TYPES.connectionRecovered,
          scope: [connection],
          body: { connection, raisedBy: 'reconciliation', clearedAt: now },
        },
      ],
      now,
    );
    this.#up.add(connection);
  }
}
