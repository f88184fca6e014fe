import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A document keeps what it was frozen with until it is read back: sending and reading back read one row instead of its lines. */
export class DocumentContent1763948000000 implements MigrationInterface {
  name = 'DocumentContent1763948000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE document ADD COLUMN content text, ADD COLUMN traceparents jsonb`);
    // Kept for seconds, so not worth packing.
    await runner.query(
      `ALTER TABLE document ALTER COLUMN content SET STORAGE EXTERNAL, ALTER COLUMN traceparents SET STORAGE EXTERNAL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE document DROP COLUMN content, DROP COLUMN traceparents`);
  }
}
