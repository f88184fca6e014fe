import type { Tx } from '@tieout/persistence';
import type { ConnectionRow, Connections } from '../engine/ports.js';

const COLUMNS = `locked_why as locked, (extract(epoch from clock_timestamp() - locked_at) * 1000)::float8 as "lockedForMs",
  (select (extract(epoch from max(derived_at)) * 1000)::float8 from connection_state) as "derivedMs"`;

/** Whether each destination may be sent to, for all replicas together. */
export class ConnectionStore implements Connections {
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

  async setLock(tx: Tx, connection: string, reason: string | null): Promise<void> {
    await this.lock(tx, connection);
    await tx.query(
      `update connection_state set locked_why = $2, locked_at = case when $2::text is null then null else clock_timestamp() end where connection = $1`,
      [connection, reason],
    );
  }
}
