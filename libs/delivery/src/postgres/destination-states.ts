import type { ConnectionStateV1 } from '@tieout/contracts';
import type { Tx } from '@tieout/persistence';

interface Row {
  readonly connection: string;
  readonly fault: string | null;
  readonly locked: string | null;
  readonly tried: boolean;
}

/** How destinations do, for whoever asks from outside. A destination that was never sent to has no row, or one with a lock alone. */
export class DestinationStates {
  async of(tx: Tx, connections: readonly string[]): Promise<ConnectionStateV1[]> {
    const rows = await tx.query<Row>(
      `select c.connection, s.fault_reason as fault, s.locked_why as locked,
         exists (select from document d where d.destination = c.connection) as tried
       from unnest($1::text[]) with ordinality as c(connection, n) left join connection_state s using (connection) order by c.n`,
      [connections],
    );
    return rows.map(({ connection, fault, locked, tried }) => ({
      connection,
      ...(fault !== null ? { state: 'faulted', why: fault } : { state: tried ? 'works' : 'not-tried' }),
      ...(locked !== null && { locked }),
    }));
  }
}
