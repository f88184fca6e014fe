import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What candidates would change, who may pass which rule once, and what is remembered of a release beside its hash. */
export class PlansAndOverrides1764000000000 implements MigrationInterface {
  name = 'PlansAndOverrides1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE policy_plan (
        plan_id     uuid        NOT NULL,
        asked_by    text        NOT NULL,
        asked_at    timestamptz NOT NULL,
        files       jsonb,
        days        int         NOT NULL,
        state       text        NOT NULL,
        starts      int         NOT NULL DEFAULT 0,
        done        int         NOT NULL DEFAULT 0,
        total       int         NOT NULL DEFAULT 0,
        problem     text,
        report      jsonb,
        finished_at timestamptz,
        CONSTRAINT policy_plan__pk PRIMARY KEY (plan_id),
        CONSTRAINT policy_plan__state__ck CHECK (state IN ('running','done','failed'))
      )`);
    await runner.query(`CREATE INDEX policy_plan__running__ix ON policy_plan (asked_at) WHERE state = 'running'`);
    await runner.query(`
      CREATE TABLE entry_override (
        entry_id     uuid        NOT NULL,
        revision     bigint      NOT NULL,
        override_id  uuid        NOT NULL,
        reasons      text[]      NOT NULL,
        valid_until  timestamptz NOT NULL,
        state        text        NOT NULL,
        requested_by text        NOT NULL,
        approved_by  text        NOT NULL,
        CONSTRAINT entry_override__pk PRIMARY KEY (entry_id),
        CONSTRAINT entry_override__state__ck CHECK (state IN ('active','ended'))
      )`);
    await runner.query(
      `ALTER TABLE time_entry ADD COLUMN rules_digest text, ADD COLUMN released_posting_date date, ADD COLUMN released_unrated_hash uuid`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE time_entry DROP COLUMN rules_digest, DROP COLUMN released_posting_date, DROP COLUMN released_unrated_hash`,
    );
    for (const table of ['entry_override', 'policy_plan']) await runner.query(`DROP TABLE ${table}`);
  }
}
