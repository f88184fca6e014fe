import { EVENT_TYPES } from '@tieout/contracts';
import { Fault, outageReasonOf, UNASSIGNED, type OutageReason } from '@tieout/model';
import type { NewEvent, Tx } from '@tieout/persistence';
import { backOffMs } from '../domain/outcomes.js';
import { tell } from './ledger.js';
import type { Ledger } from './ports.js';

const FIRST_REST_MS = 250;
const LONGEST_REST_MS = 30_000;
/** One lost answer is an accident; so many in a row are an outage. */
const UNKNOWNS_IN_A_ROW = 3;

/** Backs off a destination that fails, and says so once per outage. */
export class ConnectionHealth {
  constructor(private readonly ledger: Ledger) {}

  async failed(tx: Tx, connection: string, error: unknown): Promise<void> {
    const { connections, clock } = this.ledger;
    const state = await connections.lock(tx, connection);
    const failures = state.failures + 1;
    const asked = error instanceof Fault ? error.retryAfterMs : undefined;
    await connections.rest(tx, connection, failures, asked ?? backOffMs(failures, FIRST_REST_MS, LONGEST_REST_MS));
    const reason = reasonOf(error, failures);
    if (reason === undefined || state.faultReason !== null) return;
    const since = clock.now();
    await connections.raise(tx, connection, reason, since);
    const message = error instanceof Error ? error.message : String(error);
    const event: NewEvent<typeof EVENT_TYPES.connectionFaulted> = {
      type: EVENT_TYPES.connectionFaulted,
      scope: [connection],
      body: { connection, raisedBy: this.ledger.rules.context, reason, message, since },
    };
    await tell(tx, this.ledger, { audit: [this.#note(connection, 'connection.faulted', message)], events: [event] });
  }

  /** The connection answered. Costs nothing while it is well. */
  async answered(tx: Tx, connection: string): Promise<void> {
    const { connections, clock } = this.ledger;
    const before = await connections.read(tx, connection);
    if (before === undefined || before.failures === 0) return;
    const state = await connections.lock(tx, connection);
    await connections.clear(tx, connection);
    if (state.faultReason === null) return;
    const event: NewEvent<typeof EVENT_TYPES.connectionRecovered> = {
      type: EVENT_TYPES.connectionRecovered,
      scope: [connection],
      body: { connection, raisedBy: this.ledger.rules.context, clearedAt: clock.now() },
    };
    await tell(tx, this.ledger, { audit: [this.#note(connection, 'connection.recovered')], events: [event] });
  }

  #note(connection: string, action: string, reason?: string) {
    return {
      action,
      subjectKind: 'connection',
      subjectId: connection,
      legalEntityId: UNASSIGNED,
      ...(reason !== undefined && { reason }),
    };
  }
}

const reasonOf = (error: unknown, failures: number): OutageReason | undefined => {
  if (!(error instanceof Fault)) return 'CONTRACT_BROKEN';
  if (error.kind === 'OutcomeUnknown' && failures < UNKNOWNS_IN_A_ROW) return undefined;
  return outageReasonOf(error.kind);
};
