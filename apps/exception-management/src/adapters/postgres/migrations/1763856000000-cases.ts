import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Signals per item, what is wrong with each, and the cases that these add up to. */
export class Cases1763856000000 implements MigrationInterface {
  name = 'Cases1763856000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE case_signal (
        item_key text   NOT NULL,
        order_no bigint NOT NULL,
        CONSTRAINT case_signal__pk PRIMARY KEY (item_key)
      )`);
    await runner.query(`
      CREATE TABLE case_item (
        item_key        text        NOT NULL,
        reason          text        NOT NULL,
        group_key       text        NOT NULL,
        legal_entity_id text        NOT NULL,
        detail          text        NOT NULL,
        entry_id        uuid,
        work_date       date,
        hours           numeric,
        amount          numeric,
        currency        text,
        opened_at       timestamptz NOT NULL,
        closed_at       timestamptz,
        CONSTRAINT case_item__pk PRIMARY KEY (item_key, reason, group_key, legal_entity_id)
      )`);
    await runner.query(
      `CREATE INDEX case_item__open__ix ON case_item (reason, group_key, legal_entity_id) WHERE closed_at IS NULL`,
    );
    await runner.query(`CREATE INDEX case_item__entry__ix ON case_item (entry_id) WHERE entry_id IS NOT NULL`);
    await runner.query(`
      CREATE TABLE exception_case (
        case_id            uuid        NOT NULL,
        reason             text        NOT NULL,
        group_key          text        NOT NULL,
        legal_entity_id    text        NOT NULL,
        opening            int         NOT NULL,
        state              text        NOT NULL,
        severity           text        NOT NULL,
        owner              text        NOT NULL,
        opened_at          timestamptz NOT NULL,
        due_at             timestamptz NOT NULL,
        resolved_at        timestamptz,
        items              int         NOT NULL,
        hours              numeric     NOT NULL,
        amounts            jsonb       NOT NULL,
        earliest_work_date date,
        detail             text        NOT NULL,
        CONSTRAINT exception_case__pk PRIMARY KEY (case_id),
        CONSTRAINT exception_case__opening__uq UNIQUE (reason, group_key, legal_entity_id, opening),
        CONSTRAINT exception_case__state__ck CHECK (state IN ('open', 'resolved'))
      )`);
    await runner.query(`CREATE INDEX exception_case__due__ix ON exception_case (due_at) WHERE state = 'open'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['exception_case', 'case_item', 'case_signal']) await runner.query(`DROP TABLE ${table}`);
  }
}
