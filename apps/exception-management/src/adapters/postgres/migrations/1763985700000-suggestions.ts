import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What whoever raised a condition would do about it. */
export class Suggestions1763985700000 implements MigrationInterface {
  name = 'Suggestions1763985700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE case_item ADD COLUMN suggestion text`);
    await runner.query(`ALTER TABLE exception_case ADD COLUMN suggestion text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE exception_case DROP COLUMN suggestion`);
    await runner.query(`ALTER TABLE case_item DROP COLUMN suggestion`);
  }
}
