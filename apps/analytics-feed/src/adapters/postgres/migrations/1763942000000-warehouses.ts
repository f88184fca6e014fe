import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which dimensions a warehouse has, and what a rebuild has still to send. */
export class Warehouses1763942000000 implements MigrationInterface {
  name = 'Warehouses1763942000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE dimension_delivery (
        destination  text NOT NULL,
        kind         text NOT NULL,
        object_id    uuid NOT NULL,
        revision     bigint NOT NULL,
        delivered_at timestamptz NOT NULL,
        CONSTRAINT dimension_delivery__pk PRIMARY KEY (destination, kind, object_id)
      )`);
    await runner.query(`
      CREATE TABLE rebuild (
        destination text CONSTRAINT rebuild__pk PRIMARY KEY,
        -- Rises with every start: what an earlier round had in hand says nothing of this one.
        round       int NOT NULL,
        documents   int NOT NULL,
        started_by  text NOT NULL,
        started_at  timestamptz NOT NULL,
        finished_at timestamptz
      )`);
    await runner.query(`
      CREATE TABLE rebuild_document (
        destination  text NOT NULL,
        document_key uuid NOT NULL,
        round        int NOT NULL,
        held_until   timestamptz,
        message      text,
        CONSTRAINT rebuild_document__pk PRIMARY KEY (destination, document_key)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE rebuild_document, rebuild, dimension_delivery`);
  }
}
