import type { Tx } from '@tieout/persistence';
import type { ConnectionRow, Connections } from '../engine/ports.js';

const COLUMNS = `failures, coalesce(retry_at > clock_timestamp(), false) as resting, fault_reason as "faultReason", locked_why as locked`;

/** How each destination fares, for all replicas together. */
export class ConnectionStore implements Connections {
  /** Locks the connection's row: claims of all replicas pass here one after the other, so together they keep its limit. */
  async lock(tx: Tx, connection: string): Promise<ConnectionRow> {
    await tx.query(`insert into connection_state (connection) values ($1) on conflict do nothing`, [connection]);
    const [row] = await tx.query<ConnectionRow>(`select ${COLUMNS} from connection_state where connection = $1 for update`, [
      connection,
    ]);
    return row!;
  }

  async read(tx: Tx, connection: string): Promise<ConnectionRow | undefined> {
    const [row] = await tx.query<ConnectionRow>(`select ${COLUMNS} from connection_state where connection = $1`, [connection]);
    return row;
  }

  async rest(tx: Tx, connection: string, failures: number, restMs: number): Promise<void> {
    await tx.query(
      `update connection_state set failures = $2, retry_at = clock_timestamp() + $3 * interval '1 millisecond' where connection = $1`,
      [connection, failures, restMs],
    );
  }

  async raise(tx: Tx, connection: string, reason: string, since: string): Promise<void> {
    await tx.query(`update connection_state set fault_reason = $2, fault_since = $3 where connection = $1`, [
      connection,
      reason,
      since,
    ]);
  }

  async clear(tx: Tx, connection: string): Promise<void> {
    await tx.query(
      `update connection_state set failures = 0, retry_at = null, fault_reason = null, fault_since = null where connection = $1`,
      [connection],
    );
  }

  async setLock(tx: Tx, connection: string, reason: string | null): Promise<void> {
    await this.lock(tx, connection);
    await tx.query(`update connection_state set locked_why = $2 where connection = $1`, [connection, reason]);
  }
}
