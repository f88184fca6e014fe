import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Claiming as a function, which carries its planner settings with it: one statement instead of a transaction of four. The statistics of a
 * table that fills and empties within minutes are always wrong: the planner would read and sort all that waits for each batch, which
 * takes the square of the queue's length. The index has the order already.
 */
export class OutboxClaim1763948000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function outbox_claim(batch int, lease_ms float8) returns setof outbox language sql
        set enable_sort = off set enable_bitmapscan = off set enable_seqscan = off
      as $$
        update outbox set claimed_until = clock_timestamp() + lease_ms * interval '1 ms'
        where id = any(array(
          select id from outbox where published_at is null and (claimed_until is null or claimed_until < clock_timestamp())
          order by id limit batch for update skip locked))
        returning *
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop function outbox_claim(int, float8)');
  }
}
