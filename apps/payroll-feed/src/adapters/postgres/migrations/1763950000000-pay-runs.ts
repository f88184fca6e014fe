import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Pay runs, beside the ledger whose documents they are made of. */
export class PayRuns1763950000000 implements MigrationInterface {
  name = 'PayRuns1763950000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pay_run (
        id                  uuid        NOT NULL,
        destination         text        NOT NULL,
        pay_period          text        NOT NULL,
        pay_group           text        NOT NULL,
        legal_entity_id     text        NOT NULL,
        start_date          date        NOT NULL,
        end_date            date        NOT NULL,
        pay_date            date,
        cut_off             timestamptz NOT NULL,
        state               text        NOT NULL,
        signed_by           text,
        signed_at           timestamptz,
        signed_hash         uuid,
        signed_totals       jsonb,
        sent_at             timestamptz,
        acknowledged_at     timestamptz,
        acknowledged_totals jsonb,
        message             text,
        refused_documents   uuid[]      NOT NULL DEFAULT '{}',
        created_at          timestamptz NOT NULL,
        updated_at          timestamptz NOT NULL,
        CONSTRAINT pay_run__pk PRIMARY KEY (id),
        CONSTRAINT pay_run__destination_period__uq UNIQUE (destination, pay_period),
        CONSTRAINT pay_run__state__ck CHECK (state IN ('collecting', 'previewed', 'signed', 'sent', 'acknowledged', 'refused')),
        CONSTRAINT pay_run__signed__ck CHECK (state NOT IN ('signed', 'sent', 'acknowledged') OR signed_by IS NOT NULL)
      )`);
    await runner.query(`CREATE INDEX pay_run__group__ix ON pay_run (destination, pay_group, cut_off)`);
    await runner.query(`CREATE INDEX pay_run__unfinished__ix ON pay_run (cut_off) WHERE state <> 'acknowledged'`);
    // A run's documents are those of its destination and period.
    await runner.query(`CREATE INDEX document__run__ix ON document (destination, posting_period) WHERE state <> 'dissolved'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX document__run__ix`);
    await runner.query(`DROP TABLE pay_run`);
  }
}
