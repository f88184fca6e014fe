import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * People accept differences. An older difference gets an id by chance, so that nothing can be accepted of it before the next run has said
 * by how much both ends differ; the defaults serve a replica of the version before.
 */
export class Acceptances1764028800000 implements MigrationInterface {
  name = 'Acceptances1764028800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE difference
        ADD COLUMN difference_id   uuid    NOT NULL DEFAULT gen_random_uuid(),
        ADD COLUMN variance_hours  numeric NOT NULL DEFAULT 0,
        ADD COLUMN variance_amount numeric NOT NULL DEFAULT 0,
        ADD COLUMN accepted_at     timestamptz,
        ADD COLUMN accepted_by     text,
        ADD COLUMN approved_by     text,
        ADD COLUMN accepted_reason text,
        ADD CONSTRAINT difference__acceptance__ck CHECK ((accepted_at IS NULL) = (accepted_by IS NULL) AND (accepted_at IS NULL) = (accepted_reason IS NULL)),
        ADD CONSTRAINT difference__second_person__ck CHECK (approved_by IS NULL OR approved_by <> accepted_by)`);
    await runner.query(`UPDATE difference SET variance_hours = abs(hours), variance_amount = abs(amount)`);
    await runner.query(`CREATE UNIQUE INDEX difference__difference_id__uq ON difference (difference_id)`);
    await runner.query(`ALTER TABLE reconciliation_run ADD COLUMN accepted jsonb NOT NULL DEFAULT '[]'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE reconciliation_run DROP COLUMN accepted`);
    await runner.query(
      `ALTER TABLE difference DROP COLUMN difference_id, DROP COLUMN variance_hours, DROP COLUMN variance_amount, DROP COLUMN accepted_at, DROP COLUMN accepted_by, DROP COLUMN approved_by,
         DROP COLUMN accepted_reason`,
    );
  }
}
