import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Several legs per entry, lanes, signatures, summarised documents, answers that come later. */
export class DeliveryEngine1763938000000 implements MigrationInterface {
  name = 'DeliveryEngine1763938000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE target ADD COLUMN wanted jsonb NOT NULL DEFAULT '[]', ADD COLUMN rank bigint NOT NULL DEFAULT 0`,
    );
    await runner.query(
      `UPDATE target SET wanted = jsonb_build_array(jsonb_build_object('leg', 'labour-cost', 'content', content)) WHERE content IS NOT NULL`,
    );
    await runner.query(`ALTER TABLE target DROP COLUMN withdrawn, DROP COLUMN content`);
    await runner.query(`DROP INDEX target__dirty__ix`);
    await runner.query(`CREATE INDEX target__dirty__ix ON target (rank, updated_at) WHERE planning = 'dirty'`);
    await runner.query(
      `ALTER TABLE posting ADD COLUMN lane text NOT NULL DEFAULT 'normal', ADD COLUMN rank bigint NOT NULL DEFAULT 0, ADD COLUMN not_before timestamptz`,
    );
    await runner.query(`DROP INDEX posting__freezable__ix`);
    await runner.query(
      `CREATE INDEX posting__freezable__ix ON posting (destination, rank, seq) WHERE state = 'pending' AND document_key IS NULL`,
    );
    await runner.query(`
      ALTER TABLE document ADD COLUMN run_group text, ADD COLUMN summary jsonb, ADD COLUMN lane text NOT NULL DEFAULT 'normal',
        ADD COLUMN rank bigint NOT NULL DEFAULT 0, ADD COLUMN held boolean NOT NULL DEFAULT false, ADD COLUMN ticket text, ADD COLUMN instance text`);
    await runner.query(`ALTER TABLE connection_state ADD COLUMN locked_why text`);
    await runner.query(`ALTER TABLE document DROP CONSTRAINT document__state__ck`);
    await runner.query(`ALTER TABLE document ADD CONSTRAINT document__state__ck
      CHECK (state IN ('frozen', 'sending', 'queued', 'unknown', 'posted', 'confirmed', 'rejected', 'dissolved'))`);
    await runner.query(`DROP INDEX document__frozen__ix`);
    await runner.query(
      `CREATE INDEX document__frozen__ix ON document (destination, rank, document_key) WHERE state = 'frozen' AND NOT held`,
    );
    await runner.query(`DROP INDEX document__unknown__ix`);
    await runner.query(
      `CREATE INDEX document__unknown__ix ON document (destination, next_attempt_at) WHERE state IN ('unknown', 'queued')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE connection_state DROP COLUMN locked_why`);
    await runner.query(`DROP INDEX document__unknown__ix, document__frozen__ix, posting__freezable__ix, target__dirty__ix`);
    await runner.query(`CREATE INDEX document__unknown__ix ON document (destination, next_attempt_at) WHERE state = 'unknown'`);
    await runner.query(`CREATE INDEX document__frozen__ix ON document (destination, frozen_at) WHERE state = 'frozen'`);
    await runner.query(
      `ALTER TABLE document DROP COLUMN run_group, DROP COLUMN summary, DROP COLUMN lane, DROP COLUMN rank, DROP COLUMN held, DROP COLUMN ticket, DROP COLUMN instance`,
    );
    await runner.query(`ALTER TABLE posting DROP COLUMN lane, DROP COLUMN rank, DROP COLUMN not_before`);
    await runner.query(
      `CREATE INDEX posting__freezable__ix ON posting (destination, seq) WHERE state = 'pending' AND document_key IS NULL`,
    );
    await runner.query(`ALTER TABLE target ADD COLUMN content jsonb`);
    await runner.query(`UPDATE target SET content = wanted -> 0 -> 'content'`);
    await runner.query(
      `ALTER TABLE target ADD COLUMN withdrawn boolean NOT NULL GENERATED ALWAYS AS (content IS NULL) STORED, DROP COLUMN wanted, DROP COLUMN rank`,
    );
    await runner.query(`CREATE INDEX target__dirty__ix ON target (updated_at) WHERE planning = 'dirty'`);
  }
}
