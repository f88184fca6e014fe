import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How long a destination has been locked, when the ledger was derived again, and which lines of predecessors were adopted. */
export class LedgerImport1763946000000 implements MigrationInterface {
  name = 'LedgerImport1763946000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE connection_state ADD COLUMN locked_at timestamptz, ADD COLUMN derived_at timestamptz`);
    // A predecessor's line is adopted once, however often adoption is asked for.
    await runner.query(`
      CREATE TABLE adopted_line (
        destination text NOT NULL,
        external_id text NOT NULL,
        line_key    text NOT NULL,
        posting_key uuid NOT NULL,
        CONSTRAINT adopted_line__pk PRIMARY KEY (destination, external_id, line_key)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE adopted_line`);
    await runner.query(`ALTER TABLE connection_state DROP COLUMN locked_at, DROP COLUMN derived_at`);
  }
}
