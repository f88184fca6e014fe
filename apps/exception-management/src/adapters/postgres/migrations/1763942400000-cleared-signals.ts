import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Of two signals of the same moment, the one that clears wins: it needs to know which the stored one was. */
export class ClearedSignals1763942400000 implements MigrationInterface {
  name = 'ClearedSignals1763942400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE case_signal ADD COLUMN cleared boolean NOT NULL DEFAULT false`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE case_signal DROP COLUMN cleared`);
  }
}
