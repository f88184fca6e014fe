import type { Clock } from '@tieout/clock';
import { EVENT_TYPES } from '@tieout/contracts';
import { outageReasonOf, UNASSIGNED, type ConnectionId, type Fault } from '@tieout/model';
import { appendAudit, appendOutbox, type Database, type NewEvent } from '@tieout/persistence';
import { currentTraceparent } from '@tieout/telemetry';
import { SyncStateStore } from '../adapters/postgres/sync-state.store.js';
import { stepOutage, type Seen } from '../domain/outage.js';
import { ACTOR } from './actor.js';

/** Remembers how a connection did, and tells the others when an outage begins and ends. */
export class NoteOutage {
  constructor(
    private readonly database: Database,
    private readonly states: SyncStateStore,
    private readonly clock: Clock,
  ) {}

  async note(connection: ConnectionId, fault: Fault | undefined): Promise<void> {
    const seen = seenOf(fault);
    const now = this.clock.now();
    await this.database.transaction(async (tx) => {
      const before = await this.states.connectionState(tx, connection);
      const { state, tell } = seen ? stepOutage(before, seen, now) : { state: before, tell: undefined };
      await this.states.saveConnectionState(tx, connection, state, now);
      if (tell === undefined) return;
      const traceparent = currentTraceparent();
      const event: NewEvent =
        state.state === 'faulted'
          ? {
              type: EVENT_TYPES.connectionFaulted,
              scope: [connection],
              body: { connection, raisedBy: 'master', reason: state.reason, message: state.message, since: state.since },
              traceparent,
            }
          : {
              type: EVENT_TYPES.connectionRecovered,
              scope: [connection],
              body: { connection, raisedBy: 'master', clearedAt: now },
              traceparent,
            };
      await appendOutbox(tx, 'master', [event], now);
      const action = tell === 'raised' ? 'connection.faulted' : 'connection.recovered';
      await appendAudit(
        tx,
        [
          {
            actor: ACTOR,
            action,
            subjectKind: 'connection',
            subjectId: connection,
            legalEntityId: UNASSIGNED,
            before,
            after: state,
            traceparent,
          },
        ],
        now,
      );
    });
  }
}

/** Being asked to wait tells nothing about whether the connection works. */
const seenOf = (fault: Fault | undefined): Seen | undefined => {
  if (!fault) return { kind: 'worked' };
  const reason = outageReasonOf(fault.kind);
  return reason && { kind: 'failed', reason, message: fault.message };
};
