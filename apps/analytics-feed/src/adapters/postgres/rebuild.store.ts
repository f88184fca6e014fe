import type { Tx } from '@tieout/persistence';

export interface RebuildView {
  readonly destination: string;
  readonly startedBy: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** How many documents it began with, and how many are left. */
  readonly documents: number;
  readonly remaining: number;
  /** Why some are left: a few of the messages. */
  readonly problems: readonly string[];
}

export interface TakenDocument {
  readonly documentKey: string;
  readonly round: number;
}

/** What the rebuild of a warehouse has still to send. */
export class RebuildStore {
  /**
   * Everything that stands there or may: what is on its way while the warehouse is emptied may be lost too. @returns how many documents.
   */
  async start(tx: Tx, destination: string, o: { actor: string; now: string }): Promise<number> {
    const [{ round }] = (await tx.query<{ round: number }>(
      `insert into rebuild as b (destination, round, documents, started_by, started_at) values ($1, 1, 0, $2, $3)
       on conflict (destination) do update set round = b.round + 1, started_by = excluded.started_by, started_at = excluded.started_at,
         finished_at = null
       returning round`,
      [destination, o.actor, o.now],
    )) as [{ round: number }];
    await tx.query(`delete from rebuild_document where destination = $1`, [destination]);
    const rows = await tx.query(
      `insert into rebuild_document (destination, document_key, round)
       select destination, document_key, $2 from document
       where destination = $1 and state in ('sending', 'queued', 'unknown', 'posted', 'confirmed') returning document_key`,
      [destination, round],
    );
    await tx.query(`update rebuild set documents = $2 where destination = $1`, [destination, rows.length]);
    return rows.length;
  }

  /** Documents that stand by our ledger; for a while they are the caller's. What turned out not to stand is sent the ordinary way. */
  async take(tx: Tx, destination: string, o: { limit: number; holdMs: number }): Promise<TakenDocument[]> {
    await tx.query(
      `delete from rebuild_document r using document d
       where r.destination = $1 and d.document_key = r.document_key and d.state in ('frozen', 'rejected', 'dissolved')`,
      [destination],
    );
    return tx.query<TakenDocument>(
      `with picked as (
         select r.document_key from rebuild_document r join document d using (document_key)
         where r.destination = $1 and d.state in ('posted', 'confirmed') and (r.held_until is null or r.held_until < clock_timestamp())
         order by r.document_key limit $2 for update of r skip locked
       )
       update rebuild_document r set held_until = clock_timestamp() + $3 * interval '1 millisecond'
       from picked where r.destination = $1 and r.document_key = picked.document_key
       returning r.document_key as "documentKey", r.round`,
      [destination, o.limit, o.holdMs],
    );
  }

  async done(tx: Tx, destination: string, taken: readonly TakenDocument[]): Promise<void> {
    await tx.query(
      `delete from rebuild_document r using unnest($2::uuid[], $3::int[]) as u(document_key, round)
       where r.destination = $1 and r.document_key = u.document_key and r.round = u.round`,
      [destination, taken.map(({ documentKey }) => documentKey), taken.map(({ round }) => round)],
    );
  }

  /** Not at once again: those that can be sent go first. */
  async failed(
    tx: Tx,
    destination: string,
    failures: readonly (TakenDocument & { message: string })[],
    againMs: number,
  ): Promise<void> {
    await tx.query(
      `update rebuild_document r set message = u.message, held_until = clock_timestamp() + $5 * interval '1 millisecond'
       from unnest($2::uuid[], $3::int[], $4::text[]) as u(document_key, round, message)
       where r.destination = $1 and r.document_key = u.document_key and r.round = u.round`,
      [
        destination,
        failures.map(({ documentKey }) => documentKey),
        failures.map(({ round }) => round),
        failures.map(({ message }) => message),
        againMs,
      ],
    );
  }

  /** @returns true once, when nothing is left. */
  async finish(tx: Tx, destination: string, now: string): Promise<boolean> {
    const rows = await tx.query(
      `update rebuild set finished_at = $2 where destination = $1 and finished_at is null
         and not exists (select from rebuild_document r where r.destination = $1) returning destination`,
      [destination, now],
    );
    return rows.length === 1;
  }

  async view(tx: Tx, destination: string): Promise<RebuildView | undefined> {
    const [row] = await tx.query<RebuildView>(
      `select destination, started_by as "startedBy", started_at as "startedAt", finished_at as "finishedAt", documents,
         (select count(*)::int from rebuild_document r where r.destination = b.destination) as remaining,
         array(select distinct message from rebuild_document r where r.destination = b.destination and message is not null limit 5) as problems
       from rebuild b where destination = $1`,
      [destination],
    );
    return row;
  }
}
