import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which leg a line is of, and which line of the destination holds it where lines are summed. Null: its own. */
export class Legs1763942400000 implements MigrationInterface {
  name = 'Legs1763942400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE ledger_line ADD COLUMN leg text NOT NULL DEFAULT 'labour-cost', ADD COLUMN line_key uuid`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE ledger_line DROP COLUMN leg, DROP COLUMN line_key`);
  }
}
