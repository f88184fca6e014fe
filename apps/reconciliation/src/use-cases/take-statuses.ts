import type {
  DocumentConfirmedV1,
  DocumentPostedV1,
  LineBlockedV1,
  LineClearedV1,
  LineRejectedV1,
  SourceRecordMendedV1,
  SourceRecordRefusedV1,
  TimeEntryHeldV1,
  TimeEntryReleasedV1,
  TimeEntryWithdrawnV1,
} from '@tieout/contracts';
import type { ReceivedEvent } from '@tieout/messaging';
import { recordReceipts, type Tx } from '@tieout/persistence';
import type { ServiceRuntime } from '@tieout/service-kit';
import {
  heldStatus,
  putConfirmed,
  putPosted,
  putRefused,
  putStatuses,
  putStuck,
  releasedStatus,
  withdrawnStatus,
} from '../adapters/postgres/status.store.js';

type Received<T> = readonly ReceivedEvent<T>[];
const bodies = <T>(events: Received<T>): T[] => events.map((event) => event.body);

/** Keeps what our own services say. It explains what is held or in flight; it never proves that something is posted. */
export class TakeStatuses {
  constructor(private readonly runtime: ServiceRuntime) {}

  #take<T>(events: Received<T>, put: (tx: Tx) => Promise<void>): Promise<void> {
    return this.runtime.database.transaction(async (tx) => {
      await recordReceipts(tx, events);
      await put(tx);
    });
  }

  released(events: Received<TimeEntryReleasedV1>): Promise<void> {
    const policy = this.runtime.policy.current();
    return this.#take(events, (tx) =>
      putStatuses(
        tx,
        bodies(events).map((body) => releasedStatus(body, policy.routes(body.legalEntityId))),
      ),
    );
  }
  held(events: Received<TimeEntryHeldV1>): Promise<void> {
    const policy = this.runtime.policy.current();
    return this.#take(events, (tx) =>
      putStatuses(
        tx,
        bodies(events).map((body) => heldStatus(body, policy.routes(body.legalEntityId))),
      ),
    );
  }
  withdrawn(events: Received<TimeEntryWithdrawnV1>): Promise<void> {
    return this.#take(events, (tx) => putStatuses(tx, bodies(events).map(withdrawnStatus)));
  }
  posted(events: Received<DocumentPostedV1>): Promise<void> {
    return this.#take(events, (tx) => putPosted(tx, bodies(events)));
  }
  confirmed(events: Received<DocumentConfirmedV1>): Promise<void> {
    return this.#take(events, (tx) => putConfirmed(tx, bodies(events)));
  }
  lineStuck(events: Received<LineRejectedV1 | LineBlockedV1>): Promise<void> {
    return this.#take(events, (tx) =>
      putStuck(
        tx,
        bodies(events).map((body) => ({
          postingKey: body.postingKey,
          entryId: body.entryId,
          destination: body.destination,
          stuck: true,
          toldAt: 'rejectedAt' in body ? body.rejectedAt : body.blockedAt,
        })),
      ),
    );
  }
  lineCleared(events: Received<LineClearedV1>): Promise<void> {
    return this.#take(events, (tx) =>
      putStuck(
        tx,
        bodies(events).map(({ postingKey, entryId, destination, clearedAt }) => ({
          postingKey,
          entryId,
          destination,
          stuck: false,
          toldAt: clearedAt,
        })),
      ),
    );
  }
  recordRefused(events: Received<SourceRecordRefusedV1>): Promise<void> {
    return this.#take(events, (tx) =>
      putRefused(
        tx,
        bodies(events).map(({ connection, recordKey, receivedAt }) => ({
          connection,
          recordKey,
          refused: true,
          toldAt: receivedAt,
        })),
      ),
    );
  }
  recordMended(events: Received<SourceRecordMendedV1>): Promise<void> {
    return this.#take(events, (tx) =>
      putRefused(
        tx,
        bodies(events).map(({ connection, recordKey, mendedAt }) => ({
          connection,
          recordKey,
          refused: false,
          toldAt: mendedAt,
        })),
      ),
    );
  }
}
