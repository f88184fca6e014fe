import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which process may use how many of a connection's slots, from when its rate is free, and who tries whether it is back. */
export class RateBudget1763940000000 implements MigrationInterface {
  name = 'RateBudget1763940000000';

  async up(runner: QueryRunner): Promise<void> {
    // One row per connection: whoever changes anything of its budget locks it first.
    await runner.query(`
      CREATE TABLE delivery_budget (
        connection text   NOT NULL,
        free_at    timestamptz,
        shifted_ms float8 NOT NULL DEFAULT 0,
        CONSTRAINT delivery_budget__pk PRIMARY KEY (connection)
      )`);
    await runner.query(`
      CREATE TABLE delivery_instance (
        connection text        NOT NULL,
        instance   text        NOT NULL,
        life       int         NOT NULL,
        beat_no    int         NOT NULL,
        slots      int         NOT NULL,
        beat_at    timestamptz NOT NULL,
        keep_ms    int         NOT NULL,
        stopped    boolean     NOT NULL,
        CONSTRAINT delivery_instance__pk PRIMARY KEY (connection, instance)
      )`);
    await runner.query(`ALTER TABLE connection_state ADD COLUMN trial_until timestamptz`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE connection_state DROP COLUMN trial_until`);
    await runner.query(`DROP TABLE delivery_instance, delivery_budget`);
  }
}
