import { DIMENSION_KINDS } from '@tieout/connector-kit';
import type { MasterObject } from '@tieout/model';
import type { Tx } from '@tieout/persistence';

/** Which revision of each object a warehouse has. */
export class DimensionStore {
  /** Objects whose newest revision a warehouse lacks, and the round of its rebuilds that this is said in. */
  async due(tx: Tx, destination: string, limit: number): Promise<{ readonly round: number; readonly objects: MasterObject[] }> {
    const round = await this.#round(tx, destination);
    const rows = await tx.query<{ body: MasterObject }>(
      `select m.body from master_object m
       left join dimension_delivery d on d.destination = $1 and d.kind = m.kind and d.object_id = m.id
       where m.kind = any($2::text[]) and (d.revision is null or d.revision < m.revision)
       order by m.kind, m.id limit $3`,
      [destination, DIMENSION_KINDS, limit],
    );
    return { round, objects: rows.map(({ body }) => body) };
  }

  /** Never back: another replica may have delivered a higher one meanwhile. Says nothing when the warehouse was emptied since. */
  async delivered(
    tx: Tx,
    destination: string,
    o: { readonly round: number; readonly objects: readonly MasterObject[] },
    now: string,
  ): Promise<void> {
    await this.#lock(tx, destination);
    if ((await this.#round(tx, destination)) !== o.round) return;
    await tx.query(
      `insert into dimension_delivery as d (destination, kind, object_id, revision, delivered_at)
       select $1, kind, id, revision, $3 from jsonb_to_recordset($2::jsonb) as r(kind text, id uuid, revision bigint) order by kind, id
       on conflict (destination, kind, object_id) do update set revision = excluded.revision, delivered_at = excluded.delivered_at
       where d.revision < excluded.revision`,
      [destination, JSON.stringify(o.objects.map(({ kind, id, revision }) => ({ kind, id, revision }))), now],
    );
  }

  /** The warehouse was emptied: it has none. In the transaction that begins the next round. */
  async forget(tx: Tx, destination: string): Promise<void> {
    await this.#lock(tx, destination);
    await tx.query(`delete from dimension_delivery where destination = $1`, [destination]);
  }

  async #round(tx: Tx, destination: string): Promise<number> {
    const [row] = await tx.query<{ round: number }>(`select round from rebuild where destination = $1`, [destination]);
    return row?.round ?? 0;
  }

  /** A delivery is written down before the next round begins or after it, never half-way. */
  async #lock(tx: Tx, destination: string): Promise<void> {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [`dimensions of ${destination}`]);
  }
}
