import type { Tx } from './database.js';

/**
 * Named leases on the database's clock, so that replicas with wrong clocks agree. The fence rises with every acquisition; what is
 * written under a lease carries it, and a write with an older fence is refused by its store.
 */
export class Leases {
  constructor(private readonly db: Tx) {}

  /** Also succeeds, with a new fence, when `owner` holds it already. */
  async tryAcquire(name: string, owner: string, ttlMs: number): Promise<{ fence: number } | undefined> {
    const [row] = await this.db.query<{ fence: number }>(
      `insert into lease as l (name, owner, fence, expires_at)
       values ($1, $2, 1, clock_timestamp() + $3::float8 * interval '1 ms')
       on conflict (name) do update set owner = excluded.owner, fence = l.fence + 1, expires_at = excluded.expires_at
       where l.expires_at <= clock_timestamp() or l.owner = excluded.owner
       returning fence`,
      [name, owner, ttlMs],
    );
    return row;
  }

  /** @returns false when it expired or somebody else has it: stop the work. */
  async renew(name: string, owner: string, ttlMs: number): Promise<boolean> {
    const rows = await this.db.query(
      `update lease set expires_at = clock_timestamp() + $3::float8 * interval '1 ms'
       where name = $1 and owner = $2 and expires_at > clock_timestamp() returning fence`,
      [name, owner, ttlMs],
    );
    return rows.length === 1;
  }

  /** The row stays: a deleted one would begin its fences anew. */
  async release(name: string, owner: string): Promise<void> {
    await this.db.query(`update lease set expires_at = '-infinity' where name = $1 and owner = $2`, [name, owner]);
  }
}
